import { useState } from 'react'
import { useLocation } from 'wouter'
import { useHost } from '../../../lib/console.tsx'
import { counted } from '../../../lib/format.ts'
import { routes } from '../../../lib/routes.ts'
import { AreaCrumb } from '../../../ui/area-crumb.tsx'
import { ActionButton } from '../../../ui/action-button.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { Chip } from '../../../ui/chip.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { Id } from '../../../ui/id.tsx'
import { Page, PageContent, PageHeader } from '../../../ui/page.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import { DataTable, type Column } from '../../../ui/table.tsx'
import type { CouncilView } from '../shapes.ts'
import { launchWith } from './launch-with.ts'
import { useCouncils } from './use-councils.ts'

/** The teams that are kept: who can be asked, and who is at work. */
export function CouncilsPage() {
  const host = useHost()
  const [, navigate] = useLocation()
  const { value, state, error } = useCouncils()
  const [removing, setRemoving] = useState<CouncilView | null>(null)
  const councils = value ?? []
  const open = (council: CouncilView) => navigate(launchWith(council.council_id))
  return (
    <Page>
      <PageHeader
        crumb={
          <AreaCrumb to={routes.deliberations} area="Deliberations">
            <span className="fg2">Councils</span>
          </AreaCrumb>
        }
        verdict={verdictOf(value)}
        stale={state !== 'live'}
        why="A run takes a copy of its council at launch: changes here touch no run that is already going."
        actions={<ActionButton id="deliberation.launch">Launch</ActionButton>}
      />
      {error !== null && <Banner tone="warn">The councils could not be read: {error.message}</Banner>}
      <PageContent>
        {value !== null && councils.length === 0 ? (
          <EmptyState
            title="Councils will be here"
            actions={<Button onClick={() => navigate(routes.launch)}>Put agents together in the launch form</Button>}
          >
            A council is a team that is kept: agents with their models, temperatures and personas, for one role.
          </EmptyState>
        ) : (
          <Panel title="Councils" note="Enter opens the launch form with one; change it there and keep it" flush>
            <DataTable
              label="Councils"
              columns={columns(open, setRemoving)}
              rows={councils}
              rowKey={(council) => council.council_id}
              onOpen={open}
              stale={state !== 'live'}
            />
          </Panel>
        )}
      </PageContent>
      {removing !== null && (
        <FormDialog
          title={`Remove ${removing.title}?`}
          confirm="Remove it"
          danger
          onConfirm={() => host.council.remove({ council_id: removing.council_id })}
          onClose={() => setRemoving(null)}
        >
          <p className="t12 fg2">
            Its {counted(removing.num_agents, 'agent')} with models, temperatures and personas are lost. Runs that were launched
            with it keep their copy. Clients that launch by its id are refused from then on.
          </p>
        </FormDialog>
      )}
    </Page>
  )
}

function verdictOf(councils: readonly CouncilView[] | null): string {
  if (councils === null) return 'Asking for the councils'
  const count = (status: CouncilView['status']) => councils.filter((council) => council.status === status).length
  if (councils.length === 0) return 'No council is kept'
  const parts = [counted(councils.length, 'council'), `${count('active') + count('busy')} at work`]
  return [...parts, ...(count('unavailable') > 0 ? [`${count('unavailable')} without their models`] : [])].join(', ')
}

function columns(open: (council: CouncilView) => void, remove: (council: CouncilView) => void): readonly Column<CouncilView>[] {
  return [
    { id: 'title', header: 'Council', cell: (council) => <span className="med cut">{council.title}</span> },
    { id: 'id', header: 'Id', width: '140px', wide: true, cell: (council) => <Id value={council.council_id} /> },
    { id: 'role', header: 'Role', width: '110px', cell: (council) => council.role },
    { id: 'agents', header: 'Agents', width: '64px', num: true, cell: (council) => council.num_agents },
    { id: 'rounds', header: 'Rounds', width: '64px', num: true, cell: (council) => council.config.deliberation_rounds },
    { id: 'models', header: 'Models', cell: (council) => <span className="fg2 cut">{modelsOf(council)}</span> },
    { id: 'status', header: 'State', width: '120px', cell: (council) => <CouncilState council={council} /> },
    {
      id: 'actions',
      header: <span className="visually-hidden">Actions</span>,
      width: '150px',
      cell: (council) => (
        <span className="row">
          <Button size="sm" variant="quiet" onClick={() => open(council)}>
            Launch…
          </Button>
          <Button command size="sm" variant="quiet" onClick={() => remove(council)}>
            Remove…
          </Button>
        </span>
      ),
    },
  ]
}

function modelsOf({ agents }: CouncilView): string {
  return [...new Set(agents.map(({ model }) => model?.model ?? 'the first that is served'))].join(', ')
}

function CouncilState({ council: { status, reason } }: { council: CouncilView }) {
  switch (status) {
    case 'idle':
      return (
        <Chip shape="dash" plain>
          Idle
        </Chip>
      )
    case 'active':
      return (
        <Chip tone="info" shape="run" plain title="A run of it is going; not all of its agents are asked just now.">
          Active
        </Chip>
      )
    case 'busy':
      return (
        <Chip tone="info" shape="wait" plain title="All of its agents are asked just now; a further run waits for the engines.">
          Busy
        </Chip>
      )
    case 'unavailable':
      return (
        <Chip tone="warn" plain title={reason ?? undefined}>
          Unavailable
        </Chip>
      )
  }
}
