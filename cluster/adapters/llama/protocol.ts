import * as z from 'zod'
import { failureKind } from '../../messages/answer.ts'
import { chatMessage, jsonFormat, scoreField } from '../../messages/work.ts'

const id = z.int().nonnegative()

/** What the host asks of the engine process. Each request but `cancel` is answered under its id. */
export const engineRequest = z.discriminatedUnion('type', [
  /** Replaces whatever is loaded. `context_tokens` is what prompt and answer of one call may take together. */
  z.object({
    type: z.literal('load'),
    id,
    file: z.string(),
    context_tokens: z.int().positive(),
    sequences: z.int().positive(),
    threads: z.int().positive(),
  }),
  z.object({
    type: z.literal('complete'),
    id,
    messages: z.array(chatMessage).min(1),
    temperature: z.number(),
    max_tokens: z.int().positive(),
    seed: z.int(),
    format: jsonFormat.nullable(),
    score_field: scoreField.nullable(),
    top_p: z.number().optional(),
    top_k: z.int().optional(),
    stop: z.array(z.string()).optional(),
  }),
  /** Loads an embedding model beside or instead of another one. */
  z.object({
    type: z.literal('load-embedder'),
    id,
    file: z.string(),
    context_tokens: z.int().positive(),
    threads: z.int().positive(),
  }),
  z.object({ type: z.literal('embed'), id, texts: z.array(z.string()).min(1) }),
  /** `id` is that of the completion or embedding to stop. */
  z.object({ type: z.literal('cancel'), id }),
  z.object({ type: z.literal('count-tokens'), id, text: z.string() }),
  z.object({ type: z.literal('unload'), id }),
])
export type EngineRequest = z.infer<typeof engineRequest>
export type CompleteRequest = Extract<EngineRequest, { type: 'complete' }>
export type LoadEmbedderRequest = Extract<EngineRequest, { type: 'load-embedder' }>
export type LoadRequest = Extract<EngineRequest, { type: 'load' }>

export const completion = z.object({
  text: z.string(),
  reasoning: z.string().nullable(),
  finish: z.enum(['stop', 'length']),
  tokens_in: z.int().nonnegative(),
  tokens_out: z.int().nonnegative(),
  first_token_at: z.int().nullable(),
  expected_scores: z.array(z.number()).nullable(),
  degraded: z.string().nullable(),
})
export type Completion = z.infer<typeof completion>

export const engineReport = z.discriminatedUnion('type', [
  /** The process is up and listens. */
  z.object({ type: z.literal('up') }),
  z.object({ type: z.literal('loaded'), id, context_tokens: z.int(), sequences: z.int() }),
  z.object({ type: z.literal('embedder-loaded'), id }),
  /** `truncated`: the places of texts that were too long and were read in part. */
  z.object({
    type: z.literal('embedded'),
    id,
    vectors: z.array(z.array(z.number())),
    tokens: z.int().nonnegative(),
    truncated: z.array(z.int().nonnegative()),
  }),
  z.object({ type: z.literal('delta'), id, text: z.string() }),
  /** Tokens were evaluated since the last report: the engine is at work, not stuck. */
  z.object({ type: z.literal('progress'), id }),
  z.object({ type: z.literal('completed'), id, completion }),
  z.object({ type: z.literal('counted'), id, tokens: z.int() }),
  z.object({ type: z.literal('unloaded'), id }),
  z.object({ type: z.literal('failed'), id, failure: failureKind, message: z.string(), retryable: z.boolean() }),
])
export type EngineReport = z.infer<typeof engineReport>
