import type { BatchEndpoint, FileReport } from '../messages/batch.ts'
import type { NewRequest } from './batch-requests.ts'

/** A request and the most tokens that its text may take: whether it fits is for whoever knows the model's context. */
export interface SizedRequest {
  readonly n: number
  readonly bodyOffset: number
  readonly bodyLength: number
  readonly mostTokensIn: number
  readonly maxTokens: number | null
}

export interface FileFindings {
  readonly report: FileReport
  /** Those that could be longer than `contextTokens` (text and answer together), by place. */
  suspects(contextTokens: number): Iterable<SizedRequest>
}

/** Holds every line of an input file against the rules, away from the caller's thread, in memory that does not grow with the file. */
export interface FileValidation {
  /**
   * Reads `content` once. `onRequests`, where given, gets the requests in the order of the file until a piece has a faulty line; the next
   * piece is read when its promise resolves. Rejects with what `content` or `onRequests` throws, and with the signal's reason.
   */
  validate(
    content: AsyncIterable<Uint8Array>,
    endpoint: BatchEndpoint,
    onRequests?: (requests: readonly NewRequest[]) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<FileFindings>
  stop(): Promise<void>
}
