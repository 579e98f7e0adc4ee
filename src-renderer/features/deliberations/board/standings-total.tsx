import * as format from '../../../lib/format.ts'
import { Absent } from '../../../ui/absent.tsx'
import type { Baseline, Board } from '../shapes.ts'
import { totalsOf } from './timeline.ts'

/** What the baseline's samples took, as one row: they have no place in the ranking. */
export function SamplesRow({ samples }: { samples: Baseline['samples'] }) {
  const totals = totalsOf(samples.map(({ call }) => call))
  const busyMs = totals.readingMs + totals.writingMs
  return (
    <tr>
      <td />
      <td colSpan={5}>
        <span className="fg2">{`${format.counted(samples.length, 'sample')} of the baseline`}</span>
      </td>
      <td className="num fg2 roomy">{format.tokens(totals.tokensOut)}</td>
      <td className="num fg2 roomy">{busyMs === 0 ? <Absent reason="no sample has ended" /> : format.duration(busyMs)}</td>
      <td className="num fg2">{format.cost(totals.costMicroUsd)}</td>
    </tr>
  )
}

/** The sum of the rows above, samples included, and the time by the clock. */
export function TotalRow({ board }: { board: Board }) {
  const totals = totalsOf(callsOf(board))
  const busyMs = totals.readingMs + totals.writingMs
  return (
    <tr className="standing-total">
      <td />
      <td colSpan={5}>
        <span className="fg3">{totalInWords(board)}</span>
      </td>
      <td className="num roomy">{format.tokens(board.row.tokens_out)}</td>
      <td className="num roomy">{busyMs === 0 ? <Absent reason="no call has ended" /> : format.duration(busyMs)}</td>
      <td className="num">{format.cost(board.row.cost_micro_usd)}</td>
    </tr>
  )
}

/** "12 of 17 calls ended, 1 retry; 3 m 02 s by the clock". */
export function totalInWords(board: Board): string {
  const { row, spec } = board
  const all = callsOf(board)
  const { calls, retries } = totalsOf(all)
  const planned = Math.max(spec.estimate.calls, all.length)
  const count =
    row.ended_at === null
      ? `${calls} of ${planned} calls ended`
      : calls < planned
        ? `${calls} of ${planned} planned calls`
        : `All ${format.counted(calls, 'call')}`
  const again = retries === 0 ? '' : `, ${format.counted(retries, 'retry', 'retries')}`
  const last = row.ended_at ?? Math.max(row.created_at, ...all.map((call) => call.ended_at ?? 0))
  const took = last === row.created_at ? '' : `; ${format.duration(last - row.created_at)} by the clock`
  return `${count}${again}${took}`
}

function callsOf({ calls, baseline }: Board): Board['calls'] {
  return [...calls, ...(baseline?.samples ?? []).map(({ call }) => call)]
}
