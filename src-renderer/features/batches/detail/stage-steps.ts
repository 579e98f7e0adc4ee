import type { BatchDetail, BatchLive } from '../../../../src-preload/contract/batch.ts'
import { endOf, progressOf } from '../../../lib/batch-words.ts'
import * as format from '../../../lib/format.ts'
import type { LadderStep } from '../../../ui/ladder.tsx'

const names = { validating: 'Validating', queued: 'Queued', running: 'Running', finalizing: 'Finalizing', done: 'Done' } as const

/** The stages of a batch as steps, each with when it began and how long it took or has taken. */
export function stageSteps(
  { row, stages }: Pick<BatchDetail, 'row' | 'stages'>,
  live: BatchLive | null,
  now: number,
): readonly LadderStep[] {
  return stages.map(({ stage, state, started_at, ended_at, note }) => {
    const what = started_at === null ? [] : [timeWords(stage, started_at, ended_at, now), ...(note === '' ? [] : [note])]
    const running = stage === 'running' && state === 'now'
    const end = running ? endOf(row, live) : null
    if (stage === 'queued' && state === 'now' && live?.queue) what.push(`number ${live.queue.position} in line`)
    if (end) what.push(`P50 ${format.duration(end.p50 - now)} to go`)
    return {
      id: stage,
      name: names[stage],
      state: running ? 'half' : stateOf[state],
      progress: running ? progressOf(row, live).share : undefined,
      what,
    }
  })
}

const stateOf = { ahead: 'next', now: 'now', done: 'done', failed: 'bad' } as const

function timeWords(stage: keyof typeof names, from: number, to: number | null, now: number): string {
  const at = format.moment(from, now)
  return stage === 'done' ? at : `${at}, ${format.duration((to ?? now) - from)}`
}
