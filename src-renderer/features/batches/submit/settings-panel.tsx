import { NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core'
import { batchEndpoint } from '../../../../src-preload/contract/batch.ts'
import type { ServedModelView } from '../../../../src-preload/contract/model.ts'
import * as format from '../../../lib/format.ts'
import { fromLocalInput, toLocalInput } from '../../../lib/local-time.ts'
import { Panel } from '../../../ui/panel.tsx'
import { FallbacksField } from '../fallbacks-field.tsx'
import { metadataFault, windowHours, type BatchForm } from './new-batch-state.ts'

interface SettingsPanelProps {
  form: BatchForm
  change: (patch: Partial<BatchForm>) => void
  /** What it will be called unless it gets a name. */
  fallbackName: string
  engines: readonly { readonly value: string; readonly label: string }[]
  /** Models that may stand in for its own. */
  others: readonly ServedModelView[]
}

const priorities = ['2', '1', '0', '-1', '-2'].map((value) => ({
  value,
  label:
    { '2': '+2, before others', '1': '+1', '0': '0, as the deadline says', '-1': '−1', '-2': '−2, after others' }[value] ?? value,
}))

const number = (set: (value: number | null) => void) => (value: number | string) => set(typeof value === 'number' ? value : null)

/** How it is to be run. */
export function BatchSettingsPanel({ form, change, fallbackName, engines, others }: SettingsPanelProps) {
  return (
    <Panel title="How it runs" note="what is left empty has a default">
      <div className="batch-fields">
        <TextInput
          label="Name"
          maxLength={120}
          placeholder={fallbackName}
          value={form.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <Select
          label="Endpoint"
          data={batchEndpoint.options}
          value={form.endpoint}
          onChange={(value) => change({ endpoint: batchEndpoint.parse(value) })}
          allowDeselect={false}
        />
        <NumberInput
          label="Window, hours"
          min={1}
          max={168}
          disabled={form.background}
          value={windowHours(form)}
          onChange={(value) => typeof value === 'number' && change({ hours: value })}
        />
        {engines.length > 1 && (
          <Select
            label="Engine"
            data={[...engines]}
            value={form.engineId}
            onChange={(engineId) => change({ engineId })}
            placeholder="which of them?"
          />
        )}
        <Select
          label="Priority"
          data={priorities}
          value={String(form.priority)}
          onChange={(value) => change({ priority: Number(value) })}
          allowDeselect={false}
        />
        <NumberInput
          label="Requests at once"
          placeholder="what the engine takes"
          min={1}
          max={1024}
          value={form.concurrency ?? ''}
          onChange={number((concurrency) => change({ concurrency }))}
        />
        <NumberInput
          label="Tries after the first, of a request"
          min={0}
          max={10}
          value={form.retries}
          onChange={(value) => typeof value === 'number' && change({ retries: value })}
        />
        <NumberInput
          label="Stop above this cost, dollars"
          placeholder="no ceiling"
          min={0.01}
          value={form.costDollars ?? ''}
          onChange={number((costDollars) => change({ costDollars }))}
        />
        <NumberInput
          label="Stop above this share of errors, %"
          placeholder="no ceiling"
          min={1}
          max={100}
          value={form.errorPercent ?? ''}
          onChange={number((errorPercent) => change({ errorPercent }))}
        />
        <TextInput
          type="datetime-local"
          label="Start not before"
          value={form.notBefore === null ? '' : toLocalInput(form.notBefore)}
          onChange={(event) => change({ notBefore: fromLocalInput(event.currentTarget.value) })}
        />
      </div>
      <div className="row wrap batch-switches">
        <Switch
          label="Adapt to the engine's speed and refusals"
          checked={form.adaptive}
          onChange={(event) => change({ adaptive: event.currentTarget.checked })}
        />
        <Switch
          label="Go on after the deadline, counted as missed"
          checked={form.continues}
          onChange={(event) => change({ continues: event.currentTarget.checked })}
        />
        <Switch
          label="Take it in even if it does not fit its window"
          checked={form.force}
          onChange={(event) => change({ force: event.currentTarget.checked })}
        />
      </div>
      <FallbacksField value={form.fallbacks} onChange={(fallbacks) => change({ fallbacks })} models={others} />
      <AdvancedFields form={form} change={change} />
    </Panel>
  )
}

/** Folded away; what is set of it, as by a clone, stands in its heading. */
function AdvancedFields({ form, change }: Pick<SettingsPanelProps, 'form' | 'change'>) {
  const set = [
    ...(form.background ? ['background'] : []),
    ...(form.keptDays === null ? [] : [`results kept ${format.counted(form.keptDays, 'day')}`]),
    ...(form.metadata.trim() === '' ? [] : ['metadata']),
  ]
  return (
    <details className="batch-advanced">
      <summary>{['Advanced', ...set].join(' · ')}</summary>
      <div className="stack gap-3">
        <Switch
          label="Background: whenever there is room, within 168 h"
          checked={form.background}
          onChange={(event) => change({ background: event.currentTarget.checked })}
        />
        <div className="batch-fields">
          <NumberInput
            label="Remove the result files after, days"
            placeholder="kept with the batch"
            min={1}
            max={30}
            allowDecimal={false}
            value={form.keptDays ?? ''}
            onChange={number((keptDays) => change({ keptDays }))}
          />
          <Textarea
            label="Metadata, one key=value a line"
            autosize
            minRows={1}
            value={form.metadata}
            onChange={(event) => change({ metadata: event.currentTarget.value })}
            error={metadataFault(form.metadata)}
          />
        </div>
      </div>
    </details>
  )
}
