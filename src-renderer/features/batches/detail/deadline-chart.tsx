import { useElementSize } from '@mantine/hooks'
import type { Forecast } from '../../../../src-preload/contract/batch.ts'
import * as format from '../../../lib/format.ts'
import { timeAxis, type TimeAxis } from './time-axis.ts'

interface DeadlineChartProps {
  now: number
  deadline: number
  windowMs: number
  /** False: the end of the window is no deadline. */
  promised: boolean
  /** As it runs now comes first; each other one is a remedy. */
  forecasts: readonly Forecast[]
}

const LABELS = 196
const MARGINS = 132
const TOP = 34
const FIRST_ROW = 66
const ROW = 32

/** Now, the likely end, the end at worst and the deadline on one axis; below it what each remedy would change, and its price. */
export function DeadlineChart({ now, deadline, windowMs, promised, forecasts }: DeadlineChartProps) {
  const { ref, width } = useElementSize()
  const ends = forecasts.flatMap(({ eta }) => (eta ? [eta.at + eta.p50_ms, eta.at + eta.p90_ms] : []))
  const limits = [deadline, ...forecasts.map((forecast) => forecast.deadline)]
  const right = Math.max(LABELS + 100, width - MARGINS)
  const axis = timeAxis([now, ...ends], limits, LABELS, right)
  const bottom = TOP + FIRST_ROW + (forecasts.length - 1) * ROW
  const [current] = forecasts
  const limit = `${promised ? 'deadline' : 'window ends'} ${format.moment(deadline, now)}`
  const words = current?.eta
    ? `Now ${format.clock(now)}, likely end ${format.moment(current.eta.at + current.eta.p50_ms, now)}, at worst ${format.moment(current.eta.at + current.eta.p90_ms, now)}, ${limit}`
    : `Now ${format.clock(now)}, ${limit}; the end is not known yet`
  return (
    <div ref={ref} className="deadline-chart">
      <svg height={bottom + 20} viewBox={`0 0 ${Math.max(1, width)} ${bottom + 20}`} role="img" aria-label={words}>
        {axis.ticks.map((tick) => (
          <g key={tick}>
            <path className="grid" d={`M${axis.x(tick)} ${TOP}V${bottom}`} />
            <text x={axis.x(tick)} y={bottom + 16} textAnchor="middle">
              {format.moment(tick, now)}
            </text>
          </g>
        ))}
        <rect className="late" x={axis.x(deadline)} y={TOP} width={Math.max(0, right - axis.x(deadline))} height={bottom - TOP} />
        {forecasts.map((forecast, index) => (
          <ForecastRow
            key={index}
            forecast={forecast}
            isNow={index === 0}
            y={TOP + (index === 0 ? 34 : FIRST_ROW + (index - 1) * ROW + 16)}
            axis={axis}
            now={now}
            width={width}
          />
        ))}
        <path className="now" d={`M${axis.x(now)} 22V${bottom}`} />
        <text className="now-word" x={axis.x(now)} y={16} textAnchor="middle">
          {`now ${format.clock(now)}`}
        </text>
        {axis.cut !== null && <Cut x={axis.cut} bottom={bottom} />}
        <path className="limit" d={`M${axis.x(deadline)} 22V${bottom}`} />
        <DeadlineWord {...{ axis, deadline, now, windowMs, limit }} />
      </svg>
    </div>
  )
}

/** Two strokes across the foot of the axis, and what they mean. */
function Cut({ x, bottom }: { x: number; bottom: number }) {
  return (
    <g>
      <title>Time is left out here: the deadline is far beyond the end.</title>
      <path className="grid" d={`M${x} ${TOP}V${bottom - 8}`} strokeDasharray="1 4" />
      <path className="cut" d={`M${x - 5} ${bottom + 5}l5 -12M${x} ${bottom + 5}l5 -12`} />
      <text x={x + 10} y={bottom + 16}>
        not to scale
      </text>
    </g>
  )
}

interface DeadlineWordProps {
  axis: TimeAxis
  deadline: number
  now: number
  windowMs: number
  limit: string
}

