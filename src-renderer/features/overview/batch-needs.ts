import type { BatchLive, BatchRow } from '../../../src-preload/contract/batch.ts'
import { batchState, endOf, isAtRisk, slaOf, stuckOn } from '../../lib/batch-words.ts'
import { counted, moment } from '../../lib/format.ts'
import { batchRoute, routes } from '../../lib/routes.ts'
import type { MovingBatches } from '../../lib/use-batches.ts'
import { severityWords, type Need } from './need.ts'

/** What of the batches waits for a person. */
export function batchNeeds(batches: MovingBatches | null, now: number): readonly Need[] {
  return [
    ...(batches?.shedding?.escalated_at == null ? [] : [sheddingNeed(batches.shedding)]),
    ...stuckBatches(batches).map(stuckNeed),
    ...atRiskBatches(batches).map((batch) => batchNeed(batch, now)),
  ]
}

/** How many batches go on only once somebody does something. */
export function stuckCount(batches: MovingBatches | null): number {
  return stuckBatches(batches).reduce((sum, { rows }) => sum + rows.length, 0)
}

/** Batches that may miss their deadline, soonest deadline first. */
export function atRiskBatches(batches: MovingBatches | null) {
  return (batches?.rows ?? []).flatMap((row) => {
    const live = batches?.live.get(row.batch_id) ?? null
    return isAtRisk(row, live) ? [{ row, live, sla: slaOf(row, live) }] : []
  })
}

/** Those of one cause together. */
function stuckBatches(batches: MovingBatches | null) {
  const byCause = new Map<string, { hold: NonNullable<BatchLive['hold']>; rows: BatchRow[] }>()
  for (const row of batches?.rows ?? []) {
    const hold = stuckOn(row, batches?.live.get(row.batch_id) ?? null)
    if (!hold) continue
    const known = byCause.get(hold.message)
    if (known) known.rows.push(row)
    else byCause.set(hold.message, { hold, rows: [row] })
  }
  return [...byCause.values()]
}

function stuckNeed({ hold, rows }: ReturnType<typeof stuckBatches>[number]): Need {
  const [first] = rows
  const isOne = rows.length === 1 && first !== undefined
  return {
    id: `stuck.${hold.message}`,
    tone: 'warn',
    word: severityWords.warn,
    title: isOne ? `${first.name} waits for you` : `${counted(rows.length, 'batch waits', 'batches wait')} for you`,
    tag: isOne ? first.batch_id : '',
    detail: hold.fix === null ? hold.message : `${hold.message} ${hold.fix}`,
    figure: '',
    figureNote: '',
    action: isOne
      ? { kind: 'open', to: batchRoute(first.batch_id), words: 'Open batch' }
      : { kind: 'open', to: routes.batches, words: 'Open batches' },
  }
}

/** Load has been shed for an hour, and nobody has said yet that they saw it. */
function sheddingNeed({ why }: NonNullable<MovingBatches['shedding']>): Need {
  return {
    id: 'shedding',
    tone: 'bad',
    word: severityWords.warn,
    title: 'Batches are held back',
    tag: '',
    detail: `${why.join('; ')}.`,
    figure: '',
    figureNote: '',
    action: { kind: 'open', to: routes.batches, words: 'Open batches' },
  }
}

function batchNeed({ row, live }: ReturnType<typeof atRiskBatches>[number], now: number): Need {
  const { word, tone } = batchState(row, live)
  const end = endOf(row, live)
  return {
    id: row.batch_id,
    tone: tone === 'bad' ? 'bad' : 'warn',
    word,
    title: row.name,
    tag: row.batch_id,
    detail: live?.sla.why ?? '',
    figure: end === null ? '' : moment(end.p90, now),
    figureNote: `at worst; due ${moment(row.deadline, now)}`,
    action: { kind: 'open', to: batchRoute(row.batch_id), words: 'Open batch' },
  }
}
