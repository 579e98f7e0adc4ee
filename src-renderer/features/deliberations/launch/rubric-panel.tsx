import { NumberInput } from '@mantine/core'
import { Button } from '../../../ui/button.tsx'
import { Panel } from '../../../ui/panel.tsx'
import type { Role } from '../shapes.ts'
import { emptyDraft, rubricFault, rubricOf, type Draft } from './draft.ts'
import { messageAt, type Refusal } from './form-fields.ts'
import { RubricEditor } from './rubric-editor.tsx'

interface RubricPanelProps {
  draft: Draft
  change: (patch: Partial<Draft>) => void
  role: Role | undefined
  refusal: Refusal | null
}

/** What critics and peers score. Weights are relative; the share beside each says what it comes to. */
export function RubricPanel({ draft, change, role, refusal }: RubricPanelProps) {
  const rubric = rubricOf(draft, role)
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
      <RubricEditor rubric={rubric} fault={fault} change={(changed) => change({ rubric: changed })} />
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
