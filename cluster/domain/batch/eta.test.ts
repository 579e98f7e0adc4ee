import { describe, expect, test } from 'vitest'
import {
  estimatedEta,
  expectedUnits,
  measuredEta,
  remainingWork,
  requestsAsUnits,
  riskOrder,
  timeLeft,
  withFailures,
  type EtaInput,
} from './eta.ts'

const HOUR = 3_600_000
const finished = { count: 30_000, mean: 120, variance: 3600 }
const rate = { rate: 3_600_000 / 10_800, deviation: 80, samples: 240 }

describe('check 2: 30,000 of 100,000 requests of 120 ± 60 tokens in 3 h', () => {
  test('leave 8.4 M tokens, give or take 28,983', () => {
    const work = remainingWork(70_000, finished)
    expect(work.units).toBe(8_400_000)
    expect(work.deviation).toBeCloseTo(28_983, 0)
  })

  test('take 7.00 h more, and 7.17 h at worst', () => {
    const left = timeLeft(remainingWork(70_000, finished), rate, 1)
    expect(left && left.p50_ms / HOUR).toBeCloseTo(7, 6)
    expect(left && left.p90_ms / HOUR).toBeCloseTo(7.17, 2)
    expect(riskOrder(7 * HOUR, 21 * HOUR)).toBeCloseTo(0.667, 3)
  })
})

test.each([
  [1, 7.17],
  [2, 7.35],
])('a factor of %d makes the worst case %d h', (factor, hours) => {
  expect((timeLeft(remainingWork(70_000, finished), rate, factor)?.p90_ms ?? 0) / HOUR).toBeCloseTo(hours, 2)
})

test('a rate in great doubt is taken for a twentieth of itself at worst', () => {
  const left = timeLeft({ units: 100, deviation: 0 }, { rate: 10, deviation: 1000, samples: 1 }, 1)
  expect(left).toEqual({ p50_ms: 10_000, p90_ms: 200_000 })
})

test.each([
  ['nothing left takes no time, even without a rate', 0, 0, { p50_ms: 0, p90_ms: 0 }],
  ['no rate gives no number', 5, 0, null],
  ['what would take ages is a year', 1e12, 1e-3, { p50_ms: 366 * 86_400_000, p90_ms: 366 * 86_400_000 }],
])('%s', (_name, units, perSecond, expected) => {
  expect(timeLeft({ units, deviation: 0 }, { rate: perSecond, deviation: 0, samples: 9 }, 1)).toEqual(expected)
})

describe('the measured time left', () => {
  const input: EtaInput = { at: 5, left: 10, finished: { count: 30, mean: 2, variance: 0 }, rate, activeMs: 120_000, factor: 1 }
  test.each([
    ['is there from 30 requests and 2 minutes on', input, true],
    ['is not with 29 requests', { ...input, finished: { ...input.finished, count: 29 } }, false],
    ['is not before 2 minutes', { ...input, activeMs: 119_999 }, false],
    ['is not while nothing moves', { ...input, rate: { ...rate, rate: 0 } }, false],
  ])('%s', (_name, given, isThere) => {
    const eta = measuredEta(given)
    expect(eta !== null).toBe(isThere)
    if (eta) expect(eta).toMatchObject({ at: 5, source: 'measured' })
  })
})

describe('an estimate', () => {
  test('takes off what has run', () => {
    expect(estimatedEta(1, [100, 300], 0)).toEqual({ at: 1, p50_ms: 100, p90_ms: 300, source: 'estimate' })
    expect(estimatedEta(1, [100, 300], 120)).toEqual({ at: 1, p50_ms: 0, p90_ms: 180, source: 'estimate' })
  })

  test('is unknown where the duration is', () => {
    expect(estimatedEta(1, null, 0)).toBeNull()
  })
})

test.each([
  ['its own mean from 30 finished requests on', { count: 30, mean: 80, variance: 9 }, 100, { mean: 80, spread: 3 }],
  ['what the model made before', { count: 29, mean: 80, variance: 9 }, 100, { mean: 100, spread: 100 }],
  ['half of the limit', { count: 0, mean: 0, variance: 0 }, null, { mean: 256, spread: 256 }],
])('a request is expected to make %s', (_name, statistics, modelMean, expected) => {
  expect(expectedUnits(statistics, { modelMean, maxTokens: 512 })).toEqual(expected)
})

test('failed requests count as finished and made nothing', () => {
  const joined = withFailures({ count: 70, mean: 100, variance: 0 }, 30)
  expect(joined.count).toBe(100)
  expect(joined.mean).toBeCloseTo(70)
  expect(joined.variance).toBeCloseTo(2100)
  expect(remainingWork(100, joined).units).toBeCloseTo(7000)
})

test('where there are no tokens a request is the unit', () => {
  expect(remainingWork(40, requestsAsUnits(60))).toEqual({ units: 40, deviation: 0 })
})
