import { lazy, Suspense } from 'react'
import { useHost } from '../../lib/console.tsx'
import { duration, rate } from '../../lib/format.ts'
import { usePoll } from '../../lib/use-poll.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { chartPoints } from '../../lib/chart-points.ts'

/** The chart library is big: the page stands before it has arrived. */
const RateChart = lazy(async () => ({ default: (await import('../../ui/rate-chart.tsx')).RateChart }))

export const tokenWindows = ['10 m', '2 h', '24 h'] as const
export type TokenWindow = (typeof tokenWindows)[number]

const lengthMs = { '10 m': 600_000, '2 h': 7_200_000, '24 h': 86_400_000 } as const
const points = 120

interface TokensPanelProps {
  window: TokenWindow
  onWindow: (window: TokenWindow) => void
  /** Mean of the last minute; null = not known. */
  now: number | null
}

/** Output tokens per second over time. A step in which nothing was measured is a gap in the line. */
export function TokensPanel({ window, onWindow, now }: TokensPanelProps) {
  const host = useHost()
  const series = usePoll(
    `tokens ${window}`,
    (signal) => host.system.tokens({ window_ms: lengthMs[window], points }, signal),
    5_000,
  )
  const data = series.value === null ? [] : chartPoints(series.value)
  const failed = series.value === null && series.state === 'failed'
  const measured = data.some((point) => point.value !== null)
  return (
    <Panel
      title="Output tokens per second"
      note={series.value === null ? undefined : `${duration(series.value.step_ms)} means, last ${window}`}
      aside={
        <span className="row">
          {now !== null && (
            <span title="Mean of the last minute">
              <b className="med">{rate(now)}</b> <span className="unit">tok/s, 1 m</span>
            </span>
          )}
          <Segmented
            label="Window"
            value={window}
            options={tokenWindows.map((value) => ({ value, label: value }))}
            onChange={onWindow}
          />
        </span>
      }
    >
      {failed && <EmptyState title="The series could not be read">{series.error?.message}</EmptyState>}
      {measured && (
        <Suspense fallback={<div className="rate-chart" />}>
          <RateChart data={data} label="Output tokens per second" unit="tok/s" />
        </Suspense>
      )}
      {!failed && !measured && (
        <EmptyState title={`No tokens in the last ${window}`}>
          The line begins with the first answer a model writes. Time without measurements stays a gap.
        </EmptyState>
      )}
    </Panel>
  )
}
