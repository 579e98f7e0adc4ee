import { NumberInput, TextInput } from '@mantine/core'
import * as format from '../../../lib/format.ts'
import { Button } from '../../../ui/button.tsx'
import type { CriterionDraft } from './draft.ts'

interface RubricEditorProps {
  rubric: readonly CriterionDraft[]
  /** What a criterion is called to assistive technology. */
  name?: string
  /** Why the rubric cannot be sent; null when it can. */
  fault: string | null
  change: (rubric: CriterionDraft[]) => void
}

const MAX_CRITERIA = 12

/** Criteria with their weights, which are relative: the share beside each says what it comes to. */
export function RubricEditor({ rubric, name = 'Criterion', fault, change }: RubricEditorProps) {
  const sum = rubric.reduce((total, criterion) => total + Math.max(0, criterion.weight ?? 0), 0)
  const put = (at: number, patch: Partial<CriterionDraft>) =>
    change(rubric.map((held, index) => (index === at ? { ...held, ...patch } : held)))
  return (
    <>
      <ul className="rubric-rows">
        {rubric.map((criterion, at) => (
          <li key={at}>
            <TextInput
              aria-label={`${name} ${at + 1}: name`}
              value={criterion.name}
              maxLength={60}
              onChange={(event) => put(at, { name: event.currentTarget.value })}
            />
            <NumberInput
              aria-label={`${name} ${at + 1}: weight`}
              value={criterion.weight ?? ''}
              min={0}
              max={1000}
              step={0.1}
              decimalScale={3}
              onChange={(value) => put(at, { weight: typeof value === 'number' ? value : null })}
            />
            <span className="num fg3 t12">{sum > 0 ? format.percent((criterion.weight ?? 0) / sum) : '–'}</span>
            <TextInput
              aria-label={`${name} ${at + 1}: what it asks for`}
              placeholder="what it asks for"
              value={criterion.description}
              maxLength={500}
              onChange={(event) => put(at, { description: event.currentTarget.value })}
            />
            <Button
              variant="quiet"
              size="sm"
              icon="close"
              label={`Remove ${name.toLowerCase()} ${at + 1}`}
              reason={rubric.length === 1 ? 'A rubric needs at least one criterion.' : undefined}
              onClick={() => change(rubric.filter((_, index) => index !== at))}
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
        onClick={() => change([...rubric, { name: '', weight: 1, description: '' }])}
      >
        Add a criterion
      </Button>
    </>
  )
}
