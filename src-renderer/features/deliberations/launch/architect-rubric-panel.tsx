import { Button } from '../../../ui/button.tsx'
import { Panel } from '../../../ui/panel.tsx'
import type { Role } from '../shapes.ts'
import { rubricFault, rubricOf, type Draft } from './draft.ts'
import { messageAt, type Refusal } from './form-fields.ts'
import { RubricEditor } from './rubric-editor.tsx'

interface ArchitectRubricPanelProps {
  draft: Draft
  change: (patch: Partial<Draft>) => void
  role: Role | undefined
  refusal: Refusal | null
}

/** What the architect chooses by: the rubric, or criteria of its own. */
export function ArchitectRubricPanel({ draft, change, role, refusal }: ArchitectRubricPanelProps) {
  const { architectRubric: own } = draft
  const fault = (own && rubricFault(own)) ?? messageAt(refusal, { part: 'architectRubric' }) ?? null
  return (
    <Panel
      title="Criteria of the architect"
      note={own === null ? 'the rubric above' : 'its own; the scores of the peers still go by the rubric above'}
      aside={
        own === null ? (
          <Button variant="quiet" size="sm" icon="edit" onClick={() => change({ architectRubric: rubricOf(draft, role) })}>
            Give it its own
          </Button>
        ) : (
          <Button variant="quiet" size="sm" icon="undo" onClick={() => change({ architectRubric: null })}>
            Back to the rubric
          </Button>
        )
      }
    >
      {own !== null && (
        <RubricEditor
          rubric={own}
          name="Architect’s criterion"
          fault={fault}
          change={(architectRubric) => change({ architectRubric })}
        />
      )}
      {own === null && fault !== null && <p className="mantine-InputWrapper-error">{fault}</p>}
    </Panel>
  )
}
