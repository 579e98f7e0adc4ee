import type { BatchDetail } from '../../../../src-preload/contract/batch.ts'

const SHORTEST_MS = 15_000
const MAX_STEPS = 240

/** Points in time as even steps: each holds the mean of the rates that fell into it, null where none did. Null for fewer than two points. */
export function rateSteps(points: BatchDetail['points']): { from: number; step_ms: number; values: (number | null)[] } | null {
  const [first] = points
  const last = points.at(-1)
  if (!first || !last || first === last) return null
  const step_ms = Math.max(SHORTEST_MS, Math.ceil((last.at - first.at) / MAX_STEPS))
  const sums: (readonly [sum: number, count: number] | undefined)[] = []
  for (const { at, rate } of points) {
    if (rate === null) continue
    const index = Math.floor((at - first.at) / step_ms)
    const [sum, count] = sums[index] ?? [0, 0]
    sums[index] = [sum + rate, count + 1]
  }
  const length = Math.floor((last.at - first.at) / step_ms) + 1
  // The start of a step is its first moment; a point is drawn at the end of its step.
  return {
    from: first.at - step_ms,
    step_ms,
    values: Array.from({ length }, (_, index) => {
      const found = sums[index]
      return found ? found[0] / found[1] : null
    }),
  }
}
