import type { BatchLive, BatchRow } from '../../../../src-preload/contract/batch.ts'
import { endOf, isAtRisk, slaOf, stuckOn } from '../../../lib/batch-words.ts'
import * as format from '../../../lib/format.ts'
import type { MovingBatches } from '../../../lib/use-batches.ts'
import type { ShapeName, Tone } from '../../../ui/icons.tsx'

export interface Verdict {
  readonly sentence: string
  readonly tone: Tone
  readonly shape: ShapeName
  readonly why: string
}

/** Will everything be done in time? The worst batch speaks first. */
export function listVerdict({ rows, live, counts, shedding }: MovingBatches, now: number): Verdict {
  const liveOf = (row: BatchRow): BatchLive | null => live.get(row.batch_id) ?? null
  const risky = rows.filter((row) => isAtRisk(row, liveOf(row)))
  const [worst] = risky
  if (worst) {
    const late = risky.filter((row) => slaOf(row, liveOf(row)) !== 'at_risk').length
    return {
      sentence: `${format.counted(counts.at_risk, 'batch', 'batches')} at risk${late > 0 ? `, ${late} of them late more likely than not` : ''}`,
      tone: late > 0 ? 'bad' : 'warn',
      shape: late > 0 ? 'bad' : 'warn',
      why: `${worst.name}: ${liveOf(worst)?.sla.why ?? 'see its page'}`,
    }
  }
  if (rows.length === 0)
    return {
      sentence: counts.all === 0 ? 'No batch yet' : 'Nothing runs',
      tone: 'neutral',
      shape: 'off',
      why:
        counts.all === 0
          ? 'Drop a file of requests to begin.'
          : `${format.counted(counts.all, 'batch', 'batches')} ended${counts.failed > 0 ? `, ${counts.failed} of them failed` : ''}.`,
    }
  const { waiting } = counts
  const moving = format.counted(counts.moving, 'batch', 'batches')
  const share = waiting === counts.moving ? ', waiting' : `, ${waiting} of them waiting`
  const under = `${moving} under way${waiting > 0 ? share : ''}`
  const stuck = rows.flatMap((row) => stuckOn(row, liveOf(row)) ?? [])
  const [hold] = stuck
  if (hold)
    return {
      sentence: `${format.counted(stuck.length, 'batch waits', 'batches wait')} for you`,
      tone: 'warn',
      shape: 'warn',
      why: hold.fix === null ? hold.message : `${hold.message} ${hold.fix}`,
    }
  if (shedding) {
    const tone = shedding.escalated_at === null ? 'warn' : 'bad'
    const seen = tone === 'bad' ? ', and nobody has looked yet' : ''
    return { sentence: `Batches are held back${seen}; none is at risk`, tone, shape: tone, why: `${under}.` }
  }
  const ends = counts.moving > rows.length ? [null] : rows.map((row) => endOf(row, liveOf(row)))
  const last = ends.every((end) => end !== null) ? Math.max(...ends.map((end) => end.p90)) : null
  return {
    sentence: `${under}, none at risk`,
    tone: 'good',
    shape: 'good',
    why:
      last === null
        ? 'When all is done is not known yet: some have only begun.'
        : `All done by ${format.moment(last, now)} at worst.`,
  }
}
