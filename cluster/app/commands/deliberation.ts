import type { Answered } from '../../messages/commands.ts'
import { deliberationCommands } from '../../messages/deliberation-commands.ts'
import type { DeliberationBoard } from '../../messages/deliberation-views.ts'
import { roleName } from '../../messages/roles.ts'
import type { Dispatch } from '../../ports/commands.ts'
import type { PagePlace, PlaneReads, RunPerformance } from '../../ports/deliberation-reads.ts'
import type { ControlPlane } from '../control-plane.ts'
import type { Accepted } from '../deliberation/submit.ts'
import { refuse, type Refusal } from '../refusal.ts'
import { createDispatch, refused, type CommandHandlers, type DispatchPorts } from './dispatch.ts'
import { resultOf } from './result.ts'

export interface DeliberationCommandPorts extends DispatchPorts {
  readonly plane: ControlPlane
  readonly reads: PlaneReads
}

type Board = { readonly kind: 'board'; readonly board: DeliberationBoard }

/** The commands about deliberations over the use cases of a plane and its read models. */
export function dispatchDeliberation(ports: DeliberationCommandPorts): Dispatch {
  return createDispatch(deliberationCommands, handlers(ports), ports)
}

function handlers({ plane, reads, clock }: DeliberationCommandPorts): CommandHandlers<typeof deliberationCommands> {
  /** A run accepted a moment ago may not be in the read models yet. */
  async function find(taskId: string): Promise<Board | Refusal> {
    const found = reads.queries().board(taskId, clock.now())
    if (found.kind === 'board') return found
    if (found.kind === 'unknown') await reads.caughtUp()
    const newest = reads.queries().board(taskId, clock.now())
    if (newest.kind === 'board') return newest
    return newest.kind === 'expired'
      ? refuse('expired', `Run ${taskId} was removed by retention.`)
      : refuse('not-found', `There is no run ${taskId}.`)
  }

  /** The run when it has ended, or as it is when the wait is over. */
  async function wait(taskId: string, forMs: number, signal: AbortSignal): Promise<Board | Refusal> {
    const enough = new AbortController()
    const look = (taskIds: Iterable<string>): void => {
      if (![...taskIds].includes(taskId)) return
      if (reads.queries().row(taskId, clock.now())?.ended_at !== null) enough.abort()
    }
    const end = reads.runsChanged(look)
    try {
      await reads.caughtUp()
      look([taskId])
      await clock.sleep(forMs, AbortSignal.any([signal, enough.signal]))
    } finally {
      end()
    }
    return await find(taskId)
  }

  return {
    async submit({ run, mode, wait_timeout_ms }, { commandId, actor, signal }) {
      const accepted = await plane.submit(commandId, actor, run)
      if (accepted.kind === 'refused') return refused(accepted)
      if (mode === 'async') return { ok: { ...receipt(accepted), status: 'submitted' as const } }
      const found = await wait(accepted.taskId, wait_timeout_ms, signal)
      if (found.kind === 'refused') return refused(found)
      const { status, results, winner_id, duration_ms } = resultOf(found.board)
      return { ok: { ...receipt(accepted), status, results, winner_id, duration_ms } }
    },

    async orchestrate({ run, wait_timeout_ms }, { commandId, actor, signal }) {
      const accepted = await plane.submit(commandId, actor, run)
      if (accepted.kind === 'refused') return refused(accepted)
      const found = await wait(accepted.taskId, wait_timeout_ms, signal)
      if (found.kind === 'refused') return refused(found)
      const { task_id, deliberation_id, status, results, winner_id, selection, duration_ms, metadata } = resultOf(found.board)
      return {
        ok: {
          task_id,
          deliberation_id,
          execution_id: task_id,
          status,
          winner: results.find(({ proposal }) => proposal.author_id === winner_id) ?? null,
          candidates: results,
          selection,
          duration_ms,
          metadata,
        },
      }
    },

    async estimate(run) {
      const estimated = await plane.estimate(run)
      if (estimated.kind === 'refused') return refused(estimated)
      const { spec, taskTokens, problems, warnings } = estimated
      return {
        ok: {
          estimate: spec.estimate,
          timeout_ms: spec.limits.timeout_ms,
          task_tokens: taskTokens,
          problems: [...problems],
          warnings: [...warnings],
        },
      }
    },

    async result({ task_id }) {
      const found = await find(task_id)
      return found.kind === 'refused' ? refused(found) : { ok: resultOf(found.board) }
    },

    async cancel({ task_id }, { actor }) {
      const cancelled = await plane.cancel(task_id, actor)
      if (cancelled.kind === 'refused') return refused(cancelled)
      return { ok: { task_id, deliberation_id: task_id, status: 'CANCELLED' as const } }
    },

    async retry({ task_id, agent_id }, { commandId, actor }) {
      const retried = await plane.retry(commandId, actor, task_id, agent_id)
      if (retried.kind === 'refused') return refused(retried)
      const { phase, round, attempt } = retried.call
      return { ok: { task_id, deliberation_id: task_id, agent_id, phase, round, attempt } }
    },

    async outcome({ task_id, outcome }, { actor }) {
      const recorded = await plane.recordOutcome(task_id, actor, outcome)
      if (recorded.kind === 'refused') return refused(recorded)
      return { ok: { task_id, deliberation_id: task_id, verdict: outcome.verdict } }
    },

    list({ cursor, limit, role, ...filters }) {
      const after = cursor === undefined ? undefined : placeOf(cursor)
      if (after === null)
        return Promise.resolve(
          refused(
            refuse('invalid-input', 'The cursor is none that a list gave; leave it out to begin anew.', { field: 'cursor' }),
          ),
        )
      const { rows, total } = reads.queries().page({ ...filters, role: role && roleName(role), limit, after }, clock.now())
      const last = rows.length === limit ? rows.at(-1) : undefined
      return done({ rows: [...rows], total, next_cursor: last ? cursorOf(last) : null })
    },

    status() {
      const { byStatus, byRole, avgDurationMs } = reads.queries().totals()
      return done({
        total_deliberations: Object.values(byStatus).reduce((sum, count) => sum + count, 0),
        active_deliberations: (byStatus['PENDING'] ?? 0) + (byStatus['IN_PROGRESS'] ?? 0),
        avg_deliberation_time_ms: avgDurationMs,
        role_counts: { ...byRole },
        status_counts: { ...byStatus },
      })
    },

    metrics({ window_ms }) {
      const to = clock.now()
      const from = to - window_ms
      const measured = reads.queries().performance(from, to)
      return done({
        from,
        to,
        performance: measured.durations,
        ended: { ...measured.endedByStatus },
        success_rate: successRate(measured),
        calls: { ...measured.calls },
      })
    },
  }
}

const done = <R>(reply: R): Promise<Answered<R>> => Promise.resolve({ ok: reply })

function receipt({ taskId, estimate, deadline, spec }: Accepted) {
  return {
    task_id: taskId,
    deliberation_id: taskId,
    agent_ids: spec.agents.map((agent) => agent.agent_id),
    num_agents: spec.agents.length,
    role: spec.role,
    rounds: spec.rounds,
    estimate,
    deadline,
    metadata: spec.metadata,
  }
}

function cursorOf({ created_at, task_id }: PagePlace): string {
  return `${created_at}.${task_id}`
}

/** Null for a text that is no cursor. */
function placeOf(cursor: string): PagePlace | null {
  const [, created_at, task_id] = /^(\d{1,15})\.(.+)$/.exec(cursor) ?? []
  return task_id === undefined ? null : { created_at: Number(created_at), task_id }
}

function successRate({ endedByStatus }: RunPerformance): number | null {
  const { COMPLETED = 0, FAILED = 0, TIMEOUT = 0 } = endedByStatus
  const ended = COMPLETED + FAILED + TIMEOUT
  return ended === 0 ? null : COMPLETED / ended
}
