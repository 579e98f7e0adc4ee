import type { Doubt } from './eta.ts'

/** What was shown once while a batch ran, what it was in doubt by, and how long it took from then on. */
export interface ShownAndActual {
  readonly p50_ms: number
  readonly p90_ms: number
  /** The factor that was in the shown P90. */
  readonly factor: number
  /** Undefined in what was stored before it was. */
  readonly doubt?: Doubt | undefined
  readonly actual_ms: number
}

/** With fewer than this many a share of 90 % cannot be told. */
const ENOUGH_SHOWN = 20
const SHARE_BY_P90 = 0.9
const LEAST = 0.25
const MOST = 50

/**
 * The factor by which a model's doubts are to be multiplied so that 90 % of what was shown would have held: the 90 % point of the factors
 * that each would have needed, with the finite-sample rank ⌈0.9·(n+1)⌉ of conformal prediction. 1 before there are 20.
 */
export function fitFactor(shown: readonly ShownAndActual[]): number {
  const needed = shown.flatMap(neededFactor).sort((a, b) => a - b)
  if (needed.length < ENOUGH_SHOWN) return 1
  const rank = Math.min(needed.length, Math.ceil(SHARE_BY_P90 * (needed.length + 1)))
  return Math.min(MOST, Math.max(LEAST, needed[rank - 1] ?? 1))
}

/**
 * The factor at which P90 would have been the actual time: t = P50·(1 + f·w)/(1 − f·d), solved for f. Without the doubts the shown
 * interval is taken to grow in proportion.
 */
function neededFactor({ p50_ms, p90_ms, factor, doubt, actual_ms }: ShownAndActual): readonly number[] {
  if (p50_ms <= 0) return []
  const times = actual_ms / p50_ms
  const doubted = doubt ? doubt.work + times * doubt.rate : (p90_ms / p50_ms - 1) / factor
  return doubted > 0 ? [(times - 1) / doubted] : []
}

/** What is published of a model's intervals: how many ended by the shown P90, and the mean relative error of P50. */
export function accuracy(
  shown: readonly Pick<ShownAndActual, 'p50_ms' | 'p90_ms' | 'actual_ms'>[],
): { readonly count: number; readonly held: number; readonly shareByP90: number; readonly relativeError: number } | null {
  const counted = shown.filter((each) => each.actual_ms > 0)
  if (counted.length === 0) return null
  const held = counted.filter((each) => each.actual_ms <= each.p90_ms).length
  const error = counted.reduce((sum, each) => sum + Math.abs(each.p50_ms - each.actual_ms) / each.actual_ms, 0)
  return { count: counted.length, held, shareByP90: held / counted.length, relativeError: error / counted.length }
}
