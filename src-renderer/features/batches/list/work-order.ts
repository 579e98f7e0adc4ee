import type { BatchLive, BatchRow } from '../../../../src-preload/contract/batch.ts'

/** As they are worked on: what runs, then what waits by its place in the queue, then later starts by their time, then what is paused. */
export function inWorkOrder(rows: readonly BatchRow[], live: ReadonlyMap<string, BatchLive>): readonly BatchRow[] {
  const stepOf = (row: BatchRow): readonly [step: number, within: number] => {
    const picture = live.get(row.batch_id)
    if (row.status === 'paused') return [3, row.deadline]
    if (picture?.hold?.code === 'not_before') return [2, row.not_before ?? 0]
    if (picture?.queue) return [1, picture.queue.position]
    return [row.status === 'in_progress' || row.status === 'finalizing' ? 0 : 1, Infinity]
  }
  const steps = new Map(rows.map((row) => [row, stepOf(row)]))
  return rows.toSorted((a, b) => {
    const [[stepA = 0, withinA = 0], [stepB = 0, withinB = 0]] = [steps.get(a) ?? [], steps.get(b) ?? []]
    return stepA - stepB || (withinA === withinB ? a.deadline - b.deadline : withinA - withinB)
  })
}
