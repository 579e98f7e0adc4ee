import { expect, test } from 'vitest'
import { ageAt, takeUpAge } from './age.ts'

test.each([
  ['runs on while the time of day stands', { acceptedAt: 1000, lastSeenAt: 1000, now: 1000 }, 500, 500],
  ['holds what passed while nobody looked', { acceptedAt: 1000, lastSeenAt: 2000, now: 9000 }, 500, 8500],
  [
    'is at least what was written, though the time of day was set back',
    { acceptedAt: 1000, lastSeenAt: 2000, now: 10 },
    500,
    1500,
  ],
  ['is never negative', { acceptedAt: 1000, lastSeenAt: 900, now: 10 }, 0, 0],
])('the age of a batch %s', (_name, times, laterMs, age) => {
  expect(ageAt(takeUpAge(times, 70_000), 70_000 + laterMs)).toBe(age)
})

test('a clock that steps back stands still', () => {
  const age = takeUpAge({ acceptedAt: 0, lastSeenAt: 0, now: 100 }, 50)
  expect(ageAt(age, 20)).toBe(100)
})
