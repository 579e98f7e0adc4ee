import * as format from '../../../lib/format.ts'
import { isActive } from '../../../lib/run-words.ts'
import type { ShapeName, Tone } from '../../../ui/icons.tsx'
import type { NewestUpdate } from '../../../../src-preload/contract/deliberation.ts'
import type { Row } from '../shapes.ts'

export interface ListVerdict {
  readonly sentence: string
  readonly why: string
  readonly shape: ShapeName
  readonly tone: Tone
}

/** Since midnight. */
export interface Today {
  readonly runs: number
  readonly spentMicroUsd: number
}

/** What runs and whether it will be in time, in one sentence; leaders and spend below. `rows` are the newest runs and all in motion. */
export function listVerdict(rows: readonly Row[], counts: NewestUpdate['counts'], today: Today | null, now: number): ListVerdict {
  const active = rows.filter(isActive)
  const late = active.filter((row) => row.deadline_risk === 'breaching').length
  const risky = active.filter((row) => row.deadline_risk === 'at_risk').length
  const waiting = active.filter((row) => row.status === 'PENDING').length
  const running = Math.max(0, counts.running - waiting)
  const parts: string[] = []
  if (late > 0) parts.push(`${late} of ${counts.running} will miss ${late === 1 ? 'its' : 'their'} deadline`)
  if (risky > 0) parts.push(`${risky} close to the deadline`)
  const onTime = running - late - risky
  if (onTime > 0) parts.push(`${onTime} running on time`)
  if (waiting > 0) parts.push(`${waiting} waiting`)
  const sentence = parts.length > 0 ? parts.join(', ') : counts.all === 0 ? 'No deliberation yet' : 'Nothing runs right now'
  const tone: Tone = late > 0 ? 'bad' : risky > 0 ? 'warn' : active.length > 0 ? 'info' : 'neutral'
  const shape: ShapeName = late > 0 ? 'bad' : risky > 0 ? 'warn' : running > 0 ? 'run' : waiting > 0 ? 'wait' : 'off'
  return { sentence, why: whyOf(rows, active, counts, today, now), shape, tone }
}

function whyOf(
  rows: readonly Row[],
  active: readonly Row[],
  counts: NewestUpdate['counts'],
  today: Today | null,
  now: number,
): string {
  if (counts.all === 0) return 'Give a task to several agents: they propose, criticise, revise and score each other’s answers.'
  const leaders = active.flatMap((row) =>
    row.leader_id === null || row.score === null ? [] : [`${row.leader_id} ${format.score(row.score)}`],
  )
  const last = rows.find((row) => row.ended_at !== null)
  const parts = [
    leaders.length > 0 ? `${leaders.length === 1 ? 'Leader' : 'Leaders'}: ${leaders.slice(0, 4).join(', ')}.` : null,
    today && `${format.counted(today.runs, 'run')} since 00:00, ${format.cost(today.spentMicroUsd)} spent.`,
    active.length === 0 && last?.ended_at != null ? `The last one ended ${format.moment(last.ended_at, now)}.` : null,
  ]
  return parts.filter((part) => part !== null).join(' ')
}
