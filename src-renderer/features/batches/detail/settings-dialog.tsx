import { NumberInput, Select, Switch } from '@mantine/core'
import { useState } from 'react'
import type { BatchDetail, FallbackModel } from '../../../../src-preload/contract/batch.ts'
import type { ServedModelView } from '../../../../src-preload/contract/model.ts'
import { useHost } from '../../../lib/console.tsx'
import { servedModels, useModels } from '../../../lib/use-models.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import { FallbacksField } from '../fallbacks-field.tsx'

const HOUR = 3_600_000
const priorities = [
  { value: '2', label: '+2, before others' },
  { value: '1', label: '+1' },
  { value: '0', label: '0, as the deadline says' },
  { value: '-1', label: '−1' },
  { value: '-2', label: '−2, after others' },
]

/** What may be changed while it waits or runs. */
export function SettingsDialog({ detail: { row, settings }, onClose }: { detail: BatchDetail; onClose: () => void }) {
  const host = useHost()
  const [priority, setPriority] = useState(String(settings.priority_offset))
  const [concurrency, setConcurrency] = useState<number | ''>(settings.max_concurrency ?? '')
  const [adaptive, setAdaptive] = useState(settings.adaptive_concurrency)
  const [cost, setCost] = useState<number | ''>(
    settings.cost_ceiling_micro_usd === undefined ? '' : settings.cost_ceiling_micro_usd / 1_000_000,
  )
  const [errors, setErrors] = useState<number | ''>(settings.error_ceiling === undefined ? '' : settings.error_ceiling * 100)
  const [hours, setHours] = useState(Math.round(row.window_ms / HOUR))
  const [fallbacks, setFallbacks] = useState<readonly FallbackModel[]>(settings.fallbacks ?? [])
  const models = useModels().value
  const isOwn = ({ reference }: ServedModelView) => reference.engine_id === row.engine_id && reference.model === row.model
  const others = models === null ? [] : servedModels(models).filter((one) => !isOwn(one))
  const [onDeadline, setOnDeadline] = useState(settings.on_deadline)
  const save = () =>
    host.batch.change({
      batch_id: row.batch_id,
      change: {
        priority_offset: Number(priority),
        max_concurrency: concurrency === '' ? null : concurrency,
        adaptive_concurrency: adaptive,
        cost_ceiling_micro_usd: cost === '' ? null : Math.round(cost * 1_000_000),
        error_ceiling: errors === '' ? null : errors / 100,
        on_deadline: onDeadline,
        fallbacks: fallbacks.length === 0 ? null : [...fallbacks],
        ...(hours !== Math.round(row.window_ms / HOUR) && { deadline: row.created_at + hours * HOUR }),
      },
    })
  const number = (set: (value: number | '') => void) => (value: number | string) => set(typeof value === 'number' ? value : '')
  return (
    <FormDialog title="Change this batch" confirm="Change it" onConfirm={save} onClose={onClose}>
      <div className="stack gap-2">
        <Select
          label="Priority"
          data={priorities}
          value={priority}
          onChange={(value) => value !== null && setPriority(value)}
          allowDeselect={false}
        />
        <NumberInput
          label="Requests at once"
          placeholder="what the engine takes"
          min={1}
          max={1024}
          value={concurrency}
          onChange={number(setConcurrency)}
        />
        <Switch
          label="Adapt to the engine's speed and refusals"
          checked={adaptive}
          onChange={(event) => setAdaptive(event.currentTarget.checked)}
        />
        <NumberInput
          label="Window, hours from the submit"
          min={1}
          max={168}
          value={hours}
          onChange={(value) => typeof value === 'number' && setHours(value)}
        />
        <Select
          label="At the deadline"
          data={[
            { value: 'expire', label: 'end it; finished requests are kept' },
            { value: 'continue', label: 'go on, counted as missed' },
          ]}
          value={onDeadline}
          onChange={(value) => value !== null && setOnDeadline(value === 'continue' ? 'continue' : 'expire')}
          allowDeselect={false}
        />
        <NumberInput
          label="Stop above this cost, dollars"
          placeholder="no ceiling"
          min={0.01}
          step={1}
          value={cost}
          onChange={number(setCost)}
        />
        <NumberInput
          label="Stop above this share of errors, per cent"
          placeholder="no ceiling"
          min={1}
          max={100}
          value={errors}
          onChange={number(setErrors)}
        />
        <FallbacksField value={fallbacks} onChange={setFallbacks} models={others} />
      </div>
    </FormDialog>
  )
}
