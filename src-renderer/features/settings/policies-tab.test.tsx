import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import type { TestAnswers } from '../../lib/test-console.tsx'
import { setUpPages, standing } from '../../lib/test-pages.tsx'
import { PoliciesTab } from './policies-tab.tsx'
import type { PolicyRule, PolicyView } from './policy-fields.ts'

const shipped: PolicyView = {
  name: 'memory-limits',
  enabled: true,
  severity: 'deny',
  message: 'A container has no memory limit.',
  applies_to: 'manifests',
  languages: [],
  test: { kind: 'expression', expression: 'containers.size() > 0' },
  builtin: true,
  changed: false,
}
const own: PolicyView = {
  ...shipped,
  name: 'no-todo',
  severity: 'warn',
  message: 'Something is left to do.',
  applies_to: 'text',
  test: { kind: 'forbidden', pattern: 'TODO' },
  builtin: false,
  changed: true,
}

const pages = setUpPages()

/** The tab over a host that has these rules; returns what it was told to save and to reset. */
function open(rules: readonly PolicyView[], answers: NonNullable<TestAnswers['policy']> = {}) {
  const saved: PolicyRule[] = []
  const reset: string[] = []
  pages.show(<PoliciesTab />, {
    policy: {
      watch: (_, signal) => standing({ rules: [...rules] }, signal),
      save: ({ rule }) => Promise.resolve(void saved.push(rule)).then(() => ({})),
      reset: ({ name }) => Promise.resolve(void reset.push(name)).then(() => ({})),
      faultOf: () => Promise.resolve({ fault: null }),
      ...answers,
    },
  })
  return { saved, reset }
}

