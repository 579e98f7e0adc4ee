import { NumberInput, TextInput } from '@mantine/core'
import * as format from '../../../lib/format.ts'
import { Button } from '../../../ui/button.tsx'
import { Panel } from '../../../ui/panel.tsx'
import type { Role } from '../shapes.ts'
import { emptyDraft, rubricFault, rubricOf, type CriterionDraft, type Draft } from './draft.ts'
import { messageAt, type Refusal } from './form-fields.ts'

interface RubricPanelProps {
  draft: Draft
  change: (patch: Partial<Draft>) => void
  role: Role | undefined
  refusal: Refusal | null
}

const MAX_CRITERIA = 12

/** What critics and peers score. Weights are relative; the share beside each says what it comes to. */
export function RubricPanel({ draft, change, role, refusal }: RubricPanelProps) {
  const rubric = rubricOf(draft, role)
  const sum = rubric.reduce((total, criterion) => total + Math.max(0, criterion.weight ?? 0), 0)
  const put = (at: number, patch: Partial<CriterionDraft>) =>
    change({ rubric: rubric.map((held, index) => (index === at ? { ...held, ...patch } : held)) })
  const fault = (draft.rubric === null ? null : rubricFault(rubric)) ?? messageAt(refusal, { part: 'rubric' }) ?? null
  return (
    <Panel
      title="Rubric"
      note={
        draft.rubric === null
          ? `the ${role?.title ?? 'role'}’s own; critics and peers score these`
          : 'changed for this run; critics and peers score these'
      }
      aside={
        draft.rubric === null ? undefined : (
          <Button variant="quiet" size="sm" icon="undo" onClick={() => change({ rubric: null })}>
            Back to the role’s
          </Button>
        )
      }
    >
      <ul className="rubric-rows">
        {rubric.map((criterion, at) => (
          <li key={at}>
            <TextInput
              aria-label={`Criterion ${at + 1}: name`}
              value={criterion.name}
              maxLength={60}
              onChange={(event) => put(at, { name: event.currentTarget.value })}
            />
            <NumberInput
              aria-label={`Criterion ${at + 1}: weight`}
              value={criterion.weight ?? ''}
              min={0}
              max={1000}
              step={0.1}
              decimalScale={3}
              onChange={(value) => put(at, { weight: typeof value === 'number' ? value : null })}
            />
            <span className="num fg3 t12">{sum > 0 ? format.percent((criterion.weight ?? 0) / sum) : '–'}</span>
            <TextInput
              aria-label={`Criterion ${at + 1}: what it asks for`}
              placeholder="what it asks for"
              value={criterion.description}
              maxLength={500}
              onChange={(event) => put(at, { description: event.currentTarget.value })}
            />
            <Button
              variant="quiet"
              size="sm"
              icon="close"
              label={`Remove criterion ${at + 1}`}
              reason={rubric.length === 1 ? 'A rubric needs at least one criterion.' : undefined}
              onClick={() => change({ rubric: rubric.filter((_, index) => index !== at) })}
            />
          </li>
        ))}
      </ul>
      {fault !== null && <p className="mantine-InputWrapper-error">{fault}</p>}
      <Button
        variant="quiet"
        size="sm"
        icon="plus"
        reason={rubric.length >= MAX_CRITERIA ? `At most ${MAX_CRITERIA} criteria.` : undefined}
        onClick={() => change({ rubric: [...rubric, { name: '', weight: 1, description: '' }] })}
      >
        Add a criterion
      </Button>
      <div className="row rubric-weight">
        <span className="t12 fg2 nowrap">Peers’ scores weigh</span>
        <NumberInput
          aria-label="Share of the peers’ scores in the total"
          value={draft.rubricWeight}
          min={0}
          max={1}
          step={0.05}
          decimalScale={3}
          clampBehavior="blur"
          onChange={(value) =>
            change({ rubricWeight: typeof value === 'number' ? Math.max(0, Math.min(1, value)) : emptyDraft.rubricWeight })
          }
          error={messageAt(refusal, { part: 'rubricWeight' })}
        />
        <span className="t12 fg3 nowrap">of the total; the checks weigh the rest</span>
      </div>
    </Panel>
  )
}
