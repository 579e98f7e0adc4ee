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

const viewed = {
  queue: deadLetter.shape.queue,
  id: z.string(),
  /** Why it was set aside. */
  reason: z.string(),
  deliveries: z.int().nonnegative(),
  at: z.int().nonnegative(),
  effect_words: z.string(),
}

/** One that can be read: the call it is about, and what replaying it would do now. */
const callLetter = z.object({
  kind: z.literal('call'),
  ...viewed,
  task_id: z.string(),
  /** Null where the run is unknown or was removed. */
  run_title: z.string().nullable(),
  round: z.int().nonnegative(),
  phase: callPhase,
  agent_id: z.string(),
  /** `counts`: its run waits for it. `late`: kept beside the result. `none`: nothing would come of it. */
  effect: z.enum(['counts', 'late', 'none']),
})

/** One that is none of its queue's (any more): the beginning of its text and what is wrong with it. It can only be removed. */
const unreadableLetter = z.object({
  kind: z.literal('unreadable'),
  ...viewed,
  text: z.string(),
  fault: z.string(),
  effect: z.literal('none'),
})

/** A dead letter as an operator sees it. */
export const deadLetterView = z.discriminatedUnion('kind', [callLetter, unreadableLetter])
export type DeadLetterView = z.infer<typeof deadLetterView>
