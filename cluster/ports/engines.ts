import type { ChatMessage, JsonFormat, ModelReference, ScoreField } from '../messages/work.ts'
import type { FailureKind } from '../messages/answer.ts'

export interface ModelCall {
  readonly model: ModelReference
  readonly messages: readonly ChatMessage[]
  readonly temperature: number
  readonly maxTokens: number
  readonly seed: number
  readonly format: JsonFormat | null
  readonly scoreField: ScoreField | null
  /** Absent: the engine's own. */
  readonly topP?: number | undefined
  /** 0: no limit. Absent: the engine's own. */
  readonly topK?: number | undefined
  /** Texts that end the answer; it is given without them. */
  readonly stop?: readonly string[] | undefined
}

export interface ModelCallEvents {
  /** A sequence or slot was granted; the call's timeout starts here. */
  onStarted(): void
  /** New text of the answer, without reasoning. */
  onText(text: string): void
}

export interface ModelReply {
  readonly text: string
  readonly reasoning: string | null
  readonly servedModel: string
  readonly finish: 'stop' | 'length'
  readonly tokensIn: number
  readonly tokensOut: number
  /** Milliseconds since the epoch. */
  readonly firstTokenAt: number | null
  readonly expectedScores: readonly number[] | null
  readonly degraded: string | null
}

/** A call failed for a reason that can be named. `retryable` says whether the same call may succeed later. */
export class ModelCallError extends Error {
  override readonly name = 'ModelCallError'
  readonly failure: FailureKind
  readonly retryable: boolean
  /** What the server asked for by Retry-After, if it did. */
  readonly retryAfterMs: number | undefined
  /** The engine could not be reached, or what stands before it said that it is away: it has not looked at the call. */
  readonly engineAway: boolean

  constructor(
    failure: FailureKind,
    message: string,
    options: { retryable: boolean; retryAfterMs?: number | undefined; engineAway?: boolean; cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.failure = failure
    this.retryable = options.retryable
    this.retryAfterMs = options.retryAfterMs
    this.engineAway = options.engineAway ?? false
  }
}

export interface ServedModel {
  readonly reference: ModelReference
  readonly label: string
  /** What the server says stands behind the name (vLLM: the path or repository of the model); absent where nobody says. */
  readonly origin?: string | undefined
  /** Tokens that prompt and answer may take together; null where the server does not say. */
  readonly contextTokens: number | null
  /** Too weak for real answers (the starter model): its runs say so. */
  readonly starter: boolean
  /** Calls that can run at once. */
  readonly parallel: number
  /** Tokens per second of one call and in all, measured; null before the first call. */
  readonly tokensPerSecond: number | null
  /** It turns texts into vectors and writes none. */
  readonly embedsOnly?: true
}

/** A model that turns texts into vectors. */
export interface Embedder {
  readonly reference: ModelReference
  readonly label: string
  /** Tokens of one text that it reads; null where the server does not say. */
  readonly contextTokens: number | null
}

export interface EmbeddingCall {
  readonly model: ModelReference
  readonly texts: readonly string[]
}

export interface Embeddings {
  /** One per text, in their order. The embedded engine gives each the length 1. */
  readonly vectors: readonly (readonly number[])[]
  /** The model that answered. */
  readonly model: string
  readonly tokens: number
  /** The places of texts that were longer than the model reads: only their beginning is in the vector. */
  readonly truncated: readonly number[]
}

/** All engines of a context behind one door, told apart by the model reference. */
export interface Engines {
  /** One call to a model. Rejects with ModelCallError; with the signal's reason when aborted. No retries inside. */
  complete(call: ModelCall, events: ModelCallEvents, signal: AbortSignal): Promise<ModelReply>
  /** Models that can be called now; none that only embeds. */
  served(): Promise<readonly ServedModel[]>
  /** Vectors of texts. Rejects with ModelCallError; with the signal's reason when aborted. No retries inside. */
  embed(call: EmbeddingCall, signal: AbortSignal): Promise<Embeddings>
  /** Models that can embed now, the embedded engine's first. */
  embedders(): Promise<readonly Embedder[]>
  /** Tokens of `text` for that model; an upper estimate where the engine has no tokenizer at hand. */
  countTokens(model: ModelReference, text: string): Promise<number>
}
