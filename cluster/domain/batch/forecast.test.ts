import { describe, expect, test } from 'vitest'
import { forecasts, type Course, type Surroundings } from './forecast.ts'
import type { Remedy } from './types.ts'

const HOUR = 3_600_000
/** 12,000 requests of 300 tokens at 1,000 tokens a second: an hour. */
const course: Course = {
  at: 0,
  deadline: HOUR,
  requestsLeft: 12_000,
  work: { units: 3_600_000, deviation: 0 },
  rate: { rate: 1000, deviation: 100, samples: 64 },
  factor: 1,
  isMeasured: true,
  estimate: null,
  concurrency: 32,
  knee: 64,
  tokensIn: 1000,
  price: { price_in: 0, price_out: 0 },
}
const around: Surroundings = {
  engines: [
    { engine_id: 'cloud', model: 'flash', rate: 500, price: { price_in: 100_000, price_out: 400_000 }, startMs: 0 },
    { engine_id: 'new', model: 'flash', rate: null, price: null, startMs: 0 },
  ],
  others: [{ batch_id: 'batch-2', name: 'nightly eval', rate: 1000 }],
}
const ask = (remedy: Remedy, more: Partial<Course> = {}) => forecasts({ ...course, ...more }, around, [remedy])[1]
const hours = (ms: number | undefined) => ms && ms / HOUR

describe('the end of a batch', () => {
  test('as it runs now comes first', () => {
    const [now] = forecasts(course, around, [])
    expect(now).toMatchObject({
      remedy: null,
      title: 'As it runs now',
      extra_cost_micro_usd: 0,
      basis: '32 at once, 1000 a second',
    })
    expect(hours(now?.eta?.p50_ms)).toBe(1)
    expect(hours(now?.eta?.p90_ms)).toBeCloseTo(1.0163, 3)
  })

  test('is the one that was estimated while nothing is measured, whatever the deadline', () => {
    const estimate = { at: 0, p50_ms: HOUR / 4, p90_ms: HOUR / 2, source: 'estimate' as const }
    const unmeasured = { ...course, rate: { rate: 0, deviation: 0, samples: 0 }, isMeasured: false, estimate }
    const [now, later] = forecasts(unmeasured, around, [{ kind: 'deadline', deadline: 2 * HOUR }])
    expect([now?.eta, now?.basis, later?.eta]).toEqual([estimate, 'estimated; too little measured yet', estimate])
  })

  test('keeps its wait for a slot with every remedy of the work', () => {
    const estimate = { at: 0, p50_ms: 3 * HOUR, p90_ms: 4 * HOUR, source: 'estimate' as const }
    const faster = ask({ kind: 'concurrency', limit: 64 }, { isMeasured: false, estimate })
    // Two hours until it starts, then half an hour instead of one.
    expect(hours(faster?.eta?.p50_ms)).toBeCloseTo(2.5)
  })

  test.each([
    ['comes twice as soon with twice as many at once', 64, 64, 0.5],
    ['comes no sooner for more than its engine can use', 640, 64, 0.5],
    ['comes as soon as the number at once says where no limit was found', 128, null, 0.25],
    ['comes later with fewer', 16, 64, 2],
    ['comes no later for a knee that lies below what runs', 48, 20, 1],
  ])('%s', (_name, limit, knee, expected) => {
    expect(hours(ask({ kind: 'concurrency', limit }, { knee })?.eta?.p50_ms)).toBeCloseTo(expected)
  })

  test('with requests moved to another engine comes when both are done, and has its price', () => {
    const moved = ask({ kind: 'overflow', engine_id: 'cloud', model: 'flash', requests: 4000 })
    // A third of the work at half the rate takes as long as the two thirds that stay.
    expect(hours(moved?.eta?.p50_ms)).toBeCloseTo(2 / 3)
    expect(moved?.extra_cost_micro_usd).toBe(880_000)
    const half = ask({ kind: 'overflow', engine_id: 'cloud', model: 'flash', requests: 6000 })
    expect(hours(half?.eta?.p50_ms)).toBeCloseTo(1)
    const all = ask({ kind: 'overflow', engine_id: 'cloud', model: 'flash', requests: 99_999 })
    expect(all?.title).toBe('12000 requests to flash')
  })

  test('is unknown, and says why, on an engine that was never measured or is not there', () => {
    expect(ask({ kind: 'overflow', engine_id: 'new', model: 'flash', requests: 10 })).toMatchObject({
      eta: null,
      extra_cost_micro_usd: null,
      basis: 'unknown, because the rate of flash has not been measured',
    })
    expect(ask({ kind: 'overflow', engine_id: 'none', model: 'flash', requests: 10 })).toMatchObject({ eta: null })
    expect(ask({ kind: 'pause_other', batch_id: 'none' })).toMatchObject({ eta: null })
  })

  test('with another batch paused has its rate too', () => {
    const paused = ask({ kind: 'pause_other', batch_id: 'batch-2' })
    expect(paused?.title).toBe('Pause nightly eval')
    expect(hours(paused?.eta?.p50_ms)).toBeCloseTo(0.5)
  })

  test('with a later deadline is where it is, and the deadline is not', () => {
    expect(ask({ kind: 'deadline', deadline: 3 * HOUR })).toMatchObject({
      deadline: 3 * HOUR,
      basis: '2 h more; it runs as now',
      eta: forecasts(course, around, [])[0]?.eta,
    })
  })

  test('is marked as an estimate before enough was measured', () => {
    expect(forecasts({ ...course, isMeasured: false }, around, [])[0]?.eta?.source).toBe('estimate')
  })
})
