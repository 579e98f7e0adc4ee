import type { BatchEndpoint, FileReport } from '../../messages/batch.ts'

/** What the thread is started with. */
export interface ThreadData {
  readonly endpoint: BatchEndpoint
  /** Whether the requests are to be told as they come. */
  readonly tellsRequests: boolean
}

/** To the thread: the file, piece by piece, and its end. */
export type ToThread = { readonly kind: 'piece'; readonly bytes: Uint8Array } | { readonly kind: 'end' }

/** From the thread: a reply to each piece in order, with the requests in it as columns; at the end what the file holds. */
export type FromThread =
  | { readonly kind: 'taken'; readonly numbers: Float64Array; readonly customIds: readonly string[] }
  | { readonly kind: 'found'; readonly report: FileReport; readonly numbers: Float64Array }
