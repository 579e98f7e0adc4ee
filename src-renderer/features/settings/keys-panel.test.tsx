import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import type { ApiKeyView, NewApiKey } from '../../../src-preload/contract/key.ts'
import { setUpPages, standing } from '../../lib/test-pages.tsx'
import { KeysPanel } from './keys-panel.tsx'

const nightly: ApiKeyView = {
  id: 'abcdef123456',
  name: 'nightly',
  hint: 'wxyz',
  scopes: ['batches', 'files'],
  tier: 'premium',
  created_at: 1_700_000_000_000,
  last_used_at: null,
}

const pages = setUpPages()

function open(keys: readonly ApiKeyView[]) {
  const [made, revoked]: [NewApiKey[], string[]] = [[], []]
  pages.show(<KeysPanel />, {
    key: {
      watch: (_, signal) => standing({ keys: [...keys] }, signal),
      create: (wanted) => {
        made.push(wanted)
        return Promise.resolve({ key: 'sbx_new_secret', view: { ...nightly, ...wanted } })
      },
      revoke: ({ id }) => {
        revoked.push(id)
        return Promise.resolve({})
      },
    },
  })
  return { made, revoked }
}

describe('API keys', () => {
  it('are shown with what each may do, and revoked with what stops', async () => {
    const user = userEvent.setup()
    const { revoked } = open([nightly])
    expect(await screen.findByText('batches, files')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Revoke…' }))
    expect(await screen.findByText(/it is refused with 401/)).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Revoke it for good' }))
    await waitFor(() => expect(revoked).toEqual(['abcdef123456']))
  })

  it('are made with a name, scopes and a tier, and shown once', async () => {
    const user = userEvent.setup()
    const { made } = open([])
    await user.click(await screen.findByRole('button', { name: 'New key…' }))
    await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'ci')
    await user.click(screen.getByRole('checkbox', { name: 'Embeddings' }))
    await user.click(screen.getByRole('button', { name: 'Make the key' }))
    expect(await screen.findByText('sbx_new_secret')).toBeTruthy()
    expect(made).toEqual([{ name: 'ci', scopes: ['chat', 'batches', 'files'], tier: 'basic' }])
    await user.click(screen.getByRole('button', { name: 'I have kept it' }))
    await waitFor(() => expect(screen.queryByText('sbx_new_secret')).toBeNull())
  })
})
