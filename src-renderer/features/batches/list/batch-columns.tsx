import type { BatchLive, BatchRow } from '../../../../src-preload/contract/batch.ts'
import { batchState, endOf, ended, progressOf, slaWords, stuckOn } from '../../../lib/batch-words.ts'
import { useNow } from '../../../lib/clock.ts'
import * as format from '../../../lib/format.ts'
import { Absent } from '../../../ui/absent.tsx'
import { Chip } from '../../../ui/chip.tsx'
import { Meter } from '../../../ui/meter.tsx'
import { Ago, Cost, Time } from '../../../ui/quantities.tsx'
import type { Column } from '../../../ui/table.tsx'
import { signed } from '../actions/queue-words.ts'
import { RowActions, type RowAct } from './row-actions.tsx'

type LiveOf = (row: BatchRow) => BatchLive | null

/** State, progress, when it will be done against when it must be, and what it costs. */
export function batchColumns(liveOf: LiveOf, act: RowAct): readonly Column<BatchRow>[] {
  return [
    { id: 'state', header: 'State', width: '152px', cell: (row) => <BatchChip row={row} live={liveOf(row)} /> },
    {
      id: 'name',
      header: 'Batch',
      cell: (row) => (
        <span className="cut" title={liveOf(row)?.hold?.message ?? (row.message === '' ? row.batch_id : row.message)}>
          <span className="med">{row.name}</span>
          {liveOf(row)?.hold && !ended(row) && <span className="fg3"> {liveOf(row)?.hold?.message}</span>}
          {row.status === 'failed' && <span className="fg3"> {row.message}</span>}
        </span>
      ),
    },
    {
      id: 'model',
      header: 'Model',
      width: '110px',
      cell: (row) => (row.model === null ? <Absent reason="not validated yet" /> : <span title={row.model}>{row.model}</span>),
    },
    { id: 'progress', header: 'Requests', width: '152px', cell: (row) => <Progress row={row} live={liveOf(row)} /> },
    { id: 'end', header: 'Done by', width: '140px', cell: (row) => <End row={row} live={liveOf(row)} /> },
    { id: 'deadline', header: 'Deadline', width: '90px', cell: (row) => <Time at={row.deadline} /> },
    { id: 'spare', header: 'Spare', width: '100px', num: true, cell: (row) => <Spare row={row} live={liveOf(row)} /> },
    { id: 'rate', header: 'Tok/s', width: '64px', num: true, wide: true, cell: (row) => <Rate live={liveOf(row)} /> },
    {
      id: 'priority',
      header: 'Prio',
      width: '58px',
      num: true,
      cell: (row) => <Priority row={row} live={liveOf(row)} />,
    },
    {
      id: 'cost',
      header: 'Cost',
      width: '60px',
      num: true,
      cell: (row) => <Cost microUsd={(liveOf(row)?.counts ?? row.counts).cost_micro_usd} kind="settled" />,
    },
    { id: 'age', header: 'Submitted', width: '84px', wide: true, cell: (row) => <Ago at={row.created_at} /> },
    {
      id: 'actions',
      header: 'Actions',
      width: '72px',
      controls: true,
      cell: (row) => <RowActions row={row} act={act} />,
    },
  ]
}

function BatchChip({ row, live }: { row: BatchRow; live: BatchLive | null }) {
  const { word, tone, shape } = batchState(row, live)
  return (
    <Chip tone={tone} shape={shape} plain={tone !== 'warn' && tone !== 'bad'} title={live?.sla.why}>
      {word}
    </Chip>
  )
}

function Progress({ row, live }: { row: BatchRow; live: BatchLive | null }) {
  const { done, total, share } = progressOf(row, live)
  const { completed, failed } = live?.counts ?? row.counts
  if (total === 0) return <Absent reason="the file is being read" />
  const words = `${format.integer(done)} of ${format.integer(total)} requests done, ${format.integer(failed)} failed`
  return (
    <span className="row" title={words}>
      <Meter label={words} max={total} parts={[{ value: completed }, { value: failed, tone: 'bad' }]} />
      <span className="nowrap num">{format.percent(share)}</span>
      <span className="fg3 nowrap">of {format.tokens(total)}</span>
    </span>
  )
}

function End({ row, live }: { row: BatchRow; live: BatchLive | null }) {
  const now = useNow(10_000)
  if (row.ended_at !== null)
    return (
      <span className="nowrap">
        {row.status !== 'completed' && <span className="fg3">ended </span>}
        <Time at={row.ended_at} />
      </span>
    )
  const end = endOf(row, live)
  if (!end) return <Absent reason={stuckOn(row, live)?.message ?? slaWords.estimating} />
  return (
    <span className="nowrap" title={end.isEstimate ? 'estimated before it runs' : 'likely, and at worst in one of ten cases'}>
      {end.isEstimate && <span className="fg3">about </span>}
      {format.moment(end.p50, now)} <span className="fg3">to {format.moment(end.p90, now)}</span>
    </span>
  )
}

/** Between the end at worst and the deadline. */
function Spare({ row, live }: { row: BatchRow; live: BatchLive | null }) {
  if (ended(row) && row.status !== 'completed') return <Absent reason="it ended before all was answered" />
  const end = row.ended_at ?? endOf(row, live)?.p90 ?? null
  if (end === null) return <Absent reason="the end is not known yet" />
  const spare = row.deadline - end
  return spare < 0 ? <span className="bad">{format.duration(-spare)} late</span> : <>{format.duration(spare)}</>
}

/** By the time left, with the operator's own step beside it, and its place where it waits for one. */
function Priority({ row, live }: { row: BatchRow; live: BatchLive | null }) {
  if (!live) return <Absent reason="it runs no more" />
  const { priority_offset: offset } = row
  const place = live.queue === null ? '' : `; number ${live.queue.position} of those that wait`
  return (
    <span className="nowrap" title={`${live.priority} of 10${offset === 0 ? '' : `, ${signed(offset)} by hand`}${place}`}>
      {offset !== 0 && <span className="fg3">{signed(offset)} </span>}
      {live.priority}
    </span>
  )
}

function Rate({ live }: { live: BatchLive | null }) {
  if (!live?.rates) return <Absent reason="nothing was measured" />
  return <>{format.rate(live.rates[live.rates.planning])}</>
}