function DeadlineWord({ axis, deadline, now, windowMs, limit }: DeadlineWordProps) {
  const left = deadline - now
  const [from, to] = [axis.x(now) + 44, axis.x(deadline) - 64]
  const words = left >= 0 ? `${format.duration(left)} left of ${format.duration(windowMs)}` : `${format.duration(-left)} past`
  return (
    <>
      <text className="strong" x={axis.x(deadline)} y={16} textAnchor="middle">
        {limit}
      </text>
      {to - from > words.length * 6.5 && (
        <>
          <path className="grid" d={`M${from} 12H${to}`} />
          <text className="halo" x={(from + to) / 2} y={16} textAnchor="middle">
            {words}
          </text>
        </>
      )}
    </>
  )
}

interface RowProps {
  forecast: Forecast
  isNow: boolean
  y: number
  axis: TimeAxis
  now: number
  width: number
}

function ForecastRow({ forecast, isNow, y, axis, now, width }: RowProps) {
  const { eta, deadline, title, extra_cost_micro_usd: price, basis } = forecast
  const half = isNow ? 8 : 4
  const sub =
    isNow || price === null ? basis : price === 0 ? 'at no extra cost' : `about ${price > 0 ? '+' : ''}${format.cost(price)}`
  return (
    <g>
      <text className={isNow ? 'strong' : 'lab'} x={0} y={y - 3}>
        {title}
      </text>
      <text x={0} y={y + 11}>
        <title>{basis}</title>
        {sub.slice(0, 34)}
      </text>
      {eta && <Bar p50={eta.at + eta.p50_ms} p90={eta.at + eta.p90_ms} {...{ isNow, y, half, axis, now, deadline, width }} />}
      {!eta && (
        <text className="lab" x={axis.x(now) + 8} y={y + 4}>
          not known yet
        </text>
      )}
      {!isNow && forecast.remedy?.kind === 'deadline' && <path className="limit" d={`M${axis.x(deadline)} ${y - 12}v24`} />}
    </g>
  )
}

interface BarProps {
  p50: number
  p90: number
  isNow: boolean
  y: number
  half: number
  axis: TimeAxis
  now: number
  deadline: number
  width: number
}

/** A tick at the likely end, a bar to the end at worst; what lies beyond the deadline has the colour of a risk. */
function Bar({ p50, p90, isNow, y, half, axis, now, deadline, width }: BarProps) {
  const { x } = axis
  const late = p90 > deadline
  const split = Math.min(Math.max(deadline, p50), p90)
  const close = x(p90) - x(p50) < 92
  return (
    <>
      <path className={isNow ? 'way' : 'way dotted'} d={`M${x(now)} ${y}H${x(p50)}`} />
      <rect
        className={isNow ? 'band' : 'band soft'}
        x={x(p50)}
        y={y - half}
        width={Math.max(1, x(split) - x(p50))}
        height={half * 2}
      />
      {late && <rect className="band warn" x={x(split)} y={y - half} width={Math.max(1, x(p90) - x(split))} height={half * 2} />}
      <path className="tick" d={`M${x(p50)} ${y - half - 3}v${half * 2 + 6}`} />
      <path className={late ? 'tick warn' : 'tick'} d={`M${x(p90)} ${y - half - 3}v${half * 2 + 6}`} />
      {isNow && close && (
        <text className={late ? 'warn strong halo' : 'strong halo'} x={x(p50)} y={y - 16} textAnchor="start">
          {`P50 ${format.moment(p50, now)}, P90 ${format.moment(p90, now)}`}
        </text>
      )}
      {isNow && !close && (
        <>
          <text className="strong halo" x={x(p50)} y={y - 16} textAnchor="middle">
            {`P50 ${format.moment(p50, now)}`}
          </text>
          <text className={late ? 'warn strong halo' : 'strong halo'} x={x(p90)} y={y - 16} textAnchor="middle">
            {`P90 ${format.moment(p90, now)}`}
          </text>
        </>
      )}
      <text className={late ? 'warn' : 'lab'} x={width} y={y + 4} textAnchor="end">
        {late ? `${format.duration(p90 - deadline)} late at P90` : `${format.duration(deadline - p90)} early at P90`}
      </text>
    </>
  )
}
