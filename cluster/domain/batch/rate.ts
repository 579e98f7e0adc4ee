import type { BatchRates, WorkUnit } from './types.ts'

/** Time constants of the two windows. */
const FAST_MS = 300_000
const SLOW_MS = 3_600_000
/** Outside this band of fast / slow the fast window plans, whatever the noise. */
const WIDE_BAND = [0.7, 1.3] as const
/** Outside this one it plans where the difference stands out of its noise: a drift of 20 % an hour never leaves the wide one. */
const NARROW_BAND = [0.93, 1.07] as const
/** Standard errors of the fast mean that stand out. */
const STANDS_OUT = 2
/** Inside this one the slow window plans again. */
const RETURN_BAND = [0.97, 1.03] as const
/** Two readings farther apart than this were taken before and after a sleep or a restart: the time between them is nobody's. */
const LONGEST_GAP_MS = 120_000

/** A time-decayed mean of a rate. Plain numbers, so that it can be stored. */
interface RateWindow {
  /** 1 − e^(−t/τ): the share of the window that was measured. A mean over it is the young correction of r₀ = 0. */
  readonly weight: number
  /** Units per second. */
  readonly mean: number
  /** Decayed sum of squared deviations; divided by `weight` it is the variance s_r². */
  readonly scatter: number
  /** Decayed count: how many readings stand in τ. */
  readonly samples: number
}

/** What is known of a batch's speed. Only time in which it ran is in it: paused, asleep and queued time is never handed in. */
export interface RateState {
  readonly unit: WorkUnit
  readonly activeMs: number
  readonly fast: RateWindow
  readonly slow: RateWindow
  readonly planning: 'fast' | 'slow'
}

/** The rate that plans: units per second, its standard deviation per reading, and the readings that it rests on. */
export interface PlanningRate {
  readonly rate: number
  readonly deviation: number
  readonly samples: number
}

const NEW_WINDOW: RateWindow = { weight: 0, mean: 0, scatter: 0, samples: 0 }

export function startRates(unit: WorkUnit): RateState {
  return { unit, activeMs: 0, fast: NEW_WINDOW, slow: NEW_WINDOW, planning: 'slow' }
}

/**
 * One reading: `units` done in `ms` milliseconds of running. r ← r + (1−e^(−Δt/τ))·(x/Δt − r) for both windows, with the mean kept corrected for youth and the variance beside it (West 1979, weighted).
 */
export function measure(state: RateState, reading: { readonly ms: number; readonly units: number }): RateState {
  if (!(reading.ms > 0)) return state
  const perSecond = (Math.max(0, reading.units) / reading.ms) * 1000
  const fast = decayed(state.fast, perSecond, reading.ms, FAST_MS)
  const slow = decayed(state.slow, perSecond, reading.ms, SLOW_MS)
  return { unit: state.unit, activeMs: state.activeMs + reading.ms, fast, slow, planning: choose(state.planning, fast, slow) }
}

function decayed(window: RateWindow, perSecond: number, ms: number, tau: number): RateWindow {
  const step = 1 - Math.exp(-ms / tau)
  const weight = window.weight + step * (1 - window.weight)
  const difference = perSecond - window.mean
  const mean = window.mean + (step / weight) * difference
  return {
    weight,
    mean,
    scatter: (1 - step) * window.scatter + step * difference * (perSecond - mean),
    samples: (1 - step) * window.samples + 1,
  }
}

/** With a band to come back by: right after a step slow runs towards fast, and one band alone would plan with it half-way. */
function choose(planning: 'fast' | 'slow', fast: RateWindow, slow: RateWindow): 'fast' | 'slow' {
  if (slow.mean === 0) return 'slow'
  const ratio = fast.mean / slow.mean
  if (planning === 'fast') return isIn(RETURN_BAND, ratio) ? 'slow' : 'fast'
  const standsOut = Math.abs(fast.mean - slow.mean) > (STANDS_OUT * deviationOf(fast)) / Math.sqrt(fast.samples)
  return isIn(NARROW_BAND, ratio) || (isIn(WIDE_BAND, ratio) && !standsOut) ? 'slow' : 'fast'
}

function isIn([low, high]: readonly [number, number], ratio: number): boolean {
  return ratio >= low && ratio <= high
}

/** s_r: of one reading. */
function deviationOf({ weight, scatter }: RateWindow): number {
  return weight > 0 ? Math.sqrt(Math.max(0, scatter / weight)) : 0
}

/** A stored point of a batch's course: when, and how many units were done then in all. `active`: it ran since the point before. */
export interface RatePoint {
  readonly at: number
  readonly units: number
  readonly active: boolean
}

/**
 * The rates after a restart, from stored points in the order they were written. Spans in which it did not run, spans longer than two
 * minutes and spans that a clock set back makes negative are passed over.
 */
export function restoreRates(unit: WorkUnit, points: readonly RatePoint[]): RateState {
  let state = startRates(unit)
  for (const [index, point] of points.entries()) {
    const before = points[index - 1]
    if (!before || !point.active) continue
    const ms = awakeMs(point.at - before.at)
    state = measure(state, { ms, units: point.units - before.units })
  }
  return state
}

/** Milliseconds of a span between two readings that were spent awake: 0 where it is too long to have been, or negative. */
export function awakeMs(spanMs: number): number {
  return spanMs > 0 && spanMs <= LONGEST_GAP_MS ? spanMs : 0
}

export function planningRate(state: RateState): PlanningRate {
  const window = state[state.planning]
  return {
    rate: window.mean,
    deviation: deviationOf(window),
    samples: window.samples,
  }
}

/** Both rates with the reason for the one that plans. */
export function ratesOf(state: RateState): BatchRates {
  const { unit, fast, slow, planning } = state
  return { unit, fast: fast.mean, slow: slow.mean, planning, why: reason(state) }
}

function reason({ activeMs, fast, slow, planning }: RateState): string {
  if (activeMs === 0) return 'Nothing has been measured yet.'
  const measured = activeMs < SLOW_MS ? `the ${minutes(activeMs)} measured so far` : 'the last hour'
  if (planning === 'slow') return `The mean of ${measured}: the last 5 minutes agree with it.`
  const change = Math.round((fast.mean / slow.mean - 1) * 100)
  const direction = change < 0 ? `${-change} % slower than` : `${change} % faster than`
  return `The last 5 minutes: they are ${direction} the mean of ${measured}.`
}

function minutes(ms: number): string {
  const whole = Math.max(1, Math.round(ms / 60_000))
  return whole === 1 ? 'minute' : `${whole} minutes`
}
