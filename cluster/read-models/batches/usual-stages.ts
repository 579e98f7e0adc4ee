import type { BatchDetail, BatchRow } from '../../messages/batch-views.ts'
import type { BatchTimes } from './fold.ts'
import { stagesOf } from './stages.ts'

type Stage = BatchDetail['stages'][number]

/** A batch whose end is known. */
export interface EarlierBatch {
  readonly row: BatchRow
  readonly times: BatchTimes
}

/** Fewer say nothing of what is usual. */
const FEWEST = 3
/** So many times as many requests, or so many times fewer, are of like size. */
const LIKE_SIZE = 4

/** Whether what a batch took says something of how long the other one will take. */
export function isLike({ counts }: BatchRow, earlier: BatchRow): boolean {
  const { total } = earlier.counts
  return total > 0 && total * LIKE_SIZE >= counts.total && total <= counts.total * LIKE_SIZE
}

/** Stages with what they took in earlier batches, from the 10th to the 90th percentile; those that too few went through have none. */
export function withUsual(stages: readonly Stage[], earlier: readonly EarlierBatch[]): Stage[] {
  const courses = earlier.map(({ row, times }) => ({ isHeld: row.not_before !== null, stages: stagesOf(row, times) }))
  return stages.map((stage) => {
    if (stage.stage === 'done') return stage
    const took = courses.flatMap(({ isHeld, stages: course }) => {
      const { started_at = null, ended_at = null } = course.find((each) => each.stage === stage.stage) ?? {}
      // One that was to start later waited because somebody wanted it to.
      if (started_at === null || ended_at === null || (isHeld && stage.stage === 'queued')) return []
      return [ended_at - started_at]
    })
    if (took.length < FEWEST) return stage
    took.sort((a, b) => a - b)
    const at = (share: number) => took[Math.max(0, Math.ceil(share * took.length) - 1)] ?? 0
    return { ...stage, usual: { low_ms: at(0.1), high_ms: at(0.9), batches: took.length } }
  })
}
