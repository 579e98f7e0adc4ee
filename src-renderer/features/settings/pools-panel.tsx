import { NumberInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { BatchPool } from '../../../src-preload/contract/batch.ts'
import { useHost } from '../../lib/console.tsx'
import { messageOf } from '../../lib/failure.ts'
import { Button } from '../../ui/button.tsx'
import { notify } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'

const names = ['spot', 'dedicated'] as const
const labels = { spot: 'Spot', dedicated: 'Dedicated' } as const
const MICRO = 1_000_000

/** Slots that batches run on: none, and every batch starts when its engine has room. */
export function PoolsPanel() {
  const host = useHost()
  const [pools, setPools] = useState<readonly BatchPool[]>([])
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)

  useEffect(() => {
    const reading = new AbortController()
    host.batch.pools({}, reading.signal).then(
      (known) => setPools(known.pools.map(({ batches: _batches, ...pool }) => pool)),
      (fault: unknown) => reading.signal.aborted || setFailure(messageOf(fault)),
    )
    return () => reading.abort()
  }, [host])

  const poolOf = (name: BatchPool['name']): BatchPool =>
    pools.find((pool) => pool.name === name) ?? { name, slots: 0, hour_micro_usd: 0 }
  const change = (name: BatchPool['name'], patch: Partial<BatchPool>) =>
    setPools(names.map((each) => ({ ...poolOf(each), ...(each === name && patch) })))
  const save = async () => {
    setPending(true)
    setFailure(null)
    try {
      const set = pools.filter(({ slots }) => slots > 0)
      const { waiting } = await host.batch.savePools({ pools: set })
      const body = waiting.length === 0 ? 'No batch waits for a slot.' : `${waiting.length} wait for a slot.`
      notify({ tone: 'good', title: set.length === 0 ? 'Batches need no slot now' : 'Kept', body })
    } catch (fault) {
      setFailure(messageOf(fault))
    } finally {
      setPending(false)
    }
  }
  return (
    <Panel
      title="Slots of batches"
      note="each batch needs one while any are set, high priority first; with none set it starts when its engine has room"
    >
      <div className="stack gap-2">
        {names.map((name) => (
          <div key={name} className="row top wrap">
            <NumberInput
              label={`${labels[name]} slots`}
              min={0}
              max={1000}
              allowDecimal={false}
              value={poolOf(name).slots}
              onChange={(slots) => change(name, { slots: Number(slots) })}
            />
            <NumberInput
              label={`${labels[name]}, dollars per hour and slot`}
              min={0}
              max={1000}
              decimalScale={4}
              value={poolOf(name).hour_micro_usd / MICRO}
              onChange={(dollars) => change(name, { hour_micro_usd: Math.round(Number(dollars) * MICRO) })}
            />
          </div>
        ))}
        {failure !== null && (
          <p className="t12 bad" role="alert">
            {failure}
          </p>
        )}
        <p className="t12 fg3">Requests on spot slots that are taken away wait to be sent again; none is lost.</p>
        <div className="row">
          <Button pending={pending} onClick={() => void save()}>
            Keep them
          </Button>
        </div>
      </div>
    </Panel>
  )
}
