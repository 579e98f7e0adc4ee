import { useElementSize } from '@mantine/hooks'
import { useRef, type KeyboardEvent } from 'react'
import { useNow } from '../../../lib/clock.ts'
import * as format from '../../../lib/format.ts'
import type { Board } from '../shapes.ts'
import { useLiveTexts } from './live-context.ts'
import { axisOf, barsOf, neighbourOf, placeLabels, wordsOf, type Axis, type TimelineBar } from './timeline.ts'

const HEAD = 28
const ROW = 28
const SIDE = 8
/** Room for the agents' names, where the rows stand beside no table. */
const NAMES = 96

interface TimelineProps {
  board: Board
  /** Agents in the order of the rows beside it. */
  order: readonly string[]
  selected: string | null
  /** Rows of the table beside it that follow the agents'. */
  rowsBelow?: number | undefined
  /** Given, each call can be chosen, by pointer and by arrow keys. Left out, the chart is a picture. */
  chosen?: { readonly key: string | null; readonly onChoose: (key: string) => void } | undefined
}

/** All calls on one axis: waiting, reading, writing, failed; with now, the expected end and the deadline. */
export function Timeline({ board, order, selected, rowsBelow = 1, chosen }: TimelineProps) {
  const { ref, width } = useElementSize()
  const svg = useRef<SVGSVGElement>(null)
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
  const height = HEAD + ROW * (order.length + rowsBelow)
  const left = chosen ? NAMES : SIDE
  const x = (at: number) => left + ((at - axis.from) / (axis.to - axis.from)) * Math.max(1, width - left - SIDE)
  const entry = bars.find((bar) => bar.key === chosen?.key)?.key ?? bars[0]?.key
  const move = (event: KeyboardEvent) => {
    const next = chosen && entry !== undefined ? neighbourOf(bars, order, entry, event.key) : null
    if (!chosen || next === null) return
    event.preventDefault()
    chosen.onChoose(next)
    svg.current?.querySelector<SVGElement>(`[data-call="${CSS.escape(next)}"]`)?.focus()
  }
  return (
    <div ref={ref} className="timeline">
      <svg
        ref={svg}
        height={height}
        viewBox={`0 0 ${Math.max(1, width)} ${height}`}
        role={chosen ? 'group' : 'img'}
        aria-label={describe(board, bars, axis)}
        onKeyDown={move}
      >
        {axis.ticks.map((tick) => (
          <path key={tick} className="grid" d={`M${x(tick)} ${HEAD}V${height}`} />
        ))}
        {order.map(
          (agentId, at) =>
            selected === agentId && (
              <rect key={agentId} className="row-selected" x={0} y={HEAD + at * ROW} width={width} height={ROW - 1} />
            ),
        )}
        {chosen &&
          order.map((agentId, at) => (
            <text key={agentId} className="row-name" x={12} y={HEAD + at * ROW + 18}>
              {agentId}
            </text>
          ))}
        {bars.map((bar) => {
          const drawn = <Bar bar={bar} y={HEAD + order.indexOf(bar.agentId) * ROW + 6} x={x} />
          if (!chosen) return <g key={bar.key}>{drawn}</g>
          return (
            <g
              key={bar.key}
              className={bar.key === chosen.key ? 'call-bar chosen' : 'call-bar'}
              role="button"
              aria-pressed={bar.key === chosen.key}
              aria-label={wordsOf(bar)}
              data-call={bar.key}
              tabIndex={bar.key === entry ? 0 : -1}
              onFocus={() => chosen.onChoose(bar.key)}
              onClick={() => chosen.onChoose(bar.key)}
            >
              {drawn}
            </g>
          )
        })}
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
    <>
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
      {bar.tries > 1 && from !== undefined && (
        <path className="retry-mark" d={`M${x(from) - 4} ${y - 5}h8l-4 6z`}>
          <title>{`${bar.tries} tries`}</title>
        </path>
      )}
    </>
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
      {runs && row.expected_end !== null && row.expected_end_p90 !== null && (
        <rect
          className="expected-range"
          x={x(row.expected_end)}
          y={22}
          width={Math.max(0, Math.min(width, x(row.expected_end_p90)) - x(row.expected_end))}
          height={height - 22}
        >
          <title>{`done nine times of ten by ${format.clock(row.expected_end_p90)}`}</title>
        </rect>
      )}
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
