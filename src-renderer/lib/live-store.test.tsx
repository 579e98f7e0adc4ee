import { afterEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { ConsoleError } from '../../src-preload/contract/errors.ts'
import { LiveStore, type LiveSource } from './live-store.ts'

afterEach(() => {
  vi.restoreAllMocks()
  localStorage.clear()
  setVisibility('visible')
})

const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms))

function setVisibility(state: DocumentVisibilityState): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)
  document.dispatchEvent(new Event('visibilitychange'))
}

/** Yields the items, then waits for the reader to stop. */
function source(items: readonly number[], more: Partial<LiveSource<number, number>> = {}) {
  const counts = { opened: 0, stopped: 0 }
  const live: LiveSource<number, number> = {
    open: async function* (signal) {
      counts.opened += 1
      try {
        yield* items
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      } finally {
        counts.stopped += 1
      }
    },
    fold: (value, update) => (value ?? 0) + update,
    ...more,
  }
  return { counts, live }
}

describe('following a stream', () => {
  it('folds every item but renders a burst at most twice in a tenth of a second', async () => {
    const { live } = source(Array.from({ length: 50 }, () => 1))
    const store = new LiveStore(live)
    let renders = 0
    const stop = store.subscribe(() => (renders += 1))
    await turn(160)
    expect(store.state()).toMatchObject({ value: 50, state: 'live' })
    expect(renders).toBeLessThanOrEqual(2)
    stop()
  })

  it('stops with the last listener', async () => {
    const { counts, live } = source([1])
    const store = new LiveStore(live)
    const [one, two] = [store.subscribe(() => {}), store.subscribe(() => {})]
    await turn()
    one()
    await turn()
    expect(counts).toEqual({ opened: 1, stopped: 0 })
    two()
    await turn()
    expect(counts).toEqual({ opened: 1, stopped: 1 })
  })

  it('stops while the window is hidden and starts again from a snapshot when it is seen', async () => {
    const { counts, live } = source([7], { fold: (_, update) => update })
    const store = new LiveStore(live)
    const stop = store.subscribe(() => {})
    await turn()
    setVisibility('hidden')
    await turn()
    expect([counts, store.state().state]).toEqual([{ opened: 1, stopped: 1 }, 'cached'])
    setVisibility('visible')
    await turn(120)
    expect([counts.opened, store.state()]).toMatchObject([2, { value: 7, state: 'live' }])
    stop()
  })

  it('keeps the last picture for the next start and shows it as cached until the host has answered', async () => {
    const cache = { name: 'test', schema: z.number() }
    const before = new LiveStore(source([42], { cache }).live)
    const stop = before.subscribe(() => {})
    await turn()
    stop()
    expect(new LiveStore(source([], { cache }).live).state()).toMatchObject({ value: 42, state: 'cached' })
  })

  it('drops a stored picture that no longer has the right shape', () => {
    localStorage.setItem('signalbox.picture.test', JSON.stringify({ at: 1, value: 'text' }))
    const cache = { name: 'test', schema: z.number() }
    expect(new LiveStore(source([], { cache }).live).state()).toMatchObject({ value: null, state: 'waiting' })
  })

  it('keeps the value when the stream fails, and asks again', async () => {
    let tries = 0
    const { live } = source([], {
      open: async function* () {
        tries += 1
        yield 1
        await turn()
        throw new ConsoleError('unavailable', 'gone')
      },
    })
    const store = new LiveStore(live)
    const stop = store.subscribe(() => {})
    await turn(130)
    expect(store.state()).toMatchObject({ value: 1, state: 'failed', error: { code: 'unavailable' } })
    store.retry()
    await turn()
    expect(tries).toBe(2)
    stop()
  })

  it('does not ask again for what does not exist', async () => {
    vi.useFakeTimers()
    let tries = 0
    const { live } = source([], {
      open: async function* () {
        tries += 1
        await Promise.resolve()
        yield* []
        throw new ConsoleError('not-found', 'no such run')
      },
    })
    const stop = new LiveStore(live).subscribe(() => {})
    await vi.advanceTimersByTimeAsync(120_000)
    expect(tries).toBe(1)
    stop()
    vi.useRealTimers()
  })
})
