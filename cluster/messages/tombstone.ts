import * as z from 'zod'

/** `subject.purged`: what stays of a run that was removed. Older tombstones have no calls. Times are milliseconds since the epoch. */
export const tombstoneData = z.object({
  /** How the run had ended. */
  status: z.string(),
  calls: z
    .array(
      z.object({
        /** `round.phase.agent`, and the attempt where it is not the first. */
        call: z.string(),
        /** When its first token came, or else when it began. */
        started_at: z.int(),
        ended_at: z.int(),
        tokens_out: z.int().nonnegative(),
        cost_micro_usd: z.int().nonnegative(),
      }),
    )
    .default([]),
})
export type TombstoneData = z.infer<typeof tombstoneData>
