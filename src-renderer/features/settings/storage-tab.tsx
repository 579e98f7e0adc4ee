import { NumberInput } from '@mantine/core'
import { useState } from 'react'
import { useHost } from '../../lib/console.tsx'
import { bytes, counted } from '../../lib/format.ts'
import { usePreferences } from '../../lib/shared-streams.tsx'
import { usePoll } from '../../lib/use-poll.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Id } from '../../ui/id.tsx'
import { Meter } from '../../ui/meter.tsx'
import { KeyValue } from '../../ui/key-value.tsx'
import { notify, notifyFailure } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { FileStorePanel } from './file-store-panel.tsx'

export function StorageTab() {
  return (
    <div className="stack gap-3">
      <DiskPanel />
      <FileStorePanel />
      <RetentionPanel />
    </div>
  )
}

const parts = [
  { key: 'models_bytes', name: 'Models', series: '--s-1', why: 'weights; removed on Models & engines' },
  { key: 'log_bytes', name: 'Log', series: '--s-2', why: 'every event of every run' },
  { key: 'blobs_bytes', name: 'Large texts', series: '--s-3', why: 'prompts, and answers above 64 kB' },
  { key: 'batches_bytes', name: 'Batches', series: '--s-5', why: 'requests, answers and files; removed with their batch' },
  { key: 'read_models_bytes', name: 'Read models', series: '--s-4', why: 'rebuilt from the log when lost' },
] as const

function DiskPanel() {
  const host = useHost()
  const { value, error } = usePoll('disk', (signal) => host.settings.disk({}, signal), 30_000)
  const used = value === null ? 0 : parts.reduce((sum, { key }) => sum + value[key], 0)
  return (
    <Panel
      title="Disk use"
      note={value === null ? undefined : `${bytes(used)} used, ${bytes(value.free_bytes)} free`}
      aside={value === null ? undefined : <Id value={value.data_dir} />}
    >
      {value === null ? (
        <EmptyState title={error === null ? 'Being measured' : 'The disk use could not be read'}>{error?.message}</EmptyState>
      ) : (
        <div className="stack gap-3">
          <Meter
            tall
            label={`${bytes(used)} used by Signalbox, ${bytes(value.free_bytes)} free`}
            parts={parts.map(({ key, series }) => ({ value: value[key], series }))}
            max={used + value.free_bytes}
          />
          <ul className="disk-parts">
            {parts.map(({ key, name, series, why }) => (
              <li key={key} className="row t12">
                <span className="swatch" style={{ background: `var(${series})` }} />
                <span className="disk-name">{name}</span>
                <span className="disk-bytes num">{bytes(value[key])}</span>
                <span className="fg3">
                  {why}
                  {key === 'log_bytes' &&
                    value.log_free_bytes > 0 &&
                    `; ${bytes(value.log_free_bytes)} of it were freed and are given back while nothing is written`}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Panel>
  )
}

interface Expiring {
  readonly runs: number
  readonly batches: number
}

const dueWords = ({ runs, batches }: Expiring): string => `${counted(runs, 'run')} and ${counted(batches, 'batch', 'batches')}`

function RetentionPanel() {
  const host = useHost()
  const { preferences, save } = usePreferences()
  const [edited, setEdited] = useState<number | string | null>(null)
  const [expiring, setExpiring] = useState<Expiring | null>(null)
  const days = edited ?? preferences.history_days
  const isValid = typeof days === 'number' && days >= 1 && days <= 3650
  const isChanged = isValid && days !== preferences.history_days
  const store = async () => {
    if (!isValid) return
    try {
      await save({ history_days: days })
      setEdited(null)
    } catch (fault) {
      notifyFailure('The setting was not saved', fault)
    }
  }
  const preview = async () => {
    try {
      setExpiring(await host.settings.retentionDue({}))
    } catch (fault) {
      notifyFailure('What is due could not be counted', fault)
    }
  }
  const expire = async () => {
    const { left, reason, ...removed } = await host.settings.applyRetention({})
    notify({
      tone: left > 0 ? 'warn' : 'good',
      title: `${dueWords(removed)} expired`,
      body: `Frees ${bytes(removed.bytes)} of texts and files.${left > 0 ? ` ${left} could not be removed (${reason}).` : ''}`,
    })
  }
  return (
    <Panel title="History" note="ended runs and batches are kept this long, then their texts are deleted and an entry says so">
      <div className="row">
        <NumberInput
          aria-label="Days that ended runs and batches are kept"
          className="days"
          min={1}
          max={3650}
          allowDecimal={false}
          suffix=" days"
          value={days}
          onChange={setEdited}
          error={!isValid}
        />
        <Button
          command
          reason={isChanged ? undefined : isValid ? 'It is already set to this.' : 'Between 1 and 3,650 days.'}
          onClick={() => void store()}
        >
          Save
        </Button>
        <Button
          command
          variant="danger"
          reason={isChanged ? 'Save the number of days first.' : undefined}
          onClick={() => void preview()}
        >
          Expire now…
        </Button>
      </div>
      {expiring !== null && (
        <FormDialog
          title={`Expire what ended more than ${preferences.history_days} days ago?`}
          confirm={`Expire ${dueWords(expiring)}`}
          danger
          reason={expiring.runs + expiring.batches === 0 ? 'Nothing that ended is that old.' : undefined}
          onConfirm={expire}
          onClose={() => setExpiring(null)}
        >
          <KeyValue
            rules
            items={[
              ['Ended before that', dueWords(expiring)],
              ['Their texts, scores, answers and files', 'deleted for good'],
              ['Their entry in the log', 'stays, as EXPIRED'],
            ]}
          />
        </FormDialog>
      )}
    </Panel>
  )
}
