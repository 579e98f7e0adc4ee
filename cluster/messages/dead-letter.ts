import * as z from 'zod'
import { blobReference } from './blob.ts'
import { callPhase } from './work.ts'

/** `deliberation.dead-letter`: a message taken out of circulation. `at` is milliseconds since the epoch. */
export const deadLetter = z.object({
  queue: z.enum(['work', 'answers']),
  id: z.string(),
  /** As it was sent; its text where that was no JSON, null where it is too large and lies under `body`. */
  message: z.unknown(),
  body: blobReference.nullable(),
  reason: z.string(),
  deliveries: z.int().nonnegative(),
  at: z.int().nonnegative(),
})
export type DeadLetterMessage = z.infer<typeof deadLetter>

/** A dead letter as an operator sees it: the call it is about, why it was set aside, and what replaying it would do now. */
export const deadLetterView = z.object({
  queue: z.enum(['work', 'answers']),
  id: z.string(),
  task_id: z.string(),
  /** Null where the run is unknown or was removed. */
  run_title: z.string().nullable(),
  round: z.int().nonnegative(),
  phase: callPhase,
  agent_id: z.string(),
  reason: z.string(),
  deliveries: z.int().nonnegative(),
  at: z.int().nonnegative(),
  /** `counts`: its run waits for it. `late`: kept beside the result. `none`: nothing would come of it. */
  effect: z.enum(['counts', 'late', 'none']),
  effect_words: z.string(),
})
export type DeadLetterView = z.infer<typeof deadLetterView>
