import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRateLimiter, rateTiers } from './rate-limit.ts'

it('A tier lets its number through in a minute, then says when the next is free', () => {
  const limiter = createRateLimiter(rateTiers.free)
  const start = 1_700_000_000_000
  const first = Array.from({ length: 10 }, (_, index) => limiter.take(start + index * 1000))
  expect(first.map(({ kind }) => kind)).toEqual(Array(10).fill('admitted'))
  expect(first.at(-1)).toMatchObject({ state: { limit: 10, remaining: 0, resetMs: 51_000 } })
  expect(limiter.take(start + 10_000)).toEqual({
    kind: 'limited',
    retryAfterMs: 50_000,
    state: { limit: 10, remaining: 0, resetMs: 50_000 },
  })
  expect(limiter.take(start + 60_000)).toMatchObject({ kind: 'admitted' })
  expect(limiter.take(start + 60_001)).toMatchObject({ kind: 'limited', retryAfterMs: 999 })
})

it('The hour holds too, and is what is told when it is the tighter one', () => {
  const limiter = createRateLimiter({ perMinute: 10, perHour: 12 })
  const times = Array.from({ length: 12 }, (_, index) => index * 30_000)
  for (const time of times) expect(limiter.take(time).kind).toBe('admitted')
  expect(limiter.take(400_000)).toEqual({
    kind: 'limited',
    retryAfterMs: 3_200_000,
    state: { limit: 12, remaining: 0, resetMs: 3_200_000 },
  })
})

it('No window of a minute or an hour ever holds more than its number, however the requests come', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 }), (gaps) => {
      const limiter = createRateLimiter({ perMinute: 5, perHour: 20 })
      const admitted: number[] = []
      let now = 0
      for (const gap of gaps) {
        now += gap
        if (limiter.take(now).kind === 'admitted') admitted.push(now)
      }
      for (const [index, time] of admitted.entries()) {
        expect(time - (admitted[index - 5] ?? -Infinity)).toBeGreaterThanOrEqual(60_000)
        expect(time - (admitted[index - 20] ?? -Infinity)).toBeGreaterThanOrEqual(3_600_000)
      }
    }),
  )
})
