import * as z from 'zod'
import { councilView } from './councils.ts'

/** Totals over all runs and councils. */
export const statusReply = z.object({
  total_deliberations: z.int().nonnegative(),
  /** Those whose winner an architect chooses; among all. */
  total_orchestrations: z.int().nonnegative(),
  active_deliberations: z.int().nonnegative(),
  /** Of completed runs; null while there is none. */
  avg_deliberation_time_ms: z.number().nonnegative().nullable(),
  /** Councils that can take a run, or have one in motion. */
  active_councils: z.int().nonnegative(),
  role_counts: z.record(z.string(), z.int().nonnegative()),
  status_counts: z.record(z.string(), z.int().nonnegative()),
})

const milliseconds = z.number().nonnegative().nullable()

/** Times of completed runs in the window; null where there is none. `count`: how many the figures rest on. */
const performance = z.object({
  count: z.int().nonnegative(),
  avg_ms: milliseconds,
  p50_ms: milliseconds,
  p95_ms: milliseconds,
  p99_ms: milliseconds,
})

const count = z.int().nonnegative()

/** How a council does: its agents now, and its runs that ended in the window. */
const councilHealth = z.object({
  ...councilView.pick({ council_id: true, role: true, status: true, num_agents: true }).shape,
  /** Agents that wait for work; none while the council is unavailable. */
  available: count,
  busy: count,
  success_rate: z.number().min(0).max(1).nullable(),
})

/** Figures of a window, from `from` up to `to` (milliseconds since the epoch), and how agents and councils stand now. */
export const metricsReply = z.object({
  from: z.int(),
  to: z.int(),
  performance,
  /** Runs that ended in the window, by how they ended. */
  ended: z.record(z.string(), z.int().nonnegative()),
  /** Completed ÷ ended by themselves (cancelled ones count neither way); null where none ended. */
  success_rate: z.number().min(0).max(1).nullable(),
  /** Those of all councils. `busy`: asked, and not answered yet; `offline`: of a council that is unavailable. */
  agents: z.object({ total: count, ready: count, busy: count, offline: count }),
  councils: z.array(councilHealth),
  calls: z.object({ count: z.int().nonnegative(), tokens_out: z.int().nonnegative(), cost_micro_usd: z.int().nonnegative() }),
})
