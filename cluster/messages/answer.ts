import * as z from 'zod'
import { wholeText } from './blob.ts'
import { callPhase, chatMessage, modelReference } from './work.ts'

/** Measured on the call that gave the answer (all its tries, for tokens). Times are milliseconds; null where the engine does not show it. */
export const callMetrics = z.object({
  tokens_in: z.int().nonnegative(),
  tokens_out: z.int().nonnegative(),
  queued_at: z.int(),
  started_at: z.int(),
  first_token_at: z.int().nullable(),
  ended_at: z.int(),
  attempts: z.int().positive(),
})
export type CallMetrics = z.infer<typeof callMetrics>

const base = {
  task_id: z.string(),
  round: z.int().nonnegative(),
  phase: callPhase,
  agent_id: z.string(),
  /** As in the work it answers; absent: 1. */
  attempt: z.int().positive().optional(),
  role: z.string(),
  num_agents: z.int().positive(),
  metrics: callMetrics,
  /** What followed the prompt where the first reply was not the JSON asked for: the second prompt is both. */
  repair: z.array(chatMessage).optional(),
}

/** `agent.response.completed`: the model's text, with its reasoning cut off. */
export const completedAnswer = z.object({
  kind: z.literal('completed'),
  ...base,
  content: z.string(),
  content_ref: wholeText,
  /** Text of `<think>` blocks or the server's reasoning field. */
  reasoning: z.string().nullable(),
  reasoning_ref: wholeText,
  model: modelReference,
  /** The name the server says it served. */
  served_model: z.string(),
  finish: z.enum(['stop', 'length']),
  /** Probability-weighted means of the wanted score field, in order of occurrence; null where the engine gave none. */
  expected_scores: z.array(z.number()).nullable(),
  /** The first reply was not the JSON asked for and one repair call mended it. */
  repaired: z.boolean(),
  degraded: z.string().nullable(),
})

export const failureKind = z.enum([
  'timeout',
  'rate_limited',
  'server_error',
  'connection',
  'engine_crashed',
  'invalid_output',
  'model_mismatch',
  'model_missing',
  'context_exceeded',
  'rejected',
  'cancelled',
  'internal',
])
export type FailureKind = z.infer<typeof failureKind>

/** `agent.response.failed`: why the call gave nothing, after all its tries. */
export const failedAnswer = z.object({
  kind: z.literal('failed'),
  ...base,
  error: z.string(),
  error_type: failureKind,
  /** What the model said where that was the fault (`invalid_output`), else null. */
  content: z.string().nullable(),
  content_ref: wholeText,
})

export const answer = z.discriminatedUnion('kind', [completedAnswer, failedAnswer])
export type Answer = z.infer<typeof answer>
