import * as z from 'zod'

/** One thing that happened, as the log keeps it. `at` is milliseconds since the epoch; `schema` the version of `data`. */
export const eventEnvelope = z.object({
  id: z.string().min(1),
  type: z.string().min(1),
  at: z.int().nonnegative(),
  actor: z.string(),
  tenant: z.string(),
  schema: z.int().positive(),
  data: z.unknown(),
})
export type EventEnvelope = z.infer<typeof eventEnvelope>

/** The tombstone that retention leaves on a purged subject; it is what makes a run EXPIRED. */
export const TOMBSTONE_TYPE = 'subject.purged'
