import { NumberInput } from '@mantine/core'
import { useState } from 'react'
import type { BatchPool, BatchPools } from '../../../src-preload/contract/batch.ts'
import { useHost } from '../../lib/console.tsx'
import { messageOf } from '../../lib/failure.ts'
import { counted } from '../../lib/format.ts'
import { batchRoute } from '../../lib/routes.ts'
import { useMovingBatches } from '../../lib/use-batches.ts'
import { usePoll } from '../../lib/use-poll.ts'
import { Absent } from '../../ui/absent.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Shape } from '../../ui/icons.tsx'
import { notify } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'
import { RouteLink } from '../../ui/route-link.tsx'
import { DataTable, type Column } from '../../ui/table.tsx'

const ASK_EVERY_MS = 5000
const MICRO = 1_000_000
const labels = { spot: 'Spot', dedicated: 'Dedicated' } as const

/** A pool as it stands in the form, with the batches that have its slots. */
interface PoolRow {
  readonly name: BatchPool['name']
  readonly slots: number | string
  readonly dollars: number | string
  readonly batches: readonly string[]
}
type Edits = Partial<Record<BatchPool['name'], Partial<Pick<PoolRow, 'slots' | 'dollars'>>>>

/** Slots that batches run on, who has them and who waits. None: every batch starts when its engine has room. */
export function PoolsPanel() {
  const host = useHost()
  const { value, error, state } = usePoll('batch pools', (signal) => host.batch.pools({}, signal), ASK_EVERY_MS)
  const [edits, setEdits] = useState<Edits>({})
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | undefined>(undefined)
  // What was answered to a change stands until the host is asked the next time.
  const [answered, setAnswered] = useState<{ readonly over: BatchPools | null; readonly pools: BatchPools } | null>(null)
  const known = answered !== null && answered.over === value ? answered.pools : value
  if (known === null)
    return (
      <Panel title="Slots">
        <EmptyState title={error === null ? 'The host has not answered yet' : 'The slots could not be read'}>
          {error?.message}
        </EmptyState>
      </Panel>
    )
  const rows = rowsOf(known, edits)
  const wanted = poolsOf(rows)
  const isChanged = JSON.stringify(wanted) !== JSON.stringify(poolsOf(rowsOf(known, {})))
  const missing = wanted === null ? 'Slots are whole numbers up to 1,000, prices up to $1,000; 0 for none.' : undefined
  const save = async () => {
    if (wanted === null) return
    setPending(true)
    setFailure(undefined)
    try {
      setAnswered({ over: value, pools: await host.batch.savePools({ pools: wanted }) })
      setEdits({})
      notify({ tone: 'good', title: wanted.length === 0 ? 'Saved: batches need no slot' : 'Slots saved' })
    } catch (fault) {
      setFailure(messageOf(fault))
    } finally {
      setPending(false)
    }
  }
  return (
    <Panel
      title="Slots"
      note="while any is set, a batch runs only on one, high priority first; with none, as soon as its engine has room"
      flush
    >
      <div className="pools">
        <DataTable
          label="Slots of batches"
          tall
          stale={state !== 'live'}
          columns={columns((name, edit) => setEdits({ ...edits, [name]: { ...edits[name], ...edit } }))}
          rows={rows}
          rowKey={({ name }) => name}
        />
      </div>
      <div className="stack gap-2 pad">
        {known.waiting.length > 0 && (
          <p className="row top t12">
            <Shape name="wait" /> {counted(known.waiting.length, 'batch waits', 'batches wait')} for a slot:
            <BatchLinks ids={known.waiting} />
          </p>
        )}
        {isChanged && wanted !== null && <Effect known={known} wanted={wanted} />}
        {(missing ?? failure) !== undefined && (
          <p className="row top t12" role="alert">
            <Shape name="bad" tone="bad" /> {missing ?? failure}
          </p>
        )}
        <div className="row">
          <Button
            command
            variant="primary"
            pending={pending}
            reason={missing ?? (isChanged ? undefined : 'Nothing was changed.')}
            onClick={() => void save()}
          >
            Save the slots
          </Button>
          {isChanged && (
            <Button variant="quiet" onClick={() => setEdits({})}>
              Discard changes
            </Button>
          )}
        </div>
      </div>
    </Panel>
  )
}

