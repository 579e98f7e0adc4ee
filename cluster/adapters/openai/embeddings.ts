import type OpenAI from 'openai'
import * as z from 'zod'
import type { EmbeddingCall, Embeddings } from '../../ports/engines.ts'
import { estimateTokens } from '../engines/token-estimate.ts'

const EMBEDDING_NAMES = /embed|minilm|(^|[/_-])(bge|gte|e5|uae)[-_]/i

/** Whether a model's name is that of one that embeds. */
export function isEmbeddingName(model: string): boolean {
  return EMBEDDING_NAMES.test(model)
}

const ASSUMED_CONTEXT_TOKENS = 8192
const TEXTS_A_REQUEST = 64

const reply = z.object({
  model: z.string().nullish(),
  data: z.array(z.object({ index: z.int().nonnegative(), embedding: z.array(z.number()).min(1) })),
  usage: z.object({ prompt_tokens: z.int().nonnegative() }).nullish(),
})

interface EmbeddingLimits {
  /** Tokens of one text that the model reads, where the server says it. */
  readonly limit: number | null
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** `POST /embeddings`. A text that may pass the model's limit is cut before it is sent, since servers refuse it whole. */
export async function requestEmbeddings(client: OpenAI, call: EmbeddingCall, limits: EmbeddingLimits): Promise<Embeddings> {
  const cut = call.texts.map((text) => shortened(text, limits.limit ?? ASSUMED_CONTEXT_TOKENS))
  const vectors: (readonly number[])[] = []
  let tokens = 0
  let model = call.model.model
  for (let from = 0; from < cut.length; from += TEXTS_A_REQUEST) {
    const input = cut.slice(from, from + TEXTS_A_REQUEST)
    const body = { model: call.model.model, input, encoding_format: 'float' as const }
    const { signal, timeoutMs } = limits
    const answered = reply.parse(await client.embeddings.create(body, { signal, timeout: timeoutMs }))
    const inOrder = answered.data.toSorted((a, b) => a.index - b.index)
    if (inOrder.length !== input.length || inOrder.some(({ index }, place) => index !== place))
      throw new SyntaxError(`${input.length} texts were sent and ${inOrder.length} vectors came back`)
    vectors.push(...inOrder.map(({ embedding }) => embedding))
    tokens += answered.usage?.prompt_tokens ?? input.reduce((sum, text) => sum + estimateTokens(text), 0)
    model = answered.model ?? model
  }
  return { vectors, model, tokens, truncated: cut.flatMap((text, index) => (text === call.texts[index] ? [] : [index])) }
}

/** The longest beginning of a text that surely fits. */
function shortened(text: string, limitTokens: number): string {
  let kept = text
  while (estimateTokens(kept) > limitTokens)
    kept = kept.slice(0, Math.floor((kept.length * limitTokens * 0.98) / estimateTokens(kept)))
  return kept
}
