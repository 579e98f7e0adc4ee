import { useElementSize } from '@mantine/hooks'
import { useNow } from '../../../lib/clock.ts'
import * as format from '../../../lib/format.ts'
import type { Board } from '../shapes.ts'
import { useLiveTexts } from './live-context.ts'
import { axisOf, barsOf, placeLabels, type Axis, type TimelineBar } from './timeline.ts'

const HEAD = 28
const ROW = 28
const SIDE = 8

interface TimelineProps {
  board: Board
  /** Agents in the order of the rows beside it. */
  order: readonly string[]
  selected: string | null
}

/** All calls on one axis: waiting, reading, writing, failed; with now, the expected end and the deadline. */
export function Timeline({ board, order, selected }: TimelineProps) {
  const { ref, width } = useElementSize()
  const live = useLiveTexts()
  const now = useNow()
  const axis = axisOf(board, now)
  const bars = barsOf(
    board,
    (key) => {
      const view = live.view(key)
      return (
        view && {
          startedAt: view.state === 'running' || view.state === 'ended' ? view.since : null,
          firstTextAt: view.firstTextAt,
        }
      )
    },
    now,
  )
  const height = HEAD + ROW * (order.length + 1)
  const x = (at: number) => SIDE + ((at - axis.from) / (axis.to - axis.from)) * Math.max(1, width - 2 * SIDE)
  return (
    <div ref={ref} className="timeline">
      <svg height={height} viewBox={`0 0 ${Math.max(1, width)} ${height}`} role="img" aria-label={describe(board, bars, axis)}>
        {axis.ticks.map((tick) => (
          <path key={tick} className="grid" d={`M${x(tick)} ${HEAD}V${height}`} />
        ))}
        {order.map(
          (agentId, at) =>
            selected === agentId && (
              <rect key={agentId} className="row-selected" x={0} y={HEAD + at * ROW} width={width} height={ROW - 1} />
            ),
        )}
        {bars.map((bar) => (
          <Bar key={bar.key} bar={bar} y={HEAD + order.indexOf(bar.agentId) * ROW + 6} x={x} />
        ))}
        <Marks board={board} axis={axis} x={x} now={now} width={width} height={height} />
      </svg>
    </div>
  )
}

function Bar({ bar, x, y }: { bar: TimelineBar; x: (at: number) => number; y: number }) {
  const part = (span: readonly [number, number] | null, className: string, gap = 0) =>
    span && <rect className={className} x={x(span[0])} y={y} width={Math.max(1, x(span[1]) - x(span[0]) - gap)} height={16} />
  const failed = bar.state === 'failed'
  const from = bar.reading?.[0] ?? bar.writing?.[0]
  const to = bar.writing?.[1] ?? bar.reading?.[1]
  const room = from === undefined || to === undefined ? 0 : x(to) - x(from)
  return (
    <g>
      {bar.queued && (
        <rect
          className="queued"
          x={x(bar.queued[0]) + 0.5}
          y={y + 0.5}
          width={Math.max(0, x(bar.queued[1]) - x(bar.queued[0]) - 1)}
          height={15}
        />
      )}
      {part(bar.reading, failed ? 'failed' : `${bar.phase} reading`)}
      {part(bar.writing, failed ? 'failed' : bar.phase, 1)}
      {from !== undefined && to !== undefined && room > bar.label.length * 6 + 2 && (
        <text
          className={`bar-label on-${failed ? 'failed' : bar.phase}`}
          x={(x(from) + x(to)) / 2}
          y={y + 12}
          textAnchor="middle"
        >
          {bar.label}
        </text>
      )}
    </g>
  )
}

interface MarksProps {
  board: Board
  axis: Axis
  x: (at: number) => number
  now: number
  width: number
  height: number
}

/** Labels above the axis, most important first: what has no room is left out. */
function Marks({ board, axis, x, now, width, height }: MarksProps) {
  const { row } = board
  const runs = row.ended_at === null
  const deadlineWords =
    axis.deadline === null ? `deadline ${format.clock(row.deadline)} →` : `deadline ${format.clock(row.deadline)}`
  const labels = placeLabels(
    [
      runs
        ? { id: 'now', text: `now ${format.clock(now)}`, at: x(now) }
        : { id: 'ended', text: `ended ${format.clock(row.ended_at ?? now)}`, at: x(row.ended_at ?? now) },
      { id: 'deadline', text: deadlineWords, at: axis.deadline === null ? width : x(axis.deadline) },
      ...(runs && row.expected_end !== null
        ? [{ id: 'expected', text: `about ${format.clock(row.expected_end)}`, at: x(row.expected_end) }]
        : []),
      { id: 'start', text: format.clock(axis.from), at: 0 },
    ],
    width,
  )
  return (
    <>
      {runs && row.expected_end !== null && <path className="expected" d={`M${x(row.expected_end)} 22V${height}`} />}
      {axis.deadline !== null && <path className="deadline" d={`M${x(axis.deadline)} 22V${height}`} />}
      {runs && <path className="now" d={`M${x(now)} 22V${height}`} />}
      {labels.map((label) => (
        <text key={label.id} className={`${label.id}-label`} x={label.x} y={17}>
          {label.text}
        </text>
      ))}
    </>
  )
}

function describe(board: Board, bars: readonly TimelineBar[], axis: Axis): string {
  const failed = bars.filter((bar) => bar.state === 'failed').length
  const open = bars.filter((bar) => bar.state === 'open').length
  return `Timeline of ${bars.length} calls over ${format.duration(axis.to - axis.from)}: ${open} open, ${failed} failed; deadline ${format.clock(board.row.deadline)}`
}
