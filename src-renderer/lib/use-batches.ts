import type {
  BatchListUpdate,
  BatchLive,
  BatchQuery,
  BatchRow,
  BatchUpdate,
  SheddingView,
} from '../../src-preload/contract/batch.ts'
import { useHost } from './console.tsx'
import type { Live } from './live-store.ts'
import { useStream } from './use-stream.ts'

/** A list of batches with the live picture of each that moves. */
export interface BatchList {
  readonly rows: readonly BatchRow[]
  readonly live: ReadonlyMap<string, BatchLive>
  readonly total: number
}

/** Follows what matches, newest first. */
export function useBatchList(query: BatchQuery): Live<BatchList> {
  const host = useHost()
  return useStream(`batches ${JSON.stringify(query)}`, {
    open: (signal) => host.batch.watchList({ query }, signal),
    fold: foldBatches,
  })
}

export function foldBatches(list: BatchList | null, update: BatchListUpdate): BatchList {
  if (update.type === 'snapshot')
    return { rows: update.rows, live: new Map(update.live.map((one) => [one.batch_id, one])), total: update.total }
  const rows = new Map(list?.rows.map((row) => [row.batch_id, row]))
  for (const id of update.removed) rows.delete(id)
  for (const row of update.upserts) rows.set(row.batch_id, row)
  const live = new Map([...(list?.live ?? []), ...update.live.map((one) => [one.batch_id, one] as const)])
  for (const [id] of live) if (rows.get(id)?.ended_at !== null) live.delete(id)
  const sorted = [...rows.values()].toSorted((a, b) => b.created_at - a.created_at || (a.batch_id < b.batch_id ? -1 : 1))
  return { rows: sorted, live, total: update.total }
}

export interface OneBatch {
  readonly detail: NonNullable<BatchUpdate['detail']>
  readonly live: BatchLive | null
}

export function useBatch(batchId: string): Live<OneBatch> & { retry: () => void } {
  const host = useHost()
  return useStream(`batch ${batchId}`, {
    open: (signal) => host.batch.watch({ batch_id: batchId }, signal),
    fold: foldBatch,
  })
}

function foldBatch(one: OneBatch | null, { detail, live }: BatchUpdate): OneBatch {
  const next = detail ?? one?.detail
  if (!next) throw new Error('The host sent a change of a batch before the batch.')
  return { detail: next, live: live === undefined ? (one?.live ?? null) : live }
}

export interface MovingBatches {
  readonly rows: readonly BatchRow[]
  readonly live: ReadonlyMap<string, BatchLive>
  /** What is held back while there is more to do than can be done. */
  readonly shedding: SheddingView | null
  readonly counts: {
    readonly all: number
    readonly moving: number
    readonly waiting: number
    readonly at_risk: number
    readonly failed: number
  }
}

/** Batches that have not ended, those at risk first, then by deadline; of very many the first. */
export function useMovingBatches(): Live<MovingBatches> {
  const host = useHost()
  return useStream('moving batches', {
    open: (signal) => host.batch.watchMoving({}, signal),
    fold: (_: MovingBatches | null, { rows, live, ...rest }) => ({
      ...rest,
      rows,
      live: new Map(live.map((one) => [one.batch_id, one])),
    }),
  })
}