describe('the policy rules', () => {
  it('are switched off in the list, and nothing else of them changes', async () => {
    const user = userEvent.setup()
    const { saved } = open([shipped, own])
    await user.click(await screen.findByRole('switch', { name: 'memory-limits is on' }))
    const { builtin: _builtin, changed: _changed, ...rule } = shipped
    await waitFor(() => expect(saved).toEqual([{ ...rule, enabled: false }]))
  })

  it('that change elsewhere do not take what is being written; the operator keeps it, or takes theirs', async () => {
    const user = userEvent.setup()
    const elsewhere = Promise.withResolvers<null>()
    const { saved } = open([shipped], {
      watch: async function* (_, signal) {
        yield { rules: [shipped] }
        await elsewhere.promise
        yield* standing({ rules: [{ ...shipped, message: 'Theirs.', changed: true }] }, signal)
      },
    })
    const message = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Message' })
    await user.clear(message)
    await user.type(message, 'Mine.')
    elsewhere.resolve(null)
    await screen.findByText(/was changed elsewhere while you were writing/)
    expect(message.value).toBe('Mine.')
    await user.click(screen.getByRole('button', { name: 'Save the rule' }))
    expect(saved).toEqual([])
    await user.click(screen.getByRole('button', { name: 'Keep mine' }))
    await user.click(screen.getByRole('button', { name: 'Save the rule' }))
    await waitFor(() => expect(saved.map((rule) => rule.message)).toEqual(['Mine.']))
  })

  it('that change elsewhere are shown as they are now where nothing was written, or when theirs are taken', async () => {
    const user = userEvent.setup()
    const changes = [Promise.withResolvers<null>(), Promise.withResolvers<null>()] as const
    open([shipped], {
      watch: async function* (_, signal) {
        yield { rules: [shipped] }
        await changes[0].promise
        yield { rules: [{ ...shipped, message: 'First.', changed: true }] }
        await changes[1].promise
        yield* standing({ rules: [{ ...shipped, message: 'Second.', changed: true }] }, signal)
      },
    })
    await screen.findByDisplayValue(shipped.message)
    changes[0].resolve(null)
    const message = await screen.findByDisplayValue('First.')
    await user.type(message, ' And mine.')
    changes[1].resolve(null)
    await user.click(await screen.findByRole('button', { name: 'Take theirs' }))
    expect(await screen.findByDisplayValue('Second.')).toBeDefined()
  })

  it('say at the expression why it cannot be used, and are not saved then', async () => {
    const user = userEvent.setup()
    const { saved } = open([shipped], {
      faultOf: ({ test }) =>
        Promise.resolve({ fault: test.kind === 'expression' && test.expression.endsWith('(') ? 'it ends too early' : null }),
    })
    const field = await screen.findByRole('textbox', { name: 'Expression' })
    await user.clear(field)
    await user.type(field, 'containers.all(')
    await screen.findByText('it ends too early')
    expect(field.getAttribute('aria-invalid')).toBe('true')
    await user.click(screen.getByRole('button', { name: 'Save the rule' }))
    expect(saved).toEqual([])
  })

  it('are added with name, pattern and message', async () => {
    const user = userEvent.setup()
    const { saved } = open([shipped])
    await user.click(await screen.findByRole('button', { name: 'Add' }))
    await user.click(screen.getByRole('button', { name: 'Save the rule' }))
    expect(await screen.findByText('Write the pattern.')).toBeDefined()
    await user.type(screen.getByRole('textbox', { name: 'Name' }), 'says-rollback')
    await user.click(screen.getByRole('radio', { name: 'Required pattern' }))
    await user.click(screen.getByRole('radio', { name: 'Warns' }))
    await user.type(screen.getByRole('textbox', { name: 'Pattern' }), 'roll ?back')
    await user.type(screen.getByRole('textbox', { name: 'Message' }), 'It does not say how to go back.')
    await user.click(screen.getByRole('button', { name: 'Save the rule' }))
    await waitFor(() =>
      expect(saved).toEqual([
        {
          name: 'says-rollback',
          enabled: true,
          severity: 'warn',
          message: 'It does not say how to go back.',
          applies_to: 'text',
          languages: [],
          test: { kind: 'required', pattern: 'roll ?back' },
        },
      ]),
    )
  })

  it('are tried on a pasted text: the broken ones are named, and a line leads to its place', async () => {
    const user = userEvent.setup()
    const tried: string[][] = []
    open([own, shipped], {
      test: ({ rules }) => {
        tried.push(rules.map((rule) => rule.name))
        const where = { line: 2, path: null }
        return Promise.resolve({
          result: {
            check: 'policy',
            status: 'passed',
            message: '1 rule applied, none broken.',
            warnings: 1,
            details: {
              kind: 'policy',
              rules: ['no-todo'],
              violation_count: 1,
              violations: [{ rule: 'no-todo', severity: 'warn', message: own.message, where }],
            },
          },
        })
      },
    })
    const text = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'A proposal' })
    await user.type(text, 'One.{enter}TODO two.')
    await user.click(screen.getByRole('button', { name: 'Try it' }))
    const found = await screen.findByRole('list', { name: 'Where rules are broken' })
    expect(within(found).getByText('no-todo')).toBeDefined()
    await user.click(within(found).getByRole('button', { name: 'line 2' }))
    expect(text.value.slice(text.selectionStart, text.selectionEnd)).toBe('TODO two.')
    await user.click(screen.getByRole('radio', { name: 'With the 1 others that are on' }))
    await user.click(screen.getByRole('button', { name: 'Try it' }))
    await waitFor(() => expect(tried).toEqual([['no-todo'], ['no-todo', 'memory-limits']]))
  })

  it('that were added are removed after a look at what is lost', async () => {
    const user = userEvent.setup()
    const { reset } = open([own])
    await user.click(await screen.findByRole('button', { name: 'Remove…' }))
    const dialog = await screen.findByRole('dialog', { name: 'Remove no-todo?' })
    expect(within(dialog).getByText('TODO')).toBeDefined()
    expect(reset).toEqual([])
    await user.click(within(dialog).getByRole('button', { name: 'Remove it' }))
    await waitFor(() => expect(reset).toEqual(['no-todo']))
  })
})
