import type { BatchEstimate, BatchChange, FileReport, StoredFile, SubmittedBatch, BatchEndpoint } from '../messages/batch.ts'
import type {
  BatchLive,
  BatchPool,
  BatchPools,
  ErrorGroup,
  Forecast,
  QueueEffect,
  Remedy,
  RequestRow,
  RequestState,
  SheddingView,
} from '../messages/batch-views.ts'
import type { Refusal } from './refusal.ts'
import type { RequestQuery } from './batch-requests.ts'

/** Input and result files. */
export interface BatchFiles {
  /** Streams the bytes to the store. Refused, with nothing kept, where it is empty, too large (200 MB) or cut off before its end. */
  create(file: {
    readonly filename: string
    readonly tenant: string
    readonly content: AsyncIterable<Uint8Array>
    /** Made for one submit: it is removed a day later if no batch names it. Others are kept until they are removed. */
    readonly isDraft?: boolean
  }): Promise<StoredFile | Refusal>
  /** From then on (milliseconds since the epoch) it is removed as soon as no batch in motion needs it; undefined where it is not there. */
  expireAt(fileId: string, at: number): Promise<StoredFile | undefined>
  get(fileId: string): Promise<StoredFile | undefined>
  /** Newest first. */
  list(): Promise<readonly StoredFile[]>
  /** Refused while a batch that has not ended needs it. */
  remove(fileId: string): Promise<{ readonly kind: 'removed' } | Refusal>
  content(fileId: string): Promise<AsyncIterable<Uint8Array> | undefined>
}

/** Some requests of a batch: what matches, or those named by place in the file or by custom_id. */
export type WhichRequests = RequestQuery | { readonly ns: readonly number[] } | { readonly customIds: readonly string[] }

/** Another place in the queue, or another start: null = at once. */
export type QueueChange = Pick<BatchChange, 'priority_offset' | 'not_before'>

export type Done = { readonly kind: 'done' } | Refusal

/** Finished requests as lines: OpenAI's two files, or input and answer together. */
export type FinishedLines = 'output' | 'errors' | 'joined' | 'csv'

/**
 * The requests of an ended batch, each with its latest outcome by custom_id. An answer is not replaced by a later failure, and a request
 * that a retry never came to keeps what it had. `joined` and `csv` name the batch that each outcome comes from.
 */
export interface ReadsWithRetries {
  requests(
    query: RequestQuery,
    from: number,
    limit: number,
  ): Promise<{ readonly total: number; readonly rows: readonly RequestRow[] }>
  lines(kind: FinishedLines, query?: RequestQuery): AsyncIterable<string>
  /** Requests by their latest state, and how many were answered by each retry. */
  counts(): Promise<{
    readonly states: Readonly<Record<RequestState, number>>
    readonly answeredBy: Readonly<Record<string, number>>
  }>
}

/** The batches of a plane: everything that can be asked of them. Reads of the log (lists, details) are read models. */
export interface Batches {
  readonly files: BatchFiles
  /** Every line of a file held against what a batch may hold; sends nothing, stores nothing. `onRead` gets the bytes read so far. */
  validate(
    fileId: string,
    endpoint: BatchEndpoint,
    reading?: { readonly onRead?: (bytes: number) => void; readonly signal?: AbortSignal },
  ): Promise<FileReport | Refusal>
  /** What a valid file would take, and whether it would be let in. */
  estimate(input: SubmittedBatch): Promise<BatchEstimate | Refusal>
  /** Accepts at once and validates then; a repeated command id gets the first answer. */
  submit(
    commandId: string,
    actor: string,
    tenant: string,
    input: SubmittedBatch,
  ): Promise<{ readonly kind: 'accepted'; readonly batchId: string } | Refusal>
  pause(batchId: string, actor: string): Promise<Done>
  resume(batchId: string, actor: string): Promise<Done>
  /** Stops dispatch and running requests; what is finished stays. Refused, with the reason, once it is finalizing or has ended. */
  cancel(batchId: string, actor: string): Promise<Done>
  /** Priority, concurrency, ceilings, start and deadline of a batch that has not ended. */
  change(batchId: string, actor: string, change: BatchChange): Promise<Done>
  /** A child batch with the failed requests of an ended one: all, or those chosen. A custom_id that is none of them is refused by name. */
  retry(
    commandId: string,
    batchId: string,
    actor: string,
    which: WhichRequests,
  ): Promise<{ readonly kind: 'accepted'; readonly batchId: string } | Refusal>
  /** Removes an ended batch with its requests and files, the input where no other batch names it, and leaves a tombstone. `bytes`: of its files. */
  expire(batchId: string, actor: string): Promise<{ readonly kind: 'removed'; readonly bytes: number } | Refusal>

  /** Undefined for a batch that has ended or was never there. */
  live(batchId: string): BatchLive | undefined
  allLive(): readonly BatchLive[]
  /** Ids of batches whose live picture changed, at most four times a second. Returns the function that ends it. */
  liveChanged(listener: (batchIds: Iterable<string>) => void): () => void

  requests(
    batchId: string,
    query: RequestQuery,
    from: number,
    limit: number,
  ): Promise<{ readonly total: number; readonly rows: readonly RequestRow[] }>
  /** Both texts whole. */
  request(
    batchId: string,
    n: number,
  ): Promise<{ readonly row: RequestRow; readonly input: string; readonly output: string | null } | undefined>
  errors(batchId: string): Promise<readonly ErrorGroup[]>
  /**
   * Finished requests as lines of OpenAI's output or error file, or all (of a query) joined with their input, while it runs too.
   * `query` is for the joined ones. `manifest`: one line that says what was run with what; none before the end.
   */
  lines(batchId: string, kind: FinishedLines | 'manifest', query?: RequestQuery): AsyncIterable<string>
  /** A batch as it stands after its retries, oldest first. */
  withRetries(batchId: string, retries: readonly string[]): ReadsWithRetries
  /** The end as it is expected now and with each remedy. */
  forecasts(batchId: string, remedies: readonly Remedy[]): Promise<readonly Forecast[] | Refusal>
  /** What another place in the queue, or another start, would do; refused where the change would be. */
  queueEffect(batchId: string, change: QueueChange): Promise<QueueEffect | Refusal>
  queue(): { readonly depth: number; readonly maxDepth: number; readonly state: 'IDLE' | 'ACTIVE' | 'BACKLOG' | 'OVERLOADED' }
  /** Slots that batches run on, who has them and who waits. */
  pools(): BatchPools
  /** Other slots or prices from now on; batches on spot slots that are gone give their requests back. None: no batch needs a slot. */
  setPools(pools: readonly BatchPool[]): Promise<void>
  /** What is held back because the plane is overloaded; null while it is not. */
  shedding(): SheddingView | null
  /** A person has seen it: nobody is called for another hour. */
  acknowledgeShedding(): void
  stop(): Promise<void>
}
