import { useState } from 'react'
import type { EngineView, ServedModelView } from '../../../src-preload/contract/model.ts'
import { cost, integer, rate } from '../../lib/format.ts'
import { Absent } from '../../ui/absent.tsx'
import { Button } from '../../ui/button.tsx'
import { Tag } from '../../ui/chip.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Panel } from '../../ui/panel.tsx'
import { DataTable, type Column } from '../../ui/table.tsx'
import { PriceDialog } from './price-dialog.tsx'

/** What an agent can be given, and what it costs. */
export function ServedPanel({ engines, stale }: { engines: readonly EngineView[]; stale: boolean }) {
  const [pricing, setPricing] = useState<ServedModelView | null>(null)
  const models = engines.flatMap((engine) => engine.models)
  return (
    <Panel
      title="Models in use and their prices"
      note="dollars per million tokens; yours to set, used by estimates and cost limits"
      flush
    >
      {models.length === 0 ? (
        <EmptyState title="No model is served yet">
          Get one from the catalogue or add an endpoint: its models appear here.
        </EmptyState>
      ) : (
        <DataTable
          label="Served models"
          stale={stale}
          columns={columnsFor(setPricing)}
          rows={models}
          rowKey={({ reference }) => `${reference.engine_id} ${reference.model}`}
        />
      )}
      {pricing !== null && <PriceDialog model={pricing} onClose={() => setPricing(null)} />}
    </Panel>
  )
}

function columnsFor(onPrice: (model: ServedModelView) => void): readonly Column<ServedModelView>[] {
  return [
    {
      id: 'model',
      header: 'Model',
      cell: (model) => (
        <span className="row">
          <span className="med cut">{model.label}</span>
          {model.starter && <Tag title="For trying the flow; too weak for real answers">starter</Tag>}
        </span>
      ),
    },
    { id: 'engine', header: 'Engine', width: '140px', cell: (model) => <span className="fg2">{model.engine}</span> },
    {
      id: 'context',
      header: 'Context',
      width: '92px',
      num: true,
      wide: true,
      cell: (model) =>
        model.context_tokens === null ? <Absent reason="The endpoint does not say." /> : `${integer(model.context_tokens)} tok`,
    },
    { id: 'parallel', header: 'Parallel', width: '68px', num: true, cell: (model) => model.parallel },
    {
      id: 'rate',
      header: 'Tok/s',
      width: '60px',
      num: true,
      cell: (model) =>
        model.tokens_per_second === null ? <Absent reason="It has not answered a call yet." /> : rate(model.tokens_per_second),
    },
    { id: 'in', header: 'In', width: '72px', num: true, cell: (model) => <Price microUsd={model.price_in} /> },
    { id: 'out', header: 'Out', width: '72px', num: true, cell: (model) => <Price microUsd={model.price_out} /> },
    {
      id: 'actions',
      header: <span className="sr">Actions</span>,
      width: '92px',
      num: true,
      cell: (model) => (
        <Button command size="sm" onClick={() => onPrice(model)}>
          Price…
        </Button>
      ),
    },
  ]
}

function Price({ microUsd }: { microUsd: number | null }) {
  return microUsd === null ? <Absent reason="No price set: it counts as $0." /> : <>{cost(microUsd)}</>
}
