import type { ReactNode } from 'react'
import type { BatchDetail, BatchLive } from '../../../../src-preload/contract/batch.ts'
import { endOf, progressOf } from '../../../lib/batch-words.ts'
import * as format from '../../../lib/format.ts'
import type { LadderStep } from '../../../ui/ladder.tsx'

type Usual = NonNullable<BatchDetail['stages'][number]['usual']>

const names = { validating: 'Validating', queued: 'Queued', running: 'Running', finalizing: 'Finalizing', done: 'Done' } as const

/**
 * The stages of a batch as steps, each with when it began, how long it took or has taken, and how long it usually takes. `dash` draws what
 * is not known, with the reason.
 */
export function stageSteps(
  { row, stages, plan }: Pick<BatchDetail, 'row' | 'stages' | 'plan'>,
  live: BatchLive | null,
  now: number,
  dash: (reason: string) => ReactNode,
): readonly LadderStep[] {
  return stages.map(({ stage, state, started_at, ended_at, note, usual }) => {
    const what: ReactNode[] =
      started_at === null ? [] : [timeWords(stage, started_at, ended_at, now), ...(note === '' ? [] : [note])]
    const running = stage === 'running' && state === 'now'
    const end = running ? endOf(row, live) : null
    if (stage === 'queued' && state === 'now' && live?.queue) what.push(`number ${live.queue.position} in line`)
    if (end && end.p50 > now) what.push(`P50 ${format.duration(end.p50 - now)} to go`)
    const isLong = state === 'now' && usual !== undefined && started_at !== null && now - started_at > usual.high_ms
    if (stage !== 'done') what.push(usual ? usualWords(usual, isLong) : dash(noHistory(plan)))
    return {
      id: stage,
      name: names[stage],
      state: running ? 'half' : stateOf[state],
      progress: running ? progressOf(row, live).share : undefined,
      ...(isLong && row.status !== 'paused' && ({ shape: 'warn', tone: 'warn' } as const)),
      what,
    }
  })
}

const stateOf = { ahead: 'next', now: 'now', done: 'done', failed: 'bad' } as const

function usualWords({ low_ms, high_ms, batches }: Usual, isLong: boolean): string {
  const [low, high] = [format.duration(low_ms), format.duration(high_ms)]
  const range = low === high ? low : `${low} to ${high}`
  return `${isLong ? 'longer than usual: ' : 'usually '}${range}, ${format.counted(batches, 'batch', 'batches')}`
}

function noHistory(plan: BatchDetail['plan']): string {
  return plan === null
    ? 'What is usual is told once the file is read: it depends on how many requests it has.'
    : 'Fewer than 3 batches of this model with ¼ to 4 times as many requests have ended.'
}

function timeWords(stage: keyof typeof names, from: number, to: number | null, now: number): string {
  const at = format.moment(from, now)
  return stage === 'done' ? at : `${at}, ${format.duration((to ?? now) - from)}`
}
