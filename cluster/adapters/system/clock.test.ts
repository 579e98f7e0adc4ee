import { describe, expect, it } from 'vitest'
import { systemClock } from './clock.ts'

describe('the system clock', () => {
  it('sleeps for the time it was given', async () => {
    const startedAt = systemClock.now()
    await systemClock.sleep(60)
    expect(systemClock.now() - startedAt).toBeGreaterThanOrEqual(55)
  })

  it.each([60_000, 2 ** 40])('wakes at once from a sleep of %i ms when the signal aborts', async (ms) => {
    const stop = new AbortController()
    const asleep = systemClock.sleep(ms, stop.signal)
    expect(await Promise.race([asleep, systemClock.sleep(20).then(() => 'still asleep')])).toBe('still asleep')
    stop.abort()
    await asleep
    await systemClock.sleep(ms, stop.signal)
  })
})
