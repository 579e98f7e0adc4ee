import { act, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CANCEL_WINDOW_MS } from '../lib/cancel-windows.ts'
import { stubBrowser, testConsole } from '../lib/test-console.tsx'
import { CancelBanners } from './cancel-banners.tsx'

beforeEach(() => {
  stubBrowser()
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function start(deed: () => Promise<void>) {
  const console = testConsole()
  console.show(<CancelBanners />)
  const open = (id = 'a') => act(() => console.cancelWindows.open({ id, title: 'Deleting nightly', act: deed }))
  return { ...console, open }
}

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))

describe('what was confirmed and cannot be undone', () => {
  it('counts down, is done when its moment is over, and only once however often it was confirmed', async () => {
    const deed = vi.fn(() => Promise.resolve())
    const { open } = start(deed)
    open()
    open()
    expect(screen.getAllByRole('status').map(({ textContent }) => textContent)).toEqual(['Deleting nightly in 8\u00a0sUndo'])
    await pass(CANCEL_WINDOW_MS - 1)
    expect(deed).not.toHaveBeenCalled()
    await pass(1)
    expect(deed).toHaveBeenCalledOnce()
    expect(screen.queryByRole('status')).toBeNull()
  })

  it('is not done once it was called off; what else waits goes on', async () => {
    const deed = vi.fn(() => Promise.resolve())
    const { open } = start(deed)
    open('a')
    open('b')
    act(() => screen.getAllByRole('button', { name: 'Undo' })[0]!.click())
    await pass(CANCEL_WINDOW_MS)
    expect(deed).toHaveBeenCalledOnce()
  })

  it('says so where it could not be done', async () => {
    const { open, failures } = start(() => Promise.reject(new Error('The host cannot be reached.')))
    open()
    await pass(CANCEL_WINDOW_MS)
    expect(failures).toEqual(['Deleting nightly: Error: The host cannot be reached.'])
  })
})
