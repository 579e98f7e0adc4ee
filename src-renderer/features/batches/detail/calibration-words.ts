import type { BatchLive } from '../../../../src-preload/contract/batch.ts'
import * as format from '../../../lib/format.ts'

/** How far the ends that are shown can be trusted, by what became of those shown before. */
export function calibrationWords({ batches, by_worst_case, mean_error }: NonNullable<BatchLive['calibration']>): string {
  const kept = `${format.integer(by_worst_case)} of ${format.counted(batches, 'batch', 'batches')} of this model`
  return `Done by the shown worst case: ${kept}; the likely end was ${format.percent(mean_error)} off on average.`
}
