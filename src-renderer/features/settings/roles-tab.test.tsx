import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { setUpPages } from '../../lib/test-pages.tsx'
import type { RoleView } from './role-fields.ts'
import { RolesTab } from './roles-tab.tsx'

const shipped: RoleView = {
  name: 'developer',
  title: 'Developer',
  persona: 'You develop.',
  rubric: [{ name: 'Correctness', weight: 1 }],
  temperature: 0.7,
  max_tokens: null,
  model: null,
  context_window: null,
  required_sections: [],
  builtin: true,
  changed: false,
}

const pages = setUpPages()

it('A role that is reset is shown as it was shipped, not as it was changed', async () => {
  const reset = Promise.withResolvers<null>()
  pages.show(<RolesTab />, {
    settings: {
      watchRoles: async function* () {
        yield { roles: [{ ...shipped, persona: 'You rewrite everything.', changed: true }] }
        await reset.promise
        yield { roles: [shipped] }
      },
      resetRole: () => {
        reset.resolve(null)
        return Promise.resolve({})
      },
    },
  })
  expect(await screen.findByDisplayValue('You rewrite everything.')).toBeDefined()
  await userEvent.click(screen.getByRole('button', { name: 'Reset to shipped…' }))
  await userEvent.click(await screen.findByRole('button', { name: 'Reset it' }))
  expect(await screen.findByDisplayValue('You develop.')).toBeDefined()
})
