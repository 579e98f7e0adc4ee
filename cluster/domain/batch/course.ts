import type { RatePoint } from './rate.ts'
import type { BatchCounts, BatchEvent, WorkUnit } from './types.ts'

/** Units of work that are done, as a rate counts them. */
export function unitsOf(unit: WorkUnit, counts: BatchCounts): number {
  return unit === 'tokens' ? counts.tokens_out : counts.completed + counts.failed
}

/** The course of a batch as its log has it, for `restoreRates`: where it began to run, and each tick at which something had moved. */
export function courseOf(unit: WorkUnit, history: readonly { readonly at: number; readonly event: BatchEvent }[]): RatePoint[] {
  const points: RatePoint[] = []
  let [units, isRunning] = [0, false]
  for (const { at, event } of history)
    if (event.type === 'batch.started') {
      points.push({ at, units, active: false })
      isRunning = true
    } else if (event.type === 'batch.paused') {
      isRunning = false
    } else if (event.type === 'batch.planned_again') {
      units = unitsOf(unit, event.data.counts)
      isRunning = false
    } else if (event.type === 'batch.progress') {
      units = unitsOf(unit, event.data.counts)
      points.push({ at, units, active: isRunning })
    }
  return points
}
