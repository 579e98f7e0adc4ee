import { expect, test } from 'vitest'
import { rampMinutes, reachOf } from './ramp.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

test.each([
  [24, 58.7],
  [1, 9.9],
])('check 6: the ramp of a window of %i h begins %d minutes before the deadline', (hours, minutes) => {
  expect(rampMinutes(hours * HOUR)).toBeCloseTo(minutes, 1)
})

test.each([
  ['keeps to its model before the ramp', 24, 59, 'own'],
  ['may overflow within it', 24, 58, 'ramp'],
  ['may use a paid model in the last 15 minutes', 24, 15, 'escalation'],
  ['may so from 15 minutes on where the ramp is shorter', 1, 12, 'escalation'],
  ['may so when it is overdue', 24, -5, 'escalation'],
])('a batch %s', (_name, hours, minutes, reach) => {
  expect(reachOf(hours * HOUR, minutes * MINUTE)).toBe(reach)
})
