import type { BatchCounts } from '../messages/batch.ts'
import type { ErrorGroup, RequestState } from '../messages/batch-views.ts'

/**
 * Where one request of a file is. `n`: its line in the file, from 0, so that it is line n + 1; lines without a request leave gaps.
 * Offsets and lengths are in bytes, of the line and of its `body`.
 */
export interface NewRequest {
  readonly n: number
  readonly customId: string
  readonly offset: number
  readonly length: number
  readonly bodyOffset: number
  readonly bodyLength: number
  readonly tokensIn: number
  /** The limit that the request sets for its answer. */
  readonly maxTokens: number | null
}

/** What became of one request. It counts once: a second outcome for the same request changes nothing. */
export interface RequestOutcome {
  readonly n: number
  readonly state: 'completed' | 'failed' | 'cancelled' | 'expired'
  readonly statusCode: number | null
  readonly requestId: string | null
  /** The upstream's answer as it came (also where it refused); null where there was none. */
  readonly body: string | null
  /** The model that answered, as `engine/model`; absent where only the batch's own could. */
  readonly servedModel?: string | undefined
  /** Why it failed, by a code that groups; null where it completed. `cause` is the upstream's own words. */
  readonly error: { readonly code: string; readonly message: string; readonly cause: string | null } | null
  readonly attempts: number
  readonly tokensIn: number
  readonly tokensOut: number
  readonly costMicroUsd: number
  readonly startedAt: number
  readonly endedAt: number
}

export interface StoredRequest extends NewRequest {
  readonly outcome: RequestOutcome | null
}

/** Which request it is and what became of it, no more. */
export interface IndexedRequest {
  readonly n: number
  readonly customId: string
  readonly state: 'pending' | RequestOutcome['state']
}

/** Two requests of a batch have the same custom_id. */
export class DuplicateCustomId extends Error {
  override readonly name = 'DuplicateCustomId'
  readonly customId: string
  /** Lines in the file, from 1. */
  readonly line: number
  readonly earlierLine: number

  constructor(customId: string, n: number, earlierN: number) {
    super(`Line ${n + 1} has the custom_id ${JSON.stringify(customId)} of line ${earlierN + 1}. Give each request its own.`)
    this.customId = customId
    this.line = n + 1
    this.earlierLine = earlierN + 1
  }
}

/** Which requests of a batch; without anything: all. */
export interface RequestQuery {
  /** `running` matches nothing here: it is known by whoever runs them. */
  readonly states?: readonly RequestState[] | undefined
  readonly errorCodes?: readonly string[] | undefined
  /** In custom_id, answer or the message of the error; ASCII letters in either case. */
  readonly text?: string | undefined
}

/** The requests of batches and what became of each. All writes are durable when their promise resolves. */
export interface BatchRequests {
  /** Replaces whatever is stored of the batch: a validation that was cut off begins anew. */
  begin(batchId: string): Promise<void>
  /**
   * In the order of the file, many calls a batch. Rejects with DuplicateCustomId, with nothing of this call stored, if a custom_id is
   * there already; with RangeError before `begin`.
   */
  add(batchId: string, requests: readonly NewRequest[]): Promise<void>
  /** Whether all `total` requests of a batch are there and none is doubted: taken over from a store that was damaged. */
  isWhole(batchId: string, total: number): Promise<boolean>
  /**
   * Puts the requests that were added under the id `by` in the place of the batch's own, with the outcomes that those have; nothing is left
   * under `by`. Resolves to the counts then. Cut off, it is as if it had not begun.
   */
  replace(batchId: string, by: string): Promise<BatchCounts>
  /** Requests without an outcome after `afterN` (-1 = from the first), by place. */
  pending(batchId: string, afterN: number, limit: number): Promise<readonly NewRequest[]>
  /** Stores outcomes; those of requests that have one already, or are not there, are passed over. Resolves to the counts then. */
  record(batchId: string, outcomes: readonly RequestOutcome[]): Promise<BatchCounts>
  /** Gives every request without an outcome the same one: what ends a batch. */
  close(batchId: string, state: 'cancelled' | 'expired', at: number): Promise<BatchCounts>
  /** All zero for a batch that is not there. */
  counts(batchId: string): Promise<BatchCounts>
  /** Mean and sample variance of the output tokens of completed requests (0 below one and two of them), and how many those are. */
  outputTokens(batchId: string): Promise<{ readonly count: number; readonly mean: number; readonly variance: number }>
  /** A page by place, and how many match in all. */
  page(
    batchId: string,
    query: RequestQuery,
    from: number,
    limit: number,
  ): Promise<{ readonly total: number; readonly requests: readonly StoredRequest[] }>
  /** Every match by place, read as it is consumed: for files and downloads. */
  all(batchId: string, query: RequestQuery): AsyncIterable<StoredRequest>
  /** Every match by place, without what was asked and answered: light enough for a whole batch at once. */
  index(batchId: string, query: RequestQuery): Promise<readonly IndexedRequest[]>
  one(batchId: string, n: number): Promise<StoredRequest | undefined>
  /** Requests with an error by its code and status, the most frequent first; those that were never answered too. */
  errorGroups(batchId: string): Promise<readonly ErrorGroup[]>
  /** False if there was nothing. */
  remove(batchId: string): Promise<boolean>
}
