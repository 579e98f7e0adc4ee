import { NumberInput, TextInput } from '@mantine/core'
import { Button } from '../../../ui/button.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { MAX_ADDITIONAL_CHECKS } from '../../../../src-preload/contract/deliberation.ts'
import { checksFault, emptyCheck, type CheckDraft, type Draft } from './draft.ts'
import { messageAt, type Refusal } from './form-fields.ts'

interface AdditionalChecksPanelProps {
  draft: Draft
  change: (patch: Partial<Draft>) => void
  refusal: Refusal | null
}

/** Checks that the run adds to those of every run: an expression each, whose score joins the mean of the checks. */
export function AdditionalChecksPanel({ draft, change, refusal }: AdditionalChecksPanelProps) {
  const checks = draft.additionalChecks
  const put = (at: number, patch: Partial<CheckDraft>) =>
    change({ additionalChecks: checks.map((held, index) => (index === at ? { ...held, ...patch } : held)) })
  const fault = checksFault(checks) ?? messageAt(refusal, { part: 'additionalChecks' }) ?? null
  return (
    <Panel
      title="Checks of this run"
      note={
        checks.length === 0
          ? 'none beside policy, lint and dry run'
          : 'each counts in the mean of the checks with its score; a council keeps them'
      }
    >
      {checks.length > 0 && (
        <ul className="rubric-rows check-rows">
          {checks.map((check, at) => (
            <li key={at}>
              <TextInput
                aria-label={`Check ${at + 1}: name`}
                placeholder="brevity"
                value={check.name}
                maxLength={40}
                onChange={(event) => put(at, { name: event.currentTarget.value })}
              />
              <TextInput
                className="check-expression"
                aria-label={`Check ${at + 1}: expression that gives a score from 0 to 1`}
                placeholder="content.size() < 4000 ? 1.0 : 4000.0 / double(content.size())"
                value={check.expression}
                maxLength={2000}
                onChange={(event) => put(at, { expression: event.currentTarget.value })}
              />
              <NumberInput
                aria-label={`Check ${at + 1}: passes from`}
                prefix="passes from "
                value={check.passAt}
                min={0}
                max={1}
                step={0.1}
                decimalScale={2}
                clampBehavior="blur"
                onChange={(value) => put(at, { passAt: typeof value === 'number' ? value : emptyCheck.passAt })}
              />
              <Button
                variant="quiet"
                size="sm"
                icon="close"
                label={`Remove check ${at + 1}`}
                onClick={() => change({ additionalChecks: checks.filter((_, index) => index !== at) })}
              />
            </li>
          ))}
        </ul>
      )}
      {checks.length > 0 && (
        <p className="t12 fg2">
          An expression (CEL) over content, blocks, documents and manifests gives a number from 0 to 1, or true or false.
        </p>
      )}
      {fault !== null && <p className="mantine-InputWrapper-error">{fault}</p>}
      <Button
        variant="quiet"
        size="sm"
        icon="plus"
        reason={checks.length >= MAX_ADDITIONAL_CHECKS ? `At most ${MAX_ADDITIONAL_CHECKS} checks.` : undefined}
        onClick={() => change({ additionalChecks: [...checks, emptyCheck] })}
      >
        Add a check
      </Button>
    </Panel>
  )
}
