import type * as z from 'zod'
import type { Answered } from '../../messages/commands.ts'
import type { CouncilView } from '../../messages/councils.ts'
import type { deliberationCommands } from '../../messages/deliberation-commands.ts'
import type { DeliberationReads, OpenCall } from '../../ports/deliberation-reads.ts'
import type { Councils } from '../library/councils.ts'

type Reply<V extends 'status' | 'metrics'> = Promise<Answered<z.input<(typeof deliberationCommands)[V]['reply']>>>

/** Totals over all runs and councils. */
export async function statusFigures(councils: Councils, queries: () => DeliberationReads): Reply<'status'> {
  const kept = await councils.list()
  const { byStatus, byRole, orchestrations, avgDurationMs } = queries().totals()
  return {
    ok: {
      total_deliberations: Object.values(byStatus).reduce((sum, count) => sum + count, 0),
      total_orchestrations: orchestrations,
      active_deliberations: (byStatus['PENDING'] ?? 0) + (byStatus['IN_PROGRESS'] ?? 0),
      avg_deliberation_time_ms: avgDurationMs,
      active_councils: kept.filter(({ status }) => status !== 'unavailable').length,
      role_counts: { ...byRole },
      status_counts: { ...byStatus },
    },
  }
}

/** How runs that ended in the last `windowMs` did, and how agents and councils stand at `now`. */
export async function metricsFigures(
  councils: Councils,
  queries: () => DeliberationReads,
  now: number,
  windowMs: number,
): Reply<'metrics'> {
  const kept = await councils.list()
  const reads = queries()
  const from = now - windowMs
  const { durations, endedByStatus, endedByCouncil, calls } = reads.performance(from, now)
  const open = reads.openCalls()
  const health = kept.map((council) => ({
    council_id: council.council_id,
    role: council.role,
    status: council.status,
    num_agents: council.num_agents,
    ...agentsOf(council, open),
    success_rate: successRate(endedByCouncil.get(council.council_id) ?? {}),
  }))
  const sum = (field: 'num_agents' | 'available' | 'busy') => health.reduce((total, council) => total + council[field], 0)
  const [total, ready, busy] = [sum('num_agents'), sum('available'), sum('busy')]
  return {
    ok: {
      from,
      to: now,
      performance: durations,
      ended: { ...endedByStatus },
      success_rate: successRate(endedByStatus),
      agents: { total, ready, busy, offline: total - ready - busy },
      councils: health,
      calls: { ...calls },
    },
  }
}

/** Agents of all councils by role and state. */
export async function councilAgents(
  councils: Councils,
  queries: () => DeliberationReads,
): Promise<readonly { readonly role: string; readonly status: 'ready' | 'busy' | 'offline'; readonly agents: number }[]> {
  const kept = await councils.list()
  const open = queries().openCalls()
  return kept.flatMap((council) => {
    const { available, busy } = agentsOf(council, open)
    return [
      { role: council.role, status: 'ready', agents: available },
      { role: council.role, status: 'busy', agents: busy },
      { role: council.role, status: 'offline', agents: council.num_agents - available - busy },
    ]
  })
}

/** Runs keep a copy of their council: it may have fewer agents now than are busy. */
function agentsOf(council: CouncilView, open: readonly OpenCall[]): { available: number; busy: number } {
  const asked = new Set(open.filter((call) => call.council_id === council.council_id).map((call) => call.agent_id))
  const busy = Math.min(asked.size, council.num_agents)
  return { busy, available: council.status === 'unavailable' ? 0 : council.num_agents - busy }
}

/** Of runs that ended by themselves; null where none did. */
function successRate({ COMPLETED = 0, FAILED = 0, TIMEOUT = 0 }: Readonly<Record<string, number>>): number | null {
  const ended = COMPLETED + FAILED + TIMEOUT
  return ended === 0 ? null : COMPLETED / ended
}
