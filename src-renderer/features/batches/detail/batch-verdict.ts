import type { BatchLive, BatchRow } from '../../../../src-preload/contract/batch.ts'
import { endOf, holdWords, progressOf, slaOf } from '../../../lib/batch-words.ts'
import * as format from '../../../lib/format.ts'
import type { ShapeName, Tone } from '../../../ui/icons.tsx'

export interface Verdict {
  readonly sentence: string
  readonly tone: Tone
  readonly shape: ShapeName
  readonly why: string
}

const riskWords = { at_risk: 'At risk', breaching: 'Will miss its deadline', breached: 'Past its deadline' } as const

/** Will it be done in time? In one sentence with times, and why. Of one in the background: when, for it promises no time. */
export function batchVerdict(row: BatchRow, live: BatchLive | null, now: number, promised = true): Verdict {
  if (row.ended_at !== null) return endVerdict(row, now, promised)
  const deadline = format.moment(row.deadline, now)
  const promise = promised ? `the deadline is ${deadline}` : 'it runs in the background, no time is promised'
  const { done, total } = progressOf(row, live)
  const sla = slaOf(row, live)
  const end = endOf(row, live)
  const held = live?.hold ?? null
  const why = held ? (held.fix === null ? held.message : `${held.message} ${held.fix}`) : (live?.sla.why ?? '')

  if (row.status === 'validating')
    return {
      sentence: 'The file is being read, line by line',
      tone: 'neutral',
      shape: 'wait',
      why: 'Nothing is sent before every line is known to be sound.',
    }
  if (row.status === 'cancelling')
    return {
      sentence: 'Being cancelled: requests under way are stopped',
      tone: 'neutral',
      shape: 'stop',
      why: 'What is finished stays downloadable.',
    }
  if (row.status === 'finalizing')
    return {
      sentence: 'All requests are answered; the result files are being written',
      tone: 'info',
      shape: 'run',
      why: 'Output and errors are joined and their checksums taken.',
    }
  if (row.status === 'paused')
    return {
      sentence: `Paused with ${format.integer(done)} of ${format.integer(total)} requests done; ${promise}`,
      tone: 'neutral',
      shape: 'pause',
      why: row.message !== '' ? row.message : promised ? 'The deadline goes on counting.' : 'Resume it to go on.',
    }

  if (sla === 'at_risk' || sla === 'breaching' || sla === 'breached') {
    const tone = sla === 'at_risk' ? 'warn' : 'bad'
    const ends = end ? `probably done ${format.moment(end.p50, now)}, by ${format.moment(end.p90, now)} at worst; ` : ''
    return {
      sentence: `${riskWords[sla]}: ${ends}the deadline ${sla === 'breached' ? 'was' : 'is'} ${deadline}`,
      tone,
      shape: tone,
      why,
    }
  }
  if (held && !held.cured_by_waiting)
    return { sentence: `Waits for you: ${holdWords(held.code).toLowerCase()}`, tone: 'warn', shape: 'warn', why }
  if (end) {
    const about = end.isEstimate ? 'About' : 'Probably'
    return {
      sentence: `${about} done ${format.moment(end.p50, now)}, by ${format.moment(end.p90, now)} at worst; ${promise}`,
      tone: sla === 'inside_buffer' ? 'info' : 'good',
      shape: sla === 'inside_buffer' ? 'info' : 'good',
      why: why === '' ? `${format.integer(done)} of ${format.integer(total)} requests done.` : why,
    }
  }
  const queued = live?.queue ? `${ordinal(live.queue.position)} in the queue` : row.status === 'queued' ? 'Queued' : 'Running'
  return {
    sentence: `${queued}; when it is done is not known yet. ${promise[0]?.toUpperCase()}${promise.slice(1)}`,
    tone: 'neutral',
    shape: row.status === 'queued' ? 'wait' : 'run',
    why: why === '' ? 'An end is named after 30 requests and two minutes.' : why,
  }
}

function endVerdict(row: BatchRow, now: number, promised: boolean): Verdict {
  const { completed, failed, total, cancelled, expired } = row.counts
  const at = format.moment(row.ended_at ?? now, now)
  const counts = `${format.integer(completed)} of ${format.integer(total)} requests answered${failed > 0 ? `, ${format.integer(failed)} failed` : ''}`
  const margin = row.deadline - (row.ended_at ?? now)
  const kept = margin >= 0 ? `${format.duration(margin)} before the deadline` : `${format.duration(-margin)} after the deadline`
  switch (row.status) {
    case 'completed':
      return {
        sentence: `Done ${at}: ${counts}`,
        tone: failed > 0 ? 'warn' : 'good',
        shape: failed > 0 ? 'warn' : 'good',
        why: promised ? `${kept[0]?.toUpperCase()}${kept.slice(1)}.` : 'It ran in the background: no time was promised.',
      }
    case 'expired':
      return {
        sentence: `Expired ${at} with ${counts}`,
        tone: 'warn',
        shape: 'wait',
        why: `${format.integer(expired)} requests were never answered; they can be run again as a new batch.`,
      }
    case 'cancelled':
      return {
        sentence: `Cancelled ${at} with ${counts}`,
        tone: 'neutral',
        shape: 'stop',
        why: `${format.integer(cancelled)} requests were not sent or stopped.`,
      }
    case 'failed':
    case 'validating':
    case 'queued':
    case 'in_progress':
    case 'paused':
    case 'finalizing':
    case 'cancelling':
      return { sentence: `Failed ${at}${total > 0 ? ` with ${counts}` : ''}`, tone: 'bad', shape: 'bad', why: row.message }
  }
}

function ordinal(place: number): string {
  const tail = place % 100 > 10 && place % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th')
  return `${place}${tail}`
}
