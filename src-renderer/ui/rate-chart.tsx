import {
  CartesianGrid,
  type DotItemDotProps,
  Line,
  LineChart,
  ReferenceDot,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import { clock, rate } from '../lib/format.ts'
import { axisTicks, type ChartPoint } from '../lib/chart-points.ts'
import './rate-chart.css'

interface RateChartProps {
  data: readonly ChartPoint[]
  /** What is measured, e.g. `Output tokens per second`. */
  label: string
  /** Behind each value, e.g. `tok/s`. */
  unit: string
  /** The rate that would just do. */
  needed?: number | null | undefined
}

/** A rate over time. A step in which nothing was measured is a gap in the line. */
export function RateChart({ data, label, unit, needed }: RateChartProps) {
  const last = data.findLast((point) => point.value !== null)
  const top = Math.max(...data.map((point) => point.value ?? 0))
  const from = data[0]?.at ?? 0
  const to = data.at(-1)?.at ?? 0
  const lastIsNow = last !== undefined && last.at >= to - (to - from) / 60
  return (
    <figure className="rate-chart" aria-label={`${label} from ${clock(from)} to ${clock(to)}, at most ${rate(top)}.`}>
      <ResponsiveContainer width="100%" height="100%">
        <LineChart data={[...data]} margin={{ top: 8, right: 72, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--chart-grid)" />
          <XAxis
            dataKey="at"
            type="number"
            domain={[from, to]}
            ticks={axisTicks(from, to)}
            tickFormatter={(at: number) => clock(at)}
            stroke="var(--line-strong)"
            tick={{ fill: 'var(--chart-axis)', fontSize: 11 }}
            tickLine={false}
          />
          <YAxis
            width={36}
            tickCount={4}
            tickFormatter={rate}
            axisLine={false}
            tickLine={false}
            tick={{ fill: 'var(--chart-axis)', fontSize: 11 }}
          />
          <Tooltip isAnimationActive={false} cursor={{ stroke: 'var(--line-control)' }} content={<Readout unit={unit} />} />
          {needed !== undefined && needed !== null && (
            <ReferenceLine
              y={needed}
              ifOverflow="extendDomain"
              stroke="var(--fg-2)"
              strokeDasharray="4 3"
              label={{ value: `needed ${rate(needed)}`, position: 'right', fill: 'var(--fg-2)', fontSize: 11 }}
            />
          )}
          <Line
            dataKey="value"
            stroke="var(--s-1)"
            strokeWidth={1.5}
            isAnimationActive={false}
            connectNulls={false}
            dot={lonelyDot}
            activeDot={{ r: 3 }}
          />
          {last?.value != null && lastIsNow && (
            <ReferenceDot
              x={last.at}
              y={last.value}
              r={2.5}
              fill="var(--s-1)"
              stroke="none"
              label={{ value: `${rate(last.value)} ${unit}`, position: 'right', fill: 'var(--fg-2)', fontSize: 11 }}
            />
          )}
        </LineChart>
      </ResponsiveContainer>
    </figure>
  )
}

/** A measurement with a gap on either side has no line to be seen by. */
function lonelyDot({ key, cx, cy, payload }: DotItemDotProps) {
  const { lonely } = payload as ChartPoint
  return lonely ? <circle key={key} cx={cx} cy={cy} r={1.5} fill="var(--s-1)" /> : <g key={key} />
}

function Readout({ active, payload, unit }: { active?: boolean; payload?: readonly { payload?: ChartPoint }[]; unit: string }) {
  const point = payload?.[0]?.payload
  if (active !== true || point?.value == null) return null
  return (
    <div className="chart-readout">
      <b>{rate(point.value)}</b> {unit} <span className="fg3">{clock(point.at, true)}</span>
    </div>
  )
}
