import * as z from 'zod'
import { readInput } from '../../messages/read-input.ts'
import type { EmbeddingCall, Embeddings } from '../../ports/engines.ts'
import type { UpstreamRequest } from '../../ports/upstreams.ts'
import { nothingBut, parseBody, refusalOf, type RefusedRequest } from './engine-request.ts'

/** A request for vectors as an engine that is called directly takes it. */
export interface EmbeddingRequest {
  readonly call: EmbeddingCall
  /** OpenAI's clients ask for base64 of 32-bit floats unless told otherwise. */
  readonly isBase64: boolean
}

/** Texts at once, as OpenAI's API takes them. */
const MAX_TEXTS = 2048

const request = z.object({
  model: z.string(),
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(MAX_TEXTS)], {
    error: `A text, or up to ${MAX_TEXTS} texts, none of them empty; tokens are not taken.`,
  }),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: nothingBut('Another number of dimensions'),
})

export function readEmbeddingRequest({ body, model }: UpstreamRequest): EmbeddingRequest | RefusedRequest {
  const checked = readInput(request, parseBody(body), 'The body')
  if (!checked.success) return refusalOf(checked.error)
  const { input, encoding_format } = checked.data
  return { call: { model, texts: typeof input === 'string' ? [input] : input }, isBase64: encoding_format === 'base64' }
}

/** The vectors as OpenAI's API gives them. */
export function writeEmbeddings({ vectors, model, tokens }: Embeddings, isBase64: boolean): string {
  const data = vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: isBase64 ? base64Of(vector) : vector,
  }))
  return JSON.stringify({ object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } })
}

/** Little-endian, as every machine that this runs on has it. */
function base64Of(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64')
}
