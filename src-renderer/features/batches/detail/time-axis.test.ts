import { expect, it } from 'vitest'
import { timeAxis } from './time-axis.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

it('an end in minutes and a deadline a day later both stay readable: the axis is cut between them', () => {
  const { x, ticks, cut } = timeAxis([0, 3 * MINUTE, 5 * MINUTE], [24 * HOUR], 0, 1000)
  expect(cut).toBe(800)
  expect(x(5 * MINUTE) - x(3 * MINUTE)).toBeGreaterThan(200)
  expect(x(24 * HOUR)).toBeGreaterThan(800)
  expect(ticks.every((tick) => tick <= 8 * MINUTE)).toBe(true)
})

it('an axis on which all is of like size is even', () => {
  const { x, cut } = timeAxis([0, 10 * HOUR, 16 * HOUR], [24 * HOUR], 0, 1000)
  expect(cut).toBeNull()
  expect(x(16 * HOUR) - x(8 * HOUR)).toBeCloseTo(x(24 * HOUR) - x(16 * HOUR))
})

it('a deadline that is over, or an end that is not known, needs no cut', () => {
  expect(timeAxis([24 * HOUR, 25 * HOUR], [HOUR], 0, 1000).cut).toBeNull()
  expect(timeAxis([0], [24 * HOUR], 0, 1000).cut).toBeNull()
})

it('a later deadline beyond the cut stands behind the first', () => {
  const { x } = timeAxis([0, 5 * MINUTE], [24 * HOUR, 30 * HOUR], 0, 1000)
  expect(x(30 * HOUR)).toBeGreaterThan(x(24 * HOUR))
  expect(x(30 * HOUR)).toBeLessThan(1000)
})

it('an axis has round ticks between its ends', () => {
  const axis = timeAxis([0], [6 * HOUR], 100, 800)
  expect(axis.ticks.length).toBeGreaterThanOrEqual(4)
  expect(axis.ticks.every((tick) => tick % (15 * MINUTE) === 0 && axis.x(tick) >= 100 && axis.x(tick) <= 800)).toBe(true)
})
