import { describe, expect, test } from 'vitest'
import { accuracy, fitFactor, type ShownAndActual } from './calibration.ts'

/** Intervals of 100 to 110 s, and what happened: 100 s plus each of `late` seconds. */
const shown = (late: readonly number[], factor = 1): ShownAndActual[] =>
  late.map((seconds) => ({ p50_ms: 100_000, p90_ms: 110_000, factor, actual_ms: 100_000 + seconds * 1000 }))
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

describe('the factor of a model', () => {
  test.each([
    ['is 1 before 20 intervals were shown', shown(upTo(19)), 1],
    ['is what 90 % of them would have needed', shown(upTo(99)), 9],
    ['counts from the factor that was shown', shown(upTo(99), 2), 18],
    ['shrinks where intervals were too wide', shown(upTo(99).map((i) => i / 20)), 0.45],
    ['is never below a quarter', shown(upTo(99).map(() => -5)), 0.25],
    ['is never above 50', shown(upTo(99).map(() => 5000)), 50],
  ])('%s', (_name, pairs, factor) => {
    expect(fitFactor(pairs)).toBeCloseTo(factor, 6)
  })

  test('makes 90 % of the shown intervals hold', () => {
    const pairs = shown(upTo(200).map((i) => (i * 7919) % 211))
    const factor = fitFactor(pairs)
    const widened = pairs.map((each) => ({ ...each, p90_ms: each.p50_ms + factor * (each.p90_ms - each.p50_ms) }))
    expect(accuracy(widened)?.shareByP90).toBeCloseTo(0.9, 1)
  })
})

test('the accuracy says which share ended in time and how far P50 was off', () => {
  expect(accuracy(shown([0, 20]))).toMatchObject({ count: 2, shareByP90: 0.5 })
  expect(accuracy(shown([25]))?.relativeError).toBeCloseTo(0.2)
  expect(accuracy([])).toBeNull()
})
