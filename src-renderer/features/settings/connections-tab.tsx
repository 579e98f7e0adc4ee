import { useConnection } from '../../lib/console.tsx'
import { engineState } from '../../lib/engine-words.ts'
import { integer } from '../../lib/format.ts'
import { routes } from '../../lib/routes.ts'
import { useSystem } from '../../lib/shared-streams.tsx'
import { useModels } from '../../lib/use-models.ts'
import { Absent } from '../../ui/absent.tsx'
import { Chip } from '../../ui/chip.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { KeyValue } from '../../ui/key-value.tsx'
import { Panel } from '../../ui/panel.tsx'
import { RouteLink } from '../../ui/route-link.tsx'
import { DataTable, type Column } from '../../ui/table.tsx'
import { DryRunServerPanel } from './dry-run-server-panel.tsx'
import { GatewayPanel } from './gateway-panel.tsx'
import { KeysPanel } from './keys-panel.tsx'
import { ReadOnlyPanel } from './read-only-panel.tsx'
import type { EngineView } from '../../../src-preload/contract/model.ts'

export function ConnectionsTab() {
  const system = useSystem()
  const models = useModels()
  const connection = useConnection()
  return (
    <div className="stack gap-3">
      <Panel
        title="Context"
        note="where runs are kept and worked on"
        aside={
          <Chip plain tone={connection.kind === 'live' ? 'good' : 'stale'}>
            {connection.kind === 'live' ? 'Live' : 'Not connected'}
          </Chip>
        }
      >
        {system.value === null ? (
          <EmptyState title="The host has not answered yet" />
        ) : (
          <KeyValue
            left
            items={[
              ['Name', `${system.value.context.name}, this machine`],
              ['Control plane', `${system.value.version}, embedded in this console`],
              ['Window', system.value.shell === 'electron' ? 'desktop window' : 'browser, served by this machine'],
              [
                'Log',
                [`${integer(system.value.log.last_sequence)} messages`, system.value.log.detail].filter(Boolean).join(', '),
              ],
            ]}
          />
        )}
      </Panel>
      <ReadOnlyPanel />
      <Panel
        title="Engines and endpoints"
        note="added, edited and tested on their own page"
        aside={<RouteLink to={routes.models}>Models &amp; engines</RouteLink>}
        flush
      >
        {models.value === null ? (
          <EmptyState title="The engines have not answered yet" />
        ) : (
          <DataTable
            label="Engines and endpoints"
            columns={columns}
            rows={models.value.engines}
            rowKey={(engine) => engine.engine_id}
            stale={models.state !== 'live'}
          />
        )}
      </Panel>
      <DryRunServerPanel />
      <GatewayPanel />
      <KeysPanel />
    </div>
  )
}

const columns: readonly Column<EngineView>[] = [
  {
    id: 'state',
    header: 'State',
    width: '120px',
    cell: (engine) => {
      const { word, tone, shape } = engineState(engine)
      return (
        <Chip plain={tone !== 'bad'} tone={tone} shape={shape}>
          {word}
        </Chip>
      )
    },
  },
  { id: 'name', header: 'Engine', width: '200px', cell: (engine) => <span className="med">{engine.name}</span> },
  {
    id: 'url',
    header: 'Address',
    mono: true,
    cell: (engine) => engine.base_url ?? <Absent reason="It runs inside this console." />,
  },
  {
    id: 'key',
    header: 'Key',
    width: '96px',
    cell: (engine) => (engine.has_key ? 'stored' : <Absent reason="No key is stored." />),
  },
  { id: 'models', header: 'Models', width: '80px', num: true, cell: (engine) => engine.models.length },
]
