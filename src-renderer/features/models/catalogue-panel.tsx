import { useState } from 'react'
import type { CatalogueModel, ModelsView } from '../../../src-preload/contract/model.ts'
import { bytes, integer } from '../../lib/format.ts'
import { Tag } from '../../ui/chip.tsx'
import { Meter } from '../../ui/meter.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { DataTable, type Column } from '../../ui/table.tsx'
import { ModelActions } from './model-actions.tsx'
import { ModelStateCell } from './model-state.tsx'

const filters = ['all', 'fits', 'here'] as const
type Filter = (typeof filters)[number]

const keeps: Readonly<Record<Filter, (model: CatalogueModel) => boolean>> = {
  all: () => true,
  fits: (model) => model.fit.fits,
  here: (model) => model.state.kind === 'ready',
}
const words: Readonly<Record<Filter, string>> = { all: 'All', fits: 'Fits', here: 'On disk' }

export function CataloguePanel({ view, stale }: { view: ModelsView; stale: boolean }) {
  const [filter, setFilter] = useState<Filter>('all')
  const { catalogue, machine } = view
  const scale = Math.max(machine.free_memory_bytes * 1.2, ...catalogue.map((model) => model.fit.needs_bytes))
  const options = filters.map((value) => ({ value, label: `${words[value]} ${catalogue.filter(keeps[value]).length}` }))
  return (
    <Panel
      title="Model catalogue"
      note={`fit = weights + context against ${bytes(machine.free_memory_bytes)} of free memory (the line)`}
      aside={<Segmented label="Which models" value={filter} options={options} onChange={setFilter} />}
      flush
    >
      <DataTable
        label="Model catalogue"
        tall
        stale={stale}
        columns={columnsFor(view, scale)}
        rows={catalogue.filter(keeps[filter])}
        rowKey={(model) => model.id}
        selectedKey={catalogue.find((model) => model.recommended)?.id}
      />
    </Panel>
  )
}

function columnsFor(view: ModelsView, scale: number): readonly Column<CatalogueModel>[] {
  const embedded = view.engines.find((engine) => engine.kind === 'embedded')
  return [
    { id: 'state', header: 'State', width: '188px', cell: (model) => <ModelStateCell model={model} /> },
    { id: 'model', header: 'Model', cell: (model) => <NameCell model={model} /> },
    {
      id: 'fit',
      header: `0 to ${bytes(scale)}`,
      width: '150px',
      wide: false,
      cell: (model) => <FitBar model={model} scale={scale} />,
    },
    { id: 'needs', header: 'Needs', width: '76px', num: true, cell: (model) => <Needs model={model} /> },
    {
      id: 'context',
      header: 'Context',
      width: '92px',
      num: true,
      wide: true,
      cell: (model) => <span className="fg2">{integer(model.context_tokens)} tok</span>,
    },
    { id: 'disk', header: 'Disk', width: '76px', num: true, cell: (model) => bytes(model.size_bytes) },
    {
      id: 'licence',
      header: 'Licence',
      width: '108px',
      wide: true,
      cell: (model) => <span className="fg2">{model.licence}</span>,
    },
    {
      id: 'actions',
      header: <span className="sr">Actions</span>,
      width: '132px',
      num: true,
      cell: (model) => <ModelActions model={model} busy={model.loaded ? (embedded?.running ?? 0) : 0} />,
    },
  ]
}

function NameCell({ model }: { model: CatalogueModel }) {
  return (
    <span className="stack">
      <span className="row">
        <span className="med cut">{model.name}</span>
        <span className="mono t11 fg3">
          {model.parameters} {model.quantisation}
        </span>
        {model.kind === 'embedding' && (
          <Tag title="It turns texts into vectors, so that runs can be measured; it answers no calls">measures texts</Tag>
        )}
        {model.recommended && <Tag title="The best one that fits this machine">recommended here</Tag>}
        {model.loaded && <Tag>loaded</Tag>}
      </span>
      <span className="t11 fg3 cut" title={model.note}>
        {model.starter ? 'Starter, for trying the flow; too weak for real answers' : model.note}
      </span>
    </span>
  )
}

function FitBar({ model, scale }: { model: CatalogueModel; scale: number }) {
  const { fits, needs_bytes, free_bytes } = model.fit
  const label = `needs ${bytes(needs_bytes)}, ${bytes(free_bytes)} free: ${fits ? 'fits' : 'does not fit'}`
  return <Meter label={label} parts={[{ value: needs_bytes, tone: fits ? 'accent' : 'bad' }]} max={scale} mark={free_bytes} />
}

function Needs({ model }: { model: CatalogueModel }) {
  return model.fit.fits ? <>{bytes(model.fit.needs_bytes)}</> : <span className="bad med">{bytes(model.fit.needs_bytes)}</span>
}
