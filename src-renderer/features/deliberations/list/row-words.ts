import * as format from '../../../lib/format.ts'
import { isActive } from '../../../lib/run-words.ts'
import { phaseLabel } from '../phase-words.ts'
import type { Row } from '../shapes.ts'

/** What stands beside the progress squares: the phase that runs, or how the run came out. */
export function progressWords(row: Row): { readonly text: string; readonly bad: boolean } {
  if (isActive(row)) {
    if (row.status === 'PENDING') return { text: 'no answer yet', bad: false }
    return { text: row.phase === null ? 'between phases' : phaseLabel(row.phase, row.round), bad: false }
  }
  switch (row.end_reason) {
    case 'ranked':
      return row.failed_agents > 0
        ? { text: `${row.failed_agents} of ${row.num_agents} failed`, bad: false }
        : { text: 'ranked', bad: false }
    case 'all_failed':
      return { text: row.num_agents === 1 ? 'its agent failed' : `all ${row.num_agents} failed`, bad: true }
    case 'deadline':
      return { text: row.leader_id === null ? 'nothing ranked' : 'ranked what was in', bad: false }
    case 'cancelled':
      return { text: 'by an operator', bad: false }
    case 'token_limit':
      return { text: 'token limit', bad: false }
    case 'cost_limit':
      return { text: 'cost limit', bad: false }
    case 'fatal':
      return { text: row.message === '' ? 'fatal error' : row.message, bad: true }
    case null:
      return { text: '', bad: false }
  }
}

export interface SquareColours {
  readonly done: number
  readonly current: number
  readonly total: number
}

/** One square a phase: closed, running, to come. */
export function squaresOf(row: Row): SquareColours {
  const total = row.steps_total
  const done = Math.min(total, row.steps_done)
  return { done, current: isActive(row) && row.status === 'IN_PROGRESS' && done < total ? 1 : 0, total }
}

/** When it should end, or how long it took. */
export function endWords(row: Row, now: number): string | null {
  if (row.ended_at !== null) return format.duration(row.ended_at - row.created_at)
  return row.expected_end === null ? null : format.moment(row.expected_end, now)
}

/** Time between the end, or the expected end, and the deadline. */
export function spareWords(row: Row): { readonly text: string; readonly missed: boolean } | null {
  if (row.status === 'TIMEOUT') return { text: 'missed', missed: true }
  if (row.status === 'FAILED' || row.status === 'CANCELLED' || row.status === 'EXPIRED') return null
  if (row.ended_at !== null)
    return row.ended_at <= row.deadline ? { text: 'met', missed: false } : { text: 'missed', missed: true }
  if (row.expected_end === null) return null
  const spare = row.deadline - row.expected_end
  return spare >= 0 ? { text: format.duration(spare), missed: false } : { text: `${format.age(-spare)} late`, missed: true }
}
