import { lazy, Suspense, useMemo } from 'react'
import { useNow } from '../../../lib/clock.ts'
import { chartPoints } from '../../../lib/chart-points.ts'
import * as format from '../../../lib/format.ts'
import type { OneBatch } from '../../../lib/use-batches.ts'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { rateSteps } from './rate-steps.ts'

/** The chart library is big: the page stands before it has arrived. */
const RateChart = lazy(async () => ({ default: (await import('../../../ui/rate-chart.tsx')).RateChart }))

/** Throughput against the rate that would just do, with concurrency and cost. */
export function ThroughputPanel({ batch: { detail, live } }: { batch: OneBatch }) {
  const { row, points, settings, plan } = detail
  const now = useNow(5000)
  const steps = useMemo(() => rateSteps(points), [points])
  const data = steps === null ? [] : chartPoints(steps)
  const left = (row.deadline - now) / 1000
  const needed = live?.tokens_left != null && left > 0 ? live.tokens_left / left : null
  const counts = live?.counts ?? row.counts
  const ceiling = settings.cost_ceiling_micro_usd
  const toCome =
    plan === null || row.ended_at !== null ? null : Math.max(0, plan.estimate.cost_micro_usd[0] - counts.cost_micro_usd)
  const unit = live?.rates?.unit === 'requests' ? 'req/s' : 'tok/s'
  const slots = detail.slot_cost_micro_usd ?? live?.slot?.cost_micro_usd
  const each = detail.request_cost_micro_usd ?? live?.request_cost_micro_usd ?? 0
  const money = [
    `${format.cost(counts.cost_micro_usd)} settled`,
    ...(slots === undefined ? [] : [`${format.cost(slots)} for slots`]),
    ...(each === 0 ? [] : [`${format.cost(each * 1000)} for 1,000 requests`]),
    ...(toCome === null ? [] : [`about ${format.cost(toCome)} to come`]),
    ...(ceiling === undefined ? [] : [`ceiling ${format.cost(ceiling)}`]),
  ].join(', ')
  return (
    <Panel
      title="Throughput"
      note={`output ${unit}, 5 m mean`}
      aside={<span className="fg2">{money}</span>}
      foot={live === null ? undefined : atOnce(live)}
    >
      {data.length < 2 ? (
        <EmptyState title={row.ended_at === null ? 'No rate yet' : 'No rate was measured'}>
          {row.ended_at === null
            ? 'A point is kept every 15 seconds while it runs.'
            : 'It ended before two points were kept; there is one every 15 seconds.'}
        </EmptyState>
      ) : (
        <Suspense fallback={<div className="rate-chart" />}>
          <RateChart data={data} label="Output per second" unit={unit} needed={needed} />
        </Suspense>
      )}
    </Panel>
  )
}

function atOnce({ running, concurrency: { limit, why } }: NonNullable<OneBatch['live']>): string {
  return `${format.integer(running)} of ${format.counted(limit, 'request')} at once.${why === '' ? '' : ` ${why}`}`
}
