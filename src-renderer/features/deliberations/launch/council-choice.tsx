import { Select } from '@mantine/core'
import { useState } from 'react'
import { useHost } from '../../../lib/console.tsx'
import { messageOf } from '../../../lib/failure.ts'
import * as format from '../../../lib/format.ts'
import { routes } from '../../../lib/routes.ts'
import { Button } from '../../../ui/button.tsx'
import { notify } from '../../../ui/notify.tsx'
import { RouteLink } from '../../../ui/route-link.tsx'
import { councilAgents, councilConfig, draftOfCouncil, isAsKept } from '../councils/council-draft.ts'
import { SaveCouncilDialog } from '../councils/save-council-dialog.tsx'
import { useCouncils } from '../councils/use-councils.ts'
import type { CouncilView } from '../shapes.ts'
import type { Draft } from './draft.ts'

interface CouncilChoiceProps {
  draft: Draft
  change: (patch: Partial<Draft>) => void
}

/** Takes role, agents and rounds from a council that is kept, or keeps the form's as one. */
export function CouncilChoice({ draft, change }: CouncilChoiceProps) {
  const councils = useCouncils().value ?? []
  const [saving, setSaving] = useState(false)
  const chosen = councils.find((one) => one.council_id === draft.council)
  const changed = chosen !== undefined && !isAsKept(draft, chosen)
  return (
    <div className="council-choice">
      <Select
        label="Kept council"
        placeholder="none: the agents below"
        data={councils.map((one) => ({
          value: one.council_id,
          label: `${one.title}, ${format.counted(one.num_agents, 'agent')}`,
        }))}
        value={chosen?.council_id ?? null}
        clearable
        searchable={councils.length > 8}
        onChange={(id) => {
          const council = councils.find((one) => one.council_id === id)
          change(council ? draftOfCouncil(council) : { council: null })
        }}
      />
      {chosen?.status === 'unavailable' && <span className="t12 fg2">{chosen.reason}</span>}
      {changed && <UpdateCouncil council={chosen} draft={draft} />}
      <Button command size="sm" variant="quiet" icon="plus" onClick={() => setSaving(true)}>
        Save as a council…
      </Button>
      <RouteLink to={routes.councils} className="link t12 council-link">
        All councils
      </RouteLink>
      {saving && <SaveCouncilDialog draft={draft} onSaved={(council) => change({ council })} onClose={() => setSaving(false)} />}
    </div>
  )
}

function UpdateCouncil({ council, draft }: { council: CouncilView; draft: Draft }) {
  const host = useHost()
  const [pending, setPending] = useState(false)
  const update = async () => {
    setPending(true)
    try {
      await host.council.change({
        council: {
          council_id: council.council_id,
          title: council.title,
          role: draft.role,
          agents: councilAgents(draft.agents),
          config: councilConfig(draft),
        },
      })
    } catch (fault) {
      notify({ tone: 'bad', title: `${council.title} was not updated`, body: messageOf(fault) })
    }
    setPending(false)
  }
  return (
    <>
      <span className="t12 fg2">changed for this run</span>
      <Button command size="sm" variant="quiet" pending={pending} onClick={() => void update()}>
        Update the council
      </Button>
    </>
  )
}
