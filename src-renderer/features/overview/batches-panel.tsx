import { useLocation } from 'wouter'
import type { BatchLive, BatchRow } from '../../../src-preload/contract/batch.ts'
import { batchState, endOf, progressOf } from '../../lib/batch-words.ts'
import { useNow } from '../../lib/clock.ts'
import * as format from '../../lib/format.ts'
import { batchRoute, routes } from '../../lib/routes.ts'
import type { MovingBatches } from '../../lib/use-batches.ts'
import { Absent } from '../../ui/absent.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Meter } from '../../ui/meter.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Time } from '../../ui/quantities.tsx'
import { RouteLink } from '../../ui/route-link.tsx'
import { DataTable, type Column } from '../../ui/table.tsx'

const SHOWN = 5

/** Batches under way against their deadlines, soonest first; absent while there is none. */
export function BatchesPanel({ batches, stale }: { batches: MovingBatches | null; stale: boolean }) {
  const [, navigate] = useLocation()
  const now = useNow(10_000)
  if (batches === null || batches.rows.length === 0) return null
  const rate = [...batches.live.values()].reduce((sum, { rates }) => sum + (rates?.unit === 'tokens' ? rates.fast : 0), 0)
  return (
    <Panel
      title="Batches under way"
      note={`${batches.counts.moving > SHOWN ? `first ${SHOWN} of ${format.integer(batches.counts.moving)}, ` : ''}at risk first, then soonest deadline; together ${format.rate(rate)} tok/s, 5 m`}
      aside={<RouteLink to={`${routes.batches}?view=moving`}>All batches</RouteLink>}
      flush
    >
      <DataTable
        label="Batches under way"
        columns={columns((row) => batches.live.get(row.batch_id) ?? null, now)}
        rows={batches.rows.slice(0, SHOWN)}
        rowKey={(row) => row.batch_id}
        onOpen={(row) => navigate(batchRoute(row.batch_id))}
        stale={stale}
      />
    </Panel>
  )
}

function columns(liveOf: (row: BatchRow) => BatchLive | null, now: number): readonly Column<BatchRow>[] {
  return [
    {
      id: 'state',
      header: 'State',
      width: '136px',
      cell: (row) => {
        const { word, tone, shape } = batchState(row, liveOf(row))
        return (
          <Chip tone={tone} shape={shape} plain={tone !== 'warn' && tone !== 'bad'}>
            {word}
          </Chip>
        )
      },
    },
    { id: 'name', header: 'Batch', cell: (row) => <span className="med cut">{row.name}</span> },
    {
      id: 'progress',
      header: 'Requests',
      width: '150px',
      cell: (row) => {
        const { done, total, share } = progressOf(row, liveOf(row))
        const words = `${format.integer(done)} of ${format.integer(total)} requests`
        return (
          <span className="row" title={words}>
            <Meter label={words} max={Math.max(1, total)} parts={[{ value: done }]} />
            <span className="num">{format.percent(share)}</span>
          </span>
        )
      },
    },
    {
      id: 'end',
      header: 'At worst',
      width: '88px',
      cell: (row) => {
        const end = endOf(row, liveOf(row))
        return end ? format.moment(end.p90, now) : <Absent reason="not known yet" />
      },
    },
    { id: 'deadline', header: 'Deadline', width: '88px', cell: (row) => <Time at={row.deadline} /> },
  ]
}
