import * as z from 'zod'
import { blobReference } from './blob.ts'

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
