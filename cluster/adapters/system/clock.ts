import type { Clock } from '../../ports/clock.ts'

/** Longer timers fire at once in Node. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's wall clock. A sleep longer than 24 days ends after 24 days. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const finish = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const timer = setTimeout(finish, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS))
      signal?.addEventListener('abort', finish)
    }),
}
