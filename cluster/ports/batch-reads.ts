import type { BatchDetail, BatchQuery, BatchRow } from '../messages/batch-views.ts'

/** What the gateway asks of the read model of batches. */
export interface BatchReads {
  /** Newest first; `total`: how many match on all pages. */
  page(query: BatchQuery): { readonly rows: readonly BatchRow[]; readonly total: number }
  detail(batchId: string): BatchDetail | undefined
  /** Batches that ran failed requests of this one again, or of such a one, oldest first. */
  retriesOf(batchId: string): readonly string[]
  /** Batches that have not ended, soonest deadline first. */
  moving(): readonly BatchRow[]
}

export interface BatchViews {
  /** Over the tables that serve now; ask again after every wait. */
  readonly queries: () => BatchReads
  /** Ids of batches whose rows changed. Returns the function that ends it. */
  readonly onChanged: (listener: (batchIds: Iterable<string>) => void) => () => void
  /** Resolves when the read model has everything the log holds now. */
  readonly caughtUp: () => Promise<void>
}
