import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { awakeMs, measure, planningRate, ratesOf, restoreRates, startRates, type RateState } from './rate.ts'

const TICK = 15_000

function run(state: RateState, ticks: number, perSecond: number): RateState {
  for (let i = 0; i < ticks; i += 1) state = measure(state, { ms: TICK, units: perSecond * 15 })
  return state
}

describe('the rate', () => {
  test('check 5: moves by 0.0488 of the difference in 15 s in the fast window, by 0.0042 in the slow one', () => {
    const state = measure(startRates('tokens'), { ms: TICK, units: 1500 })
    expect(state.fast.weight).toBeCloseTo(0.0488, 4)
    expect(state.slow.weight).toBeCloseTo(0.0042, 4)
  })

  test('is right from the first reading on, however young', () => {
    const state = measure(startRates('tokens'), { ms: TICK, units: 1500 })
    expect(ratesOf(state)).toMatchObject({ fast: 100, slow: 100, planning: 'slow' })
  })

  test('check 2: of 30,000 requests of 120 tokens in 3 h is 333.33 tokens a second, without scatter, on 240 readings', () => {
    const { rate, deviation, samples } = planningRate(run(startRates('tokens'), 720, 3_600_000 / 10_800))
    expect(rate).toBeCloseTo(333.33, 2)
    expect(deviation).toBeCloseTo(0, 6)
    expect(samples).toBeGreaterThan(225)
    expect(samples).toBeLessThan(241)
  })

  test('scatters as its readings do', () => {
    let state = startRates('tokens')
    for (let i = 0; i < 2000; i += 1) state = measure(state, { ms: TICK, units: (i % 2 === 0 ? 80 : 120) * 15 })
    expect(planningRate(state).deviation).toBeCloseTo(20, 1)
  })

  test('does not depend on how finely it is read', () => {
    const coarse = measure(startRates('tokens'), { ms: 60_000, units: 6000 })
    const fine = run(startRates('tokens'), 4, 100)
    expect(ratesOf(fine).fast).toBeCloseTo(ratesOf(coarse).fast, 9)
    expect(fine.fast.weight).toBeCloseTo(coarse.fast.weight, 9)
  })

  test('that halves is planned by the fast window until the slow one has come near, and says so', () => {
    let state = run(startRates('tokens'), 480, 2741)
    expect(ratesOf(state)).toMatchObject({
      planning: 'slow',
      why: 'The mean of the last hour: the last 5 minutes agree with it.',
    })
    state = run(state, 40, 1370)
    expect(ratesOf(state).planning).toBe('fast')
    expect(ratesOf(state).why).toMatch(/^The last 5 minutes: they are \d+ % slower than the mean of the last hour\.$/)
    // An hour on fast / slow is 0.73 again, inside the band that would never have been left.
    state = run(state, 210, 1370)
    expect(state.fast.mean / state.slow.mean).toBeGreaterThan(0.7)
    expect(ratesOf(state).planning).toBe('fast')
    state = run(state, 640, 1370)
    expect(ratesOf(state).planning).toBe('slow')
  })

  test('that drifts within the band is planned by the fast window once the drift stands out of the noise', () => {
    let state = startRates('tokens')
    for (let i = 0; i < 480; i += 1) state = measure(state, { ms: TICK, units: 1000 * 0.8 ** (i / 240) * 15 })
    expect(state.fast.mean / state.slow.mean).toBeGreaterThan(0.7)
    expect(ratesOf(state).planning).toBe('fast')
  })

  test('that only scatters is planned by the slow window', () => {
    let state = run(startRates('tokens'), 480, 1000)
    for (let i = 0; i < 20; i += 1) state = measure(state, { ms: TICK, units: i % 4 === 0 ? 30_000 : 10_000 })
    expect(state.fast.mean / state.slow.mean).toBeLessThan(1.1)
    expect(ratesOf(state).planning).toBe('slow')
  })

  test('of time in which nothing passed is what it was', () => {
    const state = run(startRates('tokens'), 10, 50)
    expect(measure(state, { ms: 0, units: 10 })).toBe(state)
    expect(measure(state, { ms: -5, units: 10 })).toBe(state)
  })

  test('survives being stored', () => {
    const state = run(startRates('requests'), 10, 3)
    expect(JSON.parse(JSON.stringify(state))).toEqual(state)
  })
})

describe('after a restart', () => {
  const points = (...steps: readonly (readonly [at: number, units: number, active?: boolean])[]) =>
    steps.map(([at, units, active = true]) => ({ at, units, active }))

  test('the rates are those of the stored points', () => {
    const stored = Array.from({ length: 21 }, (_, i) => [i * TICK, i * 1500] as const)
    expect(restoreRates('tokens', points(...stored))).toEqual(run(startRates('tokens'), 20, 100))
  })

  test.each([
    ['a pause', points([0, 0], [TICK, 1500], [TICK * 5, 1500, false], [TICK * 6, 3000])],
    ['eight hours of sleep', points([0, 0], [TICK, 1500], [28_800_000, 1500], [28_800_000 + TICK, 3000])],
    ['a clock that was set back', points([100_000, 0], [100_000 + TICK, 1500], [0, 1500], [TICK, 3000])],
  ])('%s is not in them', (_name, stored) => {
    expect(restoreRates('tokens', stored)).toEqual(run(startRates('tokens'), 2, 100))
  })

  test.each([
    [15_000, 15_000],
    [-3, 0],
    [120_000, 120_000],
    [120_001, 0],
  ])('a span of %i ms counts as %i ms awake', (span, awake) => {
    expect(awakeMs(span)).toBe(awake)
  })
})

test('a rate lies between the slowest and the fastest reading, and its scatter is never negative', () => {
  const readings = fc.array(
    fc.record({ ms: fc.integer({ min: 1, max: 600_000 }), units: fc.integer({ min: 0, max: 1_000_000 }) }),
    {
      minLength: 1,
      maxLength: 50,
    },
  )
  fc.assert(
    fc.property(readings, (list) => {
      const state = list.reduce(measure, startRates('tokens'))
      const each = list.map(({ ms, units }) => (units / ms) * 1000)
      const { rate, deviation, samples } = planningRate(state)
      const slack = 1e-9 * Math.max(...each)
      expect(rate).toBeGreaterThanOrEqual(Math.min(...each) - slack)
      expect(rate).toBeLessThanOrEqual(Math.max(...each) + slack)
      expect(deviation).toBeGreaterThanOrEqual(0)
      expect(samples).toBeLessThanOrEqual(list.length)
    }),
  )
})
