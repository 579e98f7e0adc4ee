import type { PlanningRate } from './rate.ts'
import type { BatchEta } from './types.ts'

/** Standard deviations from the middle to the 90 % point of a normal distribution. */
const Z90 = 1.28
/** Before this much was measured there is no number to show. */
const ENOUGH_REQUESTS = 30
const ENOUGH_MS = 120_000
/** A doubted rate is never taken for less than this share of itself. */
const LEAST_RATE_SHARE = 0.05
/** Beyond a year the exact length says nothing more, and a number stays finite. */
const LONGEST_MS = 366 * 86_400_000

/** Mean and variance of the units (output tokens, or 1) of finished requests, and how many those are. */
export interface UnitStatistics {
  readonly count: number
  readonly mean: number
  readonly variance: number
}

/** Units that are left, and the standard deviation of that guess. */
export interface RemainingWork {
  readonly units: number
  readonly deviation: number
}

/** Finished requests of an endpoint without tokens: each is one unit of work. */
export function requestsAsUnits(finished: number): UnitStatistics {
  return { count: finished, mean: 1, variance: 0 }
}

/** Statistics of completed requests joined with failed ones, which count as finished and made no tokens. */
export function withFailures(completed: UnitStatistics, failed: number): UnitStatistics {
  const count = completed.count + failed
  if (failed === 0 || count === 0) return completed
  const mean = (completed.mean * completed.count) / count
  const squares = completed.count * (completed.variance + completed.mean ** 2)
  return { count, mean, variance: Math.max(0, squares / count - mean ** 2) }
}

/**
 * Output tokens that a request is expected to make: from 30 finished ones on their own mean, before that what the model's earlier batches
 * made, else half of the limit (`maxTokens`: the requests' mean). `spread` is the standard deviation of one request.
 */
export function expectedUnits(
  finished: UnitStatistics,
  prior: { readonly modelMean: number | null; readonly maxTokens: number },
): { readonly mean: number; readonly spread: number } {
  if (finished.count >= ENOUGH_REQUESTS) return { mean: finished.mean, spread: Math.sqrt(finished.variance) }
  // Of an unknown length that is never negative the mean is the cautious spread.
  if (prior.modelMean !== null) return { mean: prior.modelMean, spread: prior.modelMean }
  return { mean: prior.maxTokens / 2, spread: prior.maxTokens / 2 }
}

/** W = n_left·m with σ_W² = n_left·s² + n_left²·s²/n_done: what the rest varies by, and what the mean may be off by. */
export function remainingWork(left: number, finished: UnitStatistics): RemainingWork {
  const ofRest = left * finished.variance
  const ofMean = finished.count > 0 ? (left ** 2 * finished.variance) / finished.count : 0
  return { units: left * finished.mean, deviation: Math.sqrt(ofRest + ofMean) }
}

/** 1.28 standard deviations of the work and of the mean rate, as shares of each: what the factor of a model multiplies. */
export interface Doubt {
  readonly work: number
  readonly rate: number
}

export function doubtOf(work: RemainingWork, rate: PlanningRate): Doubt {
  const ofMean = rate.samples > 0 ? rate.deviation / Math.sqrt(rate.samples) : 0
  return { work: work.units > 0 ? (Z90 * work.deviation) / work.units : 0, rate: rate.rate > 0 ? (Z90 * ofMean) / rate.rate : 0 }
}

/** Milliseconds until the work is done: P50 = W/r, P90 = (W + 1.28σ_W)/max(r − 1.28 s_r/√k, 0.05 r), both 1.28 times `factor`. */
export function timeLeft(
  work: RemainingWork,
  rate: PlanningRate,
  factor: number,
): { readonly p50_ms: number; readonly p90_ms: number } | null {
  if (work.units === 0) return { p50_ms: 0, p90_ms: 0 }
  if (rate.rate <= 0) return null
  const doubt = doubtOf(work, rate)
  const p50 = (work.units / rate.rate) * 1000
  const p90 = (p50 * (1 + factor * doubt.work)) / Math.max(1 - factor * doubt.rate, LEAST_RATE_SHARE)
  return { p50_ms: Math.min(LONGEST_MS, p50), p90_ms: Math.min(LONGEST_MS, p90) }
}

export interface EtaInput {
  readonly at: number
  readonly left: number
  readonly finished: UnitStatistics
  readonly rate: PlanningRate
  /** Time that the batch has run; what it waited or slept is not in it. */
  readonly activeMs: number
  readonly factor: number
}

/** The measured time left; null (“estimating”) before 30 requests are finished or 2 minutes have run, or while nothing moves at all. */
export function measuredEta(input: EtaInput): BatchEta | null {
  if (input.finished.count < ENOUGH_REQUESTS || input.activeMs < ENOUGH_MS) return null
  const left = timeLeft(remainingWork(input.left, input.finished), input.rate, input.factor)
  return left && { at: input.at, ...left, source: 'measured' }
}

/** What stands beside “estimating”: the range from before the start, less what has run. Without the wait. */
export function estimatedEta(
  at: number,
  duration: readonly [likely: number, worst: number] | null,
  activeMs: number,
): BatchEta | null {
  if (!duration) return null
  const left = (whole: number) => Math.max(0, whole - activeMs)
  return { at, p50_ms: left(duration[0]), p90_ms: left(duration[1]), source: 'estimate' }
}

/** How a list of batches is sorted: min(1, 2·P50/r). Never shown as a probability. */
export function riskOrder(p50Ms: number, leftMs: number): number {
  return leftMs <= 0 ? 1 : Math.min(1, (2 * p50Ms) / leftMs)
}
