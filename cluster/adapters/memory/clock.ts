import type { Clock } from '../../ports/clock.ts'

export interface ManualClock extends Clock {
  /** Moves the time on; sleepers whose time has come wake in the order of their times. */
  advance(ms: number): void
}

/** A clock that stands still until it is advanced. */
export function createManualClock(startAt = 1_700_000_000_000): ManualClock {
  let now = startAt
  const sleepers = new Set<{ readonly wakeAt: number; readonly wake: () => void }>()

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (ms <= 0 || signal?.aborted) return resolve()
        const wake = () => {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        const sleeper = { wakeAt: now + ms, wake }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', wake)
      }),
    advance: (ms) => {
      now += ms
      const due = [...sleepers].filter((sleeper) => sleeper.wakeAt <= now).sort((a, b) => a.wakeAt - b.wakeAt)
      for (const sleeper of due) sleeper.wake()
    },
  }
}

/** A manual clock, and what a store's spec calls to let time pass on it. */
export function heldClock(): { readonly clock: ManualClock; readonly pass: (ms: number) => Promise<void> } {
  const clock = createManualClock()
  return {
    clock,
    pass: (ms) => {
      clock.advance(ms)
      return Promise.resolve()
    },
  }
}
