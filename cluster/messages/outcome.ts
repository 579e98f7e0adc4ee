import * as z from 'zod'

/** A correction is kept in the log as it is; above this many bytes of UTF-8 it is refused. */
export const MAX_CORRECTION_BYTES = 262_144

export const outcomeVerdict = z.enum(['accepted', 'rejected', 'corrected'])

const rating = z.int().min(1).max(5)
const reason = z.string().trim().min(1, 'Say why it is rejected.').max(4000)

/** What an operator says of an ended run. `agent_id` names the proposal meant: the winner's where it is left out. */
export const outcomeInput = z.discriminatedUnion('verdict', [
  z.strictObject({ verdict: z.literal('accepted'), agent_id: z.string().optional(), rating: rating.optional() }),
  z.strictObject({ verdict: z.literal('rejected'), agent_id: z.string().optional(), rating: rating.optional(), reason }),
  z.strictObject({
    verdict: z.literal('corrected'),
    agent_id: z.string().optional(),
    rating: rating.optional(),
    correction: z
      .string()
      .max(MAX_CORRECTION_BYTES)
      .refine((text) => text.trim() !== '', 'The correction is empty.'),
  }),
])
export type OutcomeInput = z.infer<typeof outcomeInput>

const recorded = { agent_id: z.string(), rating: rating.nullable(), by: z.string() }

/** An outcome as the log keeps it: a later one counts, the earlier ones stay. */
export const outcome = z.discriminatedUnion('verdict', [
  z.object({ verdict: z.literal('accepted'), ...recorded }),
  z.object({ verdict: z.literal('rejected'), ...recorded, reason: z.string() }),
  /** The answer as the operator would have it, in full. */
  z.object({ verdict: z.literal('corrected'), ...recorded, correction: z.string() }),
])
export type Outcome = z.infer<typeof outcome>
