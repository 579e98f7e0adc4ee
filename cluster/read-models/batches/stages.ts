import type { BatchDetail, BatchRow } from '../../messages/batch-views.ts'
import type { BatchTimes } from './fold.ts'

type Stage = BatchDetail['stages'][number]

const names = ['validating', 'queued', 'running', 'finalizing', 'done'] as const

/** The stages of a batch's life with when each began and ended. A batch that failed or was stopped did so in its last stage. */
export function stagesOf(row: BatchRow, { validated, started, finalizing }: BatchTimes): Stage[] {
  const begins: Readonly<Record<(typeof names)[number], number | undefined>> = {
    validating: row.created_at,
    queued: validated,
    running: started,
    finalizing,
    done: row.status === 'completed' ? (row.ended_at ?? undefined) : undefined,
  }
  const last = names.findLastIndex((name) => begins[name] !== undefined)
  const isOver = row.ended_at !== null
  return names.map((stage, index) => {
    const startedAt = begins[stage] ?? null
    const next = names
      .slice(index + 1)
      .map((name) => begins[name])
      .find((at) => at !== undefined)
    const endedAt = startedAt === null || stage === 'done' ? startedAt : (next ?? row.ended_at)
    const state = startedAt === null ? 'ahead' : index < last || stage === 'done' ? 'done' : isOver ? 'failed' : 'now'
    return { stage, state, started_at: startedAt, ended_at: endedAt, note: noteOf(stage, state, row) }
  })
}

function noteOf(stage: Stage['stage'], state: Stage['state'], row: BatchRow): string {
  if (state === 'failed') return row.status
  if (stage === 'running' && state === 'now' && row.status === 'paused') return 'paused'
  return ''
}
