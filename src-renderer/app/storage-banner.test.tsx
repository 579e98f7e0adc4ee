import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { stubBrowser, systemView, testConsole } from '../lib/test-console.tsx'
import { StorageBanner } from './storage-banner.tsx'

let close = () => {}
beforeEach(() => stubBrowser())
afterEach(() => {
  cleanup()
  close()
  vi.unstubAllGlobals()
})

it('says above every page what keeps the store from being whole, and goes when it is over', async () => {
  const console = testConsole()
  close = console.close
  const refused = {
    id: 'store.refused',
    severity: 'bad' as const,
    title: 'The last write was refused',
    detail: 'No room to write to local.db. Free disk space and try again.',
    is_over: false,
  }
  console.system.push({ ...systemView, storage: [refused] })
  console.show(<StorageBanner />)
  expect((await screen.findByRole('alert')).textContent).toContain('Free disk space and try again')
  expect(screen.queryByRole('button', { name: 'I have read this' })).toBeNull()
  console.system.push({ ...systemView, storage: [] })
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull())
})

it('keeps a notice of past damage until it was read', async () => {
  const user = userEvent.setup()
  const acknowledged: unknown[] = []
  const console = testConsole({
    answers: { settings: { acknowledgeDamage: (input) => Promise.resolve(void acknowledged.push(input)).then(() => ({})) } },
  })
  close = console.close
  const damage = {
    id: 'store.damage',
    severity: 'bad' as const,
    title: 'The log was damaged',
    detail: 'A copy is kept.',
    is_over: true,
  }
  console.system.push({ ...systemView, storage: [damage] })
  console.show(<StorageBanner />)
  await user.click(await screen.findByRole('button', { name: 'I have read this' }))
  await waitFor(() => expect(acknowledged).toEqual([{}]))
})
