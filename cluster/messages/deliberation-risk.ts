import * as z from 'zod'

/** How a run in motion stands to its deadline. */
export const deadlineRisk = z.enum(['on_track', 'at_risk', 'breaching'])
export type DeadlineRisk = z.infer<typeof deadlineRisk>

export const riskChanged = z.object({
  from: deadlineRisk,
  to: deadlineRisk,
  /** [likely, worst], milliseconds since the epoch. */
  expected_end: z.tuple([z.int(), z.int()]),
  why: z.string(),
})
