import { describe, expect, test } from 'vitest'
import { accuracy, fitFactor, type ShownAndActual } from './calibration.ts'

/** Intervals of 100 to 110 s, in doubt of the work alone, and what happened: 100 s plus each of `late` seconds. */
const shown = (late: readonly number[]): ShownAndActual[] =>
  late.map((seconds) => ({
    p50_ms: 100_000,
    p90_ms: 110_000,
    factor: 1,
    doubt: { work: 0.1, rate: 0 },
    actual_ms: 100_000 + seconds * 1000,
  }))
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

describe('the factor of a model', () => {
  test.each([
    ['is 1 before 20 intervals were shown', shown(upTo(19)), 1],
    ['is what 90 % of them would have needed', shown(upTo(99)), 9],
    ['shrinks where intervals were too wide', shown(upTo(99).map((i) => i / 20)), 0.45],
    ['is never below a quarter', shown(upTo(99).map(() => -5)), 0.25],
    ['is never above 50', shown(upTo(99).map(() => 5000)), 50],
    // At half the rate it takes twice as long: five doubts of a tenth.
    ['counts a doubtful rate', shown(upTo(99).map(() => 100)).map((each) => ({ ...each, doubt: { work: 0, rate: 0.1 } })), 5],
    [
      'grows with the shown interval where the doubts were not stored',
      shown(upTo(99)).map((each) => ({ ...each, factor: 2, doubt: undefined })),
      18,
    ],
    ['does not come from what was in no doubt', shown(upTo(99)).map((each) => ({ ...each, doubt: { work: 0, rate: 0 } })), 1],
  ])('%s', (_name, pairs, factor) => {
    expect(fitFactor(pairs)).toBeCloseTo(factor, 6)
  })

  test('makes 90 % of the shown intervals hold', () => {
    const pairs = shown(upTo(200).map((i) => (i * 7919) % 211))
    const factor = fitFactor(pairs)
    const widened = pairs.map((each) => ({ ...each, p90_ms: each.p50_ms * (1 + factor * 0.1) }))
    expect(accuracy(widened)?.shareByP90).toBeCloseTo(0.9, 1)
  })
})

test('the accuracy says which share ended in time and how far P50 was off', () => {
  expect(accuracy(shown([0, 20]))).toMatchObject({ count: 2, shareByP90: 0.5 })
  expect(accuracy(shown([25]))?.relativeError).toBeCloseTo(0.2)
  expect(accuracy([])).toBeNull()
})
