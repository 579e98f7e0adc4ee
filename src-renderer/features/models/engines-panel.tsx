import { useState } from 'react'
import type { EngineView } from '../../../src-preload/contract/model.ts'
import { useHost } from '../../lib/console.tsx'
import { engineState } from '../../lib/engine-words.ts'
import { counted, rate } from '../../lib/format.ts'
import { Absent } from '../../ui/absent.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { KeyValue } from '../../ui/key-value.tsx'
import { notify } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Ago } from '../../ui/quantities.tsx'
import { DataTable, type Column } from '../../ui/table.tsx'

interface EnginesPanelProps {
  engines: readonly EngineView[]
  stale: boolean
  onEdit: (engine: EngineView) => void
}

export function EnginesPanel({ engines, stale, onEdit }: EnginesPanelProps) {
  const hasEndpoint = engines.some((engine) => engine.kind === 'endpoint')
  return (
    <Panel
      title="Engines"
      note="what answers the agents"
      flush
      foot={
        hasEndpoint ? undefined : (
          <>
            <span>Any server with an OpenAI-compatible API can serve the agents: vLLM, llama.cpp, a hosted one.</span>
            <span className="push">
              <ActionButton id="endpoint.add" size="sm" withoutShortcut />
            </span>
          </>
        )
      }
    >
      <DataTable
        label="Engines"
        tall
        stale={stale}
        columns={columnsFor(onEdit)}
        rows={engines}
        rowKey={(engine) => engine.engine_id}
      />
    </Panel>
  )
}

function columnsFor(onEdit: (engine: EngineView) => void): readonly Column<EngineView>[] {
  return [
    { id: 'state', header: 'State', width: '104px', cell: (engine) => <EngineChip engine={engine} /> },
    {
      id: 'name',
      header: 'Engine',
      cell: (engine) => (
        <span className="stack">
          <span className="row">
            <span className="med cut">{engine.name}</span>
            <span className="mono t11 fg3 cut">{engine.base_url ?? 'inside this console, CPU'}</span>
          </span>
          <span className="t11 fg3 cut" title={engine.detail}>
            {engine.detail}
          </span>
        </span>
      ),
    },
    { id: 'models', header: 'Models', width: '64px', num: true, cell: (engine) => engine.models.length },
    {
      id: 'load',
      header: 'Running',
      width: '108px',
      num: true,
      cell: (engine) => (
        <>
          {engine.running} <span className="unit">of {engine.parallel}</span>
          {engine.waiting > 0 && <span className="unit">, {engine.waiting} wait</span>}
        </>
      ),
    },
    {
      id: 'rate',
      header: 'Tok/s',
      width: '60px',
      num: true,
      cell: (engine) =>
        engine.tokens_per_second === null ? <Absent reason="It has not answered a call yet." /> : rate(engine.tokens_per_second),
    },
    {
      id: 'checked',
      header: 'Checked',
      width: '84px',
      num: true,
      wide: true,
      cell: (engine) =>
        engine.checked_at === null ? <Absent reason="It has not been asked yet." /> : <Ago at={engine.checked_at} />,
    },
    {
      id: 'actions',
      header: <span className="sr">Actions</span>,
      width: '148px',
      num: true,
      cell: (engine) => (engine.kind === 'endpoint' ? <EndpointActions engine={engine} onEdit={onEdit} /> : null),
    },
  ]
}

function EngineChip({ engine }: { engine: EngineView }) {
  const { word, tone, shape } = engineState(engine)
  return (
    <Chip plain={tone !== 'bad'} tone={tone} shape={shape}>
      {word}
    </Chip>
  )
}

function EndpointActions({ engine, onEdit }: { engine: EngineView; onEdit: (engine: EngineView) => void }) {
  const host = useHost()
  const [removing, setRemoving] = useState(false)
  const remove = async () => {
    await host.model.removeEndpoint({ engine_id: engine.engine_id })
    notify({ tone: 'good', title: `${engine.name} removed`, body: 'Its stored key was deleted too.' })
  }
  return (
    <span className="row">
      <Button command size="sm" onClick={() => onEdit(engine)}>
        Edit…
      </Button>
      <Button
        command
        size="sm"
        reason={engine.running > 0 ? `${counted(engine.running, 'call')} run on it now.` : undefined}
        onClick={() => setRemoving(true)}
      >
        Remove…
      </Button>
      {removing && (
        <FormDialog
          title={`Remove ${engine.name}?`}
          confirm="Remove the endpoint"
          danger
          onConfirm={remove}
          onClose={() => setRemoving(false)}
        >
          <KeyValue
            rules
            items={[
              ['Address', engine.base_url ?? ''],
              ['Models no longer offered', String(engine.models.length)],
              ['Stored key', engine.has_key ? 'is deleted' : 'none'],
              ['Ended runs that used it', 'keep their texts and scores'],
            ]}
          />
        </FormDialog>
      )}
    </span>
  )
}
