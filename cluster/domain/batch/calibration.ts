/** What was shown once while a batch ran, and how long it took from then on. `factor`: the one that was in the shown P90. */
export interface ShownAndActual {
  readonly p50_ms: number
  readonly p90_ms: number
  readonly factor: number
  readonly actual_ms: number
}

/** With fewer than this many a share of 90 % cannot be told. */
const ENOUGH_SHOWN = 20
const SHARE_BY_P90 = 0.9
const LEAST = 0.25
const MOST = 50

/**
 * The factor by which a model's intervals are to be wider so that 90 % of what was shown would have held: the 90 % point of the
 * factors that each shown interval would have needed ((actual − P50) / (P90 − P50) times its own), with the finite-sample rank
 * ⌈0.9·(n+1)⌉ of conformal prediction. 1 before there are 20.
 */
export function fitFactor(shown: readonly ShownAndActual[]): number {
  const needed = shown
    .filter((each) => each.p90_ms > each.p50_ms)
    .map((each) => (each.factor * (each.actual_ms - each.p50_ms)) / (each.p90_ms - each.p50_ms))
    .sort((a, b) => a - b)
  if (needed.length < ENOUGH_SHOWN) return 1
  const rank = Math.min(needed.length, Math.ceil(SHARE_BY_P90 * (needed.length + 1)))
  return Math.min(MOST, Math.max(LEAST, needed[rank - 1] ?? 1))
}

/** What is published of a model's intervals: the share that ended by the shown P90, and the mean relative error of P50. */
export function accuracy(
  shown: readonly ShownAndActual[],
): { readonly count: number; readonly shareByP90: number; readonly relativeError: number } | null {
  const counted = shown.filter((each) => each.actual_ms > 0)
  if (counted.length === 0) return null
  const held = counted.filter((each) => each.actual_ms <= each.p90_ms).length
  const error = counted.reduce((sum, each) => sum + Math.abs(each.p50_ms - each.actual_ms) / each.actual_ms, 0)
  return { count: counted.length, shareByP90: held / counted.length, relativeError: error / counted.length }
}
