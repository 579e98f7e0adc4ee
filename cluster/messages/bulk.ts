import * as z from 'zod'
import { listedStatus, runFilter } from './deliberation-query.ts'

/** What can be done with many runs at once. `delete` leaves a tombstone: the run is EXPIRED. */
export const bulkAction = z.enum(['cancel', 'archive', 'restore', 'delete'])
export type BulkAction = z.infer<typeof bulkAction>

const ids = z.array(z.string().min(1).max(100)).max(5000)

/** Which runs: one by one, or all that match, but for some. */
export const bulkRuns = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('some'), ids }),
  z.strictObject({ kind: z.literal('query'), filter: runFilter, without: ids.default([]) }),
])
export type BulkRuns = z.infer<typeof bulkRuns>

/** What would be done now: to how many, by status, and who is left out and why. */
export const bulkPreview = z.object({
  runs: z.int().nonnegative(),
  by_status: z.record(listedStatus, z.int().nonnegative()),
  left_out: z.array(z.object({ reason: z.string(), runs: z.int().positive(), examples: z.array(z.string()) })),
})
export type BulkPreview = z.infer<typeof bulkPreview>

/** One action on runs that were fixed when it was confirmed. `skipped`: by then it did not apply any more. */
export const bulkOperation = z.object({
  id: z.string(),
  action: bulkAction,
  state: z.enum(['running', 'done', 'stopped']),
  total: z.int().nonnegative(),
  done: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  skipped: z.int().nonnegative(),
  /** The first few that failed, with the cause. */
  failures: z.array(z.object({ task_id: z.string(), message: z.string() })),
  started_at: z.int(),
  ended_at: z.int().nullable(),
  /** The host ended in the middle of it and went on when it was there again; some of `skipped` may be its own work. */
  resumed: z.boolean(),
})
export type BulkOperation = z.infer<typeof bulkOperation>
