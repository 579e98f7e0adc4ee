import { useElementSize } from '@mantine/hooks'
import * as format from '../../../lib/format.ts'
import { placeAlong, tickWords } from './axis.ts'

interface EstimateChartProps {
  durationMs: number
  worstMs: number | null
  limitMs: number
}

const HEIGHT = 84

/** From now to the expected end, on to the worst case, against the time limit. */
export function EstimateChart({ durationMs, worstMs, limitMs }: EstimateChartProps) {
  const { ref, width } = useElementSize()
  const worst = Math.max(durationMs, worstMs ?? durationMs)
  const { x, ticks } = placeAlong(Math.max(worst, limitMs), width)
  const words = `About ${format.duration(durationMs)}${worstMs === null ? '' : `, at worst ${format.duration(worst)}`}; the limit is ${format.duration(limitMs)}`
  const near = x(worst) - x(durationMs) < 96
  return (
    <div ref={ref} className="estimate-chart">
      <svg height={HEIGHT} viewBox={`0 0 ${Math.max(1, width)} ${HEIGHT}`} role="img" aria-label={words}>
        {ticks.map((tick, at) => (
          <g key={tick}>
            <path className="grid" d={`M${x(tick)} 26V62`} />
            <text x={x(tick)} y={78} textAnchor={at === 0 ? 'start' : at === ticks.length - 1 ? 'end' : 'middle'}>
              {tickWords(tick)}
            </text>
          </g>
        ))}
        <path className="way" d={`M${x(0)} 44H${x(durationMs)}`} />
        <rect className="band" x={x(durationMs)} y={37} width={Math.max(0, x(worst) - x(durationMs))} height={14} />
        <path className="tick" d={`M${x(durationMs)} 33v22`} />
        {worst > durationMs && <path className="tick" d={`M${x(worst)} 33v22`} />}
        <path className="limit" d={`M${x(limitMs)} 24V62`} />
        <Label at={x(durationMs)} width={width} y={20} strong>
          {`about ${format.duration(durationMs)}`}
        </Label>
        {!near && worst < limitMs * 0.75 && (
          <Label at={x(worst)} width={width} y={20}>
            {`worst ${format.duration(worst)}`}
          </Label>
        )}
        <Label at={x(limitMs)} width={width} y={Math.abs(x(limitMs) - x(durationMs)) < 110 ? 10 : 20} strong>
          {`limit ${limitMs % 60_000 === 0 ? tickWords(limitMs) : format.duration(limitMs)}`}
        </Label>
      </svg>
    </div>
  )
}

function Label({
  at,
  width,
  y,
  strong = false,
  children,
}: {
  at: number
  width: number
  y: number
  strong?: boolean
  children: string
}) {
  const half = children.length * 3
  const anchor = at < half ? 'start' : at > width - half ? 'end' : 'middle'
  return (
    <text
      className={strong ? 'strong' : undefined}
      x={anchor === 'start' ? 1 : anchor === 'end' ? width - 1 : at}
      y={y}
      textAnchor={anchor}
    >
      {children}
    </text>
  )
}
