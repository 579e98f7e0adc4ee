import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { systemView } from '../lib/test-console.tsx'
import { setUpPages } from '../lib/test-pages.tsx'
import { StorageBanner } from './storage-banner.tsx'

const pages = setUpPages()

it('says above every page what keeps the store from being whole, and goes when it is over', async () => {
  const console = pages.host()
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
  const console = pages.host({
    settings: { acknowledgeDamage: (input) => Promise.resolve(void acknowledged.push(input)).then(() => ({})) },
  })
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
  await waitFor(() => expect(acknowledged).toEqual([{ id: 'store.damage' }]))
})
