import * as z from 'zod'
import { failureKind } from './answer.ts'

const result = z.object({
  agent_id: z.string(),
  rank: z.int().positive(),
  score: z.number().nullable(),
  checks_score: z.number().nullable(),
  rubric_score: z.number().nullable(),
  content: z.string(),
})

const base = {
  /** The same however often it is sent: `<task_id>.ended`. */
  event_id: z.string(),
  /** From the run's metadata, as is `trace_id`. */
  case_id: z.string().nullable(),
  trace_id: z.string().nullable(),
  /** Milliseconds since the epoch, as is `completed_at`. */
  ts: z.int(),
  producer: z.string(),
  task_id: z.string(),
  /** The same id by its other name. */
  deliberation_id: z.string(),
  /** By rank; those of a run that was cancelled are not ranked and left out. */
  results: z.array(result),
  winner_id: z.string().nullable(),
  partial: z.boolean(),
  failed_agents: z.array(z.object({ agent_id: z.string(), error: z.string(), error_type: failureKind })),
  total_agents: z.int().positive(),
  successful_responses: z.int().nonnegative(),
  failed_responses: z.int().nonnegative(),
  duration_ms: z.int().nonnegative(),
  completed_at: z.int(),
}

/** `deliberation.completed`: a run has ended, with what there is. Sent once a run. */
export const deliberationCompleted = z.object({ status: z.enum(['COMPLETED', 'TIMEOUT', 'CANCELLED']), ...base })

/** `deliberation.failed`: a run has ended with nothing. Sent once a run, instead of the other. */
export const deliberationFailed = z.object({ status: z.literal('FAILED'), ...base, error: z.string() })

export const endNotice = z.discriminatedUnion('status', [deliberationCompleted, deliberationFailed])
export type EndNotice = z.infer<typeof endNotice>
