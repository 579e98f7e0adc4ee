import { resultOf, type EmbeddedPlane } from '../../../cluster/entries/embedded.ts'
import type { DeliberationResult } from '../../../cluster/messages/deliberation-result.ts'
import type { DeliberationRow } from '../../../cluster/messages/deliberation-views.ts'
import type { LiveMessage } from '../../../cluster/messages/live.ts'
import type { RunProgress, RunUpdate } from '../../../cluster/messages/run-updates.ts'
import { callOfWorkId } from '../../../cluster/messages/work.ts'
import type { LiveCall } from '../../../src-preload/contract/deliberation.ts'
import { changes } from './changes.ts'
import type { LiveHub } from './live-hub.ts'
import { merged } from './merged.ts'

const INTERVAL_MS = 100

const steps: Readonly<Record<NonNullable<DeliberationRow['phase']>, RunProgress['status']>> = {
  propose: 'generating',
  critique: 'reviewing',
  revise: 'revising',
  check: 'checking',
  score: 'scoring',
  select: 'selecting',
}

/** One run as its followers hear it: what is written and how far it is, and the result at the end. */
export function createRunUpdates(plane: Pick<EmbeddedPlane, 'queries' | 'runsChanged'>, live: Pick<LiveHub, 'watch'>) {
  function result(taskId: string): DeliberationResult {
    const found = plane.queries().board(taskId, Date.now())
    if (found.kind !== 'board') throw new Error(`Run ${taskId} was removed while it was followed.`)
    return resultOf(found.board)
  }

  function progress(taskId: string, writing: ReadonlySet<string>): RunProgress {
    const row = plane.queries().row(taskId, Date.now())
    if (!row) throw new Error(`Run ${taskId} was removed while it was followed.`)
    const isOver = row.ended_at !== null
    return {
      task_id: taskId,
      status: isOver ? 'complete' : steps[row.phase ?? 'propose'],
      run_status: row.status,
      progress_percent: isOver ? 100 : Math.floor((100 * row.steps_done) / row.steps_total),
      current_step: isOver ? row.status : `${row.phase ?? 'propose'}, round ${row.round}`,
      current_agent: [...writing].at(-1) ?? null,
    }
  }

  return async function* (taskId: string, outer: AbortSignal): AsyncGenerator<RunUpdate> {
    const finished = new AbortController()
    const signal = AbortSignal.any([outer, finished.signal])
    /** Agents that write now, the last to begin at the end. */
    const writing = new Set<string>()
    let told: RunProgress | undefined
    const rows = changes(plane.runsChanged, INTERVAL_MS, signal)
    try {
      for await (const item of merged(live.watch(taskId, INTERVAL_MS, signal), rows)) {
        if (!('type' in item)) {
          if (!item.has(taskId)) continue
        } else if (item.type === 'snapshot') {
          writing.clear()
          for (const call of item.calls) if (call.state === 'running') writing.add(callOfWorkId(taskId, call.id).agent_id)
          told = progress(taskId, writing)
          yield {
            type: 'snapshot',
            ...told,
            calls: item.calls.map((call) => openCall(taskId, call)),
            partial_result: result(taskId),
          }
        } else {
          for (const message of item.messages) {
            note(writing, message)
            yield updateOf(message)
          }
        }
        const now = progress(taskId, writing)
        if (told && JSON.stringify(told) !== JSON.stringify(now)) yield { type: 'status', ...now }
        told = now
        if (now.status !== 'complete') continue
        yield { type: 'result', result: result(taskId) }
        return
      }
    } finally {
      finished.abort()
    }
  }
}

function openCall(taskId: string, { id, state, attempt, text }: LiveCall) {
  return { ...callOfWorkId(taskId, id), state, attempt, text }
}

function note(writing: Set<string>, message: LiveMessage): void {
  const { agent_id } = callOfWorkId(message.task_id, message.id)
  if (message.kind === 'delta') return
  writing.delete(agent_id)
  if (message.kind === 'started') writing.add(agent_id)
}

function updateOf(message: LiveMessage): RunUpdate {
  const call = callOfWorkId(message.task_id, message.id)
  if (message.kind === 'delta') return { type: 'delta', ...call, position: message.position, text: message.text }
  return { type: 'call', ...call, state: message.kind, error: message.kind === 'retrying' ? message.error : null }
}
