import { NumberInput, Select } from '@mantine/core'
import type { ModelsView } from '../../../../src-preload/contract/model.ts'
import * as format from '../../../lib/format.ts'
import { Panel } from '../../../ui/panel.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import type { Role } from '../shapes.ts'
import { withAgentCount, type Draft } from './draft.ts'
import { AgentTable } from './agent-table.tsx'
import { CouncilChoice } from './council-choice.tsx'
import { messageAt, type Refusal } from './form-fields.ts'
import { roleLabel } from './role-labels.ts'
import { RouteLink } from '../../../ui/route-link.tsx'
import { settingsRoute } from '../../../lib/routes.ts'

interface CouncilPanelProps {
  draft: Draft
  change: (patch: Partial<Draft>) => void
  replace: (draft: Draft) => void
  roles: readonly Role[]
  models: ModelsView | null
  /** Key of the model of agents that chose none. */
  usual: string | null
  refusal: Refusal | null
}

export function CouncilPanel({ draft, change, replace, roles, models, usual, refusal }: CouncilPanelProps) {
  const role = roles.find((candidate) => candidate.name === draft.role)
  const count = draft.agents.length
  const chooser = draft.selection === 'architect' ? 'the architect chooses' : 'the best score wins'
  return (
    <Panel
      title="Council"
      note={`${format.counted(count, 'agent')} ${count === 1 ? 'answers' : 'argue'}, ${chooser}`}
      aside={<RoleChoice draft={draft} roles={roles} change={change} />}
      flush
    >
      <div className="body council-body">
        <CouncilChoice draft={draft} change={change} />
        {messageAt(refusal, { part: 'role' }) !== undefined && (
          <p className="mantine-InputWrapper-error">{messageAt(refusal, { part: 'role' })}</p>
        )}
        {role && (
          <details className="persona">
            <summary>
              <span className="med">{role.title}</span> <span className="fg3 cut">{role.persona}</span>
            </summary>
            <p>{role.persona}</p>
            <RouteLink to={settingsRoute('roles')}>Change roles in Settings</RouteLink>
          </details>
        )}
        <div className="grid-3">
          <NumberInput
            label={
              <>
                Agents <span className="fg3">1 to 15</span>
              </>
            }
            value={count}
            min={1}
            max={15}
            clampBehavior="strict"
            hideControls={false}
            allowDecimal={false}
            onChange={(value) => typeof value === 'number' && replace(withAgentCount(draft, value))}
            error={messageAt(refusal, { part: 'agentCount' })}
          />
          <NumberInput
            label={
              <>
                Rounds of critique <span className="fg3">0 to 5</span>
              </>
            }
            value={draft.rounds}
            min={0}
            max={5}
            clampBehavior="strict"
            hideControls={false}
            allowDecimal={false}
            onChange={(value) => typeof value === 'number' && change({ rounds: value })}
            error={messageAt(refusal, { part: 'rounds' })}
          />
          <NumberInput
            label={
              <>
                Seed <span className="fg3">empty: random</span>
              </>
            }
            placeholder="random"
            value={draft.seed ?? ''}
            min={0}
            max={2_147_483_647}
            allowDecimal={false}
            onChange={(value) => change({ seed: typeof value === 'number' ? value : null })}
            error={messageAt(refusal, { part: 'seed' })}
          />
        </div>
      </div>
      <AgentTable
        agents={draft.agents}
        onChange={(agents) => change({ agents })}
        role={role}
        models={models}
        usual={usual}
        refusal={refusal}
      />
    </Panel>
  )
}

/** More do not fit beside each other. */
const MANY_ROLES = 7

function RoleChoice({ draft, roles, change }: Pick<CouncilPanelProps, 'draft' | 'roles' | 'change'>) {
  if (roles.length === 0) return <span className="t11 fg3">loading the roles</span>
  if (roles.length > MANY_ROLES) {
    return (
      <Select
        aria-label="Role"
        data={roles.map((role) => ({ value: role.name, label: roleLabel(role.name) }))}
        value={draft.role}
        onChange={(role) => role !== null && change({ role, rubric: null, sections: null })}
      />
    )
  }
  return (
    <Segmented
      label="Role"
      value={draft.role}
      options={roles.map((role) => ({ value: role.name, label: <span title={role.title}>{roleLabel(role.name)}</span> }))}
      onChange={(role) => change({ role, rubric: null, sections: null })}
    />
  )
}
