import { TagsInput, Textarea, TextInput } from '@mantine/core'
import { useRef } from 'react'
import * as format from '../../../lib/format.ts'
import { Button } from '../../../ui/button.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { AttachmentsField } from './attachments-field.tsx'
import { messageAt, type Refusal } from './form-fields.ts'
import type { Role } from '../shapes.ts'
import type { Draft, RequirementDraft } from './draft.ts'

interface TaskPanelProps {
  draft: Draft
  change: (patch: Partial<Draft>) => void
  role: Role | undefined
  /** Null while it was not counted. */
  tokens: { readonly count: number; readonly limit: number } | null
  refusal: Refusal | null
}

const MAX_REQUIREMENTS = 20

export function TaskPanel({ draft, change, role, tokens, refusal }: TaskPanelProps) {
  return (
    <Panel title="Task" note="what the agents answer, and what the answer must meet">
      <AttachmentsField draft={draft} change={change} error={messageAt(refusal, { part: 'attachments' })}>
        <div className="task-grid">
          <Textarea
            label={
              <>
                Task{' '}
                <span className="fg3">
                  {tokens === null ? 'Markdown' : `${format.integer(tokens.count)} of ${format.tokens(tokens.limit)} tokens`}
                </span>
              </>
            }
            placeholder="What shall the agents answer? Markdown is welcome."
            value={draft.task}
            onChange={(event) => change({ task: event.currentTarget.value })}
            error={messageAt(refusal, { part: 'task' })}
            autosize
            minRows={6}
            maxRows={16}
            maxLength={100_000}
            autoFocus
          />
          <div className="stack gap-3 musts">
            <Requirements draft={draft} change={change} error={messageAt(refusal, { part: 'requirements' })} />
            <Sections draft={draft} change={change} role={role} error={messageAt(refusal, { part: 'sections' })} />
          </div>
        </div>
      </AttachmentsField>
    </Panel>
  )
}

function Requirements({ draft, change, error }: Pick<TaskPanelProps, 'draft' | 'change'> & { error: string | undefined }) {
  const list = useRef<HTMLOListElement>(null)
  const put = (at: number, patch: Partial<RequirementDraft>) =>
    change({ requirements: draft.requirements.map((held, index) => (index === at ? { ...held, ...patch } : held)) })
  const remove = (at: number) => change({ requirements: draft.requirements.filter((_, index) => index !== at) })
  const add = () => {
    change({ requirements: [...draft.requirements, { text: '', expression: null }] })
    requestAnimationFrame(() => list.current?.querySelector<HTMLInputElement>('li:last-child .requirement-text input')?.focus())
  }
  const full = draft.requirements.length >= MAX_REQUIREMENTS
  return (
    <fieldset className="requirements">
      <legend>
        Requirements <span className="fg3">in every prompt, judged by peers</span>
      </legend>
      <ol ref={list}>
        {draft.requirements.map(({ text, expression }, at) => (
          <li key={at}>
            <span className="fg3 num">{at + 1}</span>
            <TextInput
              className="requirement-text"
              aria-label={`Requirement ${at + 1}`}
              value={text}
              maxLength={500}
              onChange={(event) => put(at, { text: event.currentTarget.value })}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || full) return
                event.preventDefault()
                add()
              }}
            />
            <Button variant="quiet" size="sm" icon="close" label={`Remove requirement ${at + 1}`} onClick={() => remove(at)} />
            {expression !== null && (
              <TextInput
                className="requirement-expression"
                label={`Expression of requirement ${at + 1}, checked by policy`}
                description={expression.trim() === '' ? 'Empty: judged by peers alone.' : undefined}
                value={expression}
                maxLength={2000}
                onChange={(event) => put(at, { expression: event.currentTarget.value })}
              />
            )}
          </li>
        ))}
      </ol>
      {error !== undefined && <p className="mantine-InputWrapper-error">{error}</p>}
      <Button
        variant="quiet"
        size="sm"
        icon="plus"
        onClick={add}
        reason={full ? `At most ${MAX_REQUIREMENTS} requirements.` : undefined}
      >
        Add a requirement
      </Button>
    </fieldset>
  )
}

type SectionsProps = Pick<TaskPanelProps, 'draft' | 'change' | 'role'> & { error: string | undefined }

function Sections({ draft, change, role, error }: SectionsProps) {
  const ofRole = role?.required_sections ?? []
  const shown = draft.sections ?? ofRole
  return (
    <TagsInput
      label={
        <>
          Sections{' '}
          <span className="fg3">
            {draft.sections === null && ofRole.length > 0 ? 'the role’s; ' : ''}headings of the answer, looked for by lint
          </span>
        </>
      }
      placeholder={shown.length === 0 ? 'e.g. Risks, then Enter' : ''}
      value={[...shown]}
      maxTags={12}
      maxLength={80}
      onChange={(sections) => change({ sections: JSON.stringify(sections) === JSON.stringify(ofRole) ? null : sections })}
      error={error}
    />
  )
}
