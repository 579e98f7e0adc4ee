import type { BatchEndpoint } from '../messages/batch.ts'
import type { ModelReference } from '../messages/work.ts'
import type { ServedModel } from './engines.ts'

/** One request in OpenAI's shape, to whichever engine serves the model. */
export interface UpstreamRequest {
  readonly model: ModelReference
  readonly endpoint: BatchEndpoint
  /** The JSON body as the client wrote it. */
  readonly body: string
  /** From the moment a slot is granted until the answer is whole. */
  readonly timeoutMs: number
}

/** An answer in OpenAI's shape, whatever its status. */
export interface UpstreamReply {
  readonly status: number
  /** One line of JSON, as it came where it was one. Where a server refused without JSON, an error in OpenAI's shape that says so. */
  readonly body: string
  readonly requestId: string | null
  readonly retryAfterMs: number | undefined
  /** As the answer's `usage` says; 0 where it says nothing. */
  readonly tokensIn: number
  readonly tokensOut: number
}

/** An answer that is passed on as it comes. The head is there before the body. */
export interface UpstreamStream {
  readonly status: number
  readonly contentType: string
  readonly requestId: string | null
  readonly retryAfterMs: number | undefined
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * No answer at all. `unreachable`: no connection could be made, so the request was not seen; `connection`: it was lost before the answer
 * was whole; `timeout`: it took too long; `crashed`: the engine's process died while it worked on the request; `malformed`: what came with
 * a status of success is no answer.
 */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError'
  readonly reason: 'unreachable' | 'connection' | 'timeout' | 'crashed' | 'malformed'

  constructor(reason: UpstreamError['reason'], message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}

/** How a model name in a request was understood. */
export type ResolvedModel =
  | { readonly kind: 'found'; readonly served: ServedModel }
  | { readonly kind: 'unknown'; readonly known: readonly string[] }
  /** Several engines serve it and none was named. */
  | { readonly kind: 'ambiguous'; readonly engines: readonly string[] }

/** The engines of a context in OpenAI's shape. No retries inside. Rejects with UpstreamError, or with the signal's reason. */
export interface Upstreams {
  send(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamReply>
  /** For `stream: true`, and for passing an answer on without holding it. */
  open(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamStream>
  /** By the served name, or by `engine/model`. */
  resolve(model: string, engineId?: string): Promise<ResolvedModel>
  served(): Promise<readonly ServedModel[]>
}
