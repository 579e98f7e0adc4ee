import type { Answered } from '../../messages/commands.ts'
import type { deliberationCommands } from '../../messages/deliberation-commands.ts'
import type { DeliberationBoard } from '../../messages/deliberation-views.ts'
import { roleName } from '../../messages/roles.ts'
import type { Clock } from '../../ports/clock.ts'
import type { CommandContext } from '../../ports/commands.ts'
import type { ExportRun, PlaneReads } from '../../ports/deliberation-reads.ts'
import type { ControlPlane } from '../control-plane.ts'
import type { Accepted } from '../deliberation/submit.ts'
import { refuse, type Refusal } from '../refusal.ts'
import { withWholeTexts } from '../texts/whole-texts.ts'
import { refused, type CommandHandlers } from './dispatch.ts'
import { metricsFigures, statusFigures } from './figures.ts'
import { resultOf } from './result.ts'

export interface DeliberationCommandPorts {
  readonly plane: ControlPlane
  readonly reads: PlaneReads
  readonly exportRun: ExportRun
  readonly clock: Clock
}

type Board = { readonly kind: 'board'; readonly board: DeliberationBoard }

/** The commands about deliberations over the use cases of a plane and its read models. */
export function deliberationHandlers(ports: DeliberationCommandPorts): CommandHandlers<typeof deliberationCommands> {
  const { plane, reads, exportRun, clock } = ports
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

  async function setArchived({ task_id }: { task_id: string }, { actor }: CommandContext, archived: boolean) {
    const recorded = await plane.setArchived(task_id, actor, archived)
    return recorded.kind === 'refused' ? refused(recorded) : { ok: { task_id, deliberation_id: task_id, archived } }
  }

  return {
    async submit({ run, mode, wait_timeout_ms }, { commandId, actor, signal }) {
      const accepted = await plane.submit(commandId, actor, run)
      if (accepted.kind === 'refused') return refused(accepted)
      if (mode === 'async') return { ok: { ...receipt(accepted), status: 'submitted' as const } }
      const found = await wait(accepted.taskId, wait_timeout_ms, signal)
      if (found.kind === 'refused') return refused(found)
      const { status, results, winner_id, duration_ms, baseline } = resultOf(found.board)
      return { ok: { ...receipt(accepted), status, results, winner_id, duration_ms, baseline } }
    },

    async orchestrate({ run, wait_timeout_ms }, { commandId, actor, signal }) {
      const accepted = await plane.submit(commandId, actor, run)
      if (accepted.kind === 'refused') return refused(accepted)
      const found = await wait(accepted.taskId, wait_timeout_ms, signal)
      if (found.kind === 'refused') return refused(found)
      const { task_id, deliberation_id, status, results, winner_id, selection, baseline, duration_ms, metadata } = resultOf(
        found.board,
      )
      return {
        ok: {
          task_id,
          deliberation_id,
          execution_id: task_id,
          status,
          winner: results.find(({ proposal }) => proposal.author_id === winner_id) ?? null,
          candidates: results,
          selection,
          baseline,
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

    async board({ task_id }) {
      const found = await find(task_id)
      return found.kind === 'refused' ? refused(found) : { ok: found.board }
    },

    async text({ task_id, sha256, offset }) {
      const page = await plane.text(task_id, sha256, offset)
      if (page) return { ok: page }
      const found = await find(task_id)
      if (found.kind === 'refused') return refused(found)
      return refused(refuse('not-found', `Run ${task_id} has no text with the SHA-256 ${sha256}.`, { field: 'sha256' }))
    },

    async export({ task_id, format }) {
      const found = await find(task_id)
      if (found.kind === 'refused') return refused(found)
      const whole = await withWholeTexts(found.board, plane)
      return whole.kind === 'refused' ? refused(whole) : { ok: exportRun(whole.board, format, clock.now()) }
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

    archive: (input, context) => setArchived(input, context, true),
    restore: (input, context) => setArchived(input, context, false),

    async delete({ task_id, dry_run }, { actor }) {
      const weighed = await plane.weigh(task_id)
      if (weighed.kind === 'refused') return refused(weighed)
      const found = await find(task_id)
      if (found.kind === 'refused') return refused(found)
      const { events, bytes } = weighed
      const removal = { events, bytes, texts: found.board.versions.length }
      if (!dry_run) {
        const removed = await plane.expire(task_id, actor)
        if (removed.kind === 'refused') return refused(removed)
      }
      return { ok: { task_id, deliberation_id: task_id, deleted: !dry_run, removal } }
    },

    list({ cursor, limit, sort, order, role, ...filter }) {
      const query = { filter: { ...filter, role: role.map(roleName) }, order: { by: sort, descending: order === 'desc' } }
      const page = reads.queries().page(query, limit, cursor, clock.now())
      if (!page)
        return Promise.resolve(
          refused(
            refuse('invalid-input', 'The cursor is none that a list gave; leave it out to begin anew.', { field: 'cursor' }),
          ),
        )
      const { rows, total } = page
      return done({ rows: [...rows], total, next_cursor: rows.length === limit ? (rows.at(-1)?.task_id ?? null) : null })
    },

    status: () => statusFigures(plane.councils, reads.queries),
    metrics: ({ window_ms }) => metricsFigures(plane.councils, reads.queries, clock.now(), window_ms),
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