/** What saving does to the batches that have a slot or wait for one. */
function Effect({ known, wanted }: { known: BatchPools; wanted: readonly BatchPool[] }) {
  const beyond = (name: BatchPool['name']) =>
    Math.max(0, (known.pools.find((pool) => pool.name === name)?.batches.length ?? 0) - slotsOf(wanted, name))
  const [lost, kept] = [beyond('spot'), beyond('dedicated')]
  const words =
    wanted.length === 0
      ? ['Batches need no slot any more: those that wait start when their engine has room.']
      : known.pools.length === 0
        ? ['From now on a batch without a slot waits, also one that runs now.']
        : [
            ...(lost === 0
              ? []
              : [
                  `${counted(lost, 'batch', 'batches')} on spot, the last to come, ${lost === 1 ? 'gives its slot' : 'give their slots'} back at once and ${lost === 1 ? 'waits' : 'wait'} at the front; requests under way there are sent again, none is lost.`,
                ]),
            ...(kept === 0
              ? []
              : [
                  `${counted(kept, 'dedicated slot')} more ${kept === 1 ? 'goes when its batch is' : 'go when their batches are'} done.`,
                ]),
            ...(lost + kept === 0 ? ['It counts from now on; what was used until then keeps its price.'] : []),
          ]
  const tone = wanted.length > 0 && lost > 0 ? 'warn' : 'info'
  return (
    <p className="row top t12" role="status">
      <Shape name={tone} tone={tone} /> {words.join(' ')}
    </p>
  )
}

function slotsOf(pools: readonly BatchPool[], name: BatchPool['name']): number {
  return pools.find((pool) => pool.name === name)?.slots ?? 0
}

function columns(onEdit: (name: PoolRow['name'], edit: Partial<PoolRow>) => void): readonly Column<PoolRow>[] {
  return [
    { id: 'pool', header: 'Pool', width: '120px', cell: ({ name }) => <span className="med">{labels[name]}</span> },
    {
      id: 'slots',
      header: 'Slots',
      width: '148px',
      cell: ({ name, slots }) => (
        <NumberInput
          aria-label={`${labels[name]} slots`}
          min={0}
          max={1000}
          allowDecimal={false}
          value={slots}
          error={wholeSlots(slots) === null}
          onChange={(next) => onEdit(name, { slots: next })}
        />
      ),
    },
    {
      id: 'price',
      header: 'An hour of one costs',
      width: '148px',
      cell: ({ name, dollars }) => (
        <NumberInput
          aria-label={`Dollars for an hour of one ${name} slot`}
          prefix="$"
          min={0}
          max={1000}
          decimalScale={4}
          value={dollars}
          error={microUsd(dollars) === null}
          onChange={(next) => onEdit(name, { dollars: next })}
        />
      ),
    },
    {
      id: 'taken',
      header: 'Taken by',
      cell: ({ batches }) =>
        batches.length === 0 ? <Absent reason="No batch has one of its slots." /> : <BatchLinks ids={batches} />,
    },
  ]
}

function BatchLinks({ ids }: { ids: readonly string[] }) {
  const names = new Map(useMovingBatches().value?.rows.map(({ batch_id, name }) => [batch_id, name]))
  return (
    <span className="row wrap">
      {ids.map((id) => (
        <RouteLink key={id} to={batchRoute(id)}>
          {names.get(id) ?? id}
        </RouteLink>
      ))}
    </span>
  )
}

function rowsOf({ pools, usual_hour_micro_usd: usual }: BatchPools, edits: Edits): readonly PoolRow[] {
  return (['spot', 'dedicated'] as const).map((name) => {
    const pool = pools.find((each) => each.name === name)
    const { slots = pool?.slots ?? 0, dollars = (pool?.hour_micro_usd ?? usual) / MICRO } = edits[name] ?? {}
    return { name, slots, dollars, batches: pool?.batches ?? [] }
  })
}

/** None where no slot is set; null where a field holds no number that can be meant. */
function poolsOf(rows: readonly PoolRow[]): BatchPool[] | null {
  const pools: BatchPool[] = []
  for (const { name, slots, dollars } of rows) {
    const [whole, price] = [wholeSlots(slots), microUsd(dollars)]
    if (whole === null || price === null) return null
    pools.push({ name, slots: whole, hour_micro_usd: price })
  }
  return pools.some(({ slots }) => slots > 0) ? pools : []
}

function wholeSlots(slots: number | string): number | null {
  return typeof slots === 'number' && Number.isInteger(slots) && slots >= 0 && slots <= 1000 ? slots : null
}

function microUsd(dollars: number | string): number | null {
  return typeof dollars === 'number' && dollars >= 0 && dollars <= 1000 ? Math.round(dollars * MICRO) : null
}
