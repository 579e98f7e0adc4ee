import { Menu } from '@mantine/core'
import { useState } from 'react'
import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { useActions } from '../../../lib/use-actions.ts'
import { ActionButton } from '../../../ui/action-button.tsx'
import { Button } from '../../../ui/button.tsx'
import { Tag } from '../../../ui/chip.tsx'
import { notifyFailure } from '../../../ui/notify.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { useCouncils } from '../councils/use-councils.ts'
import { criteriaFault, type Draft } from '../launch/draft.ts'
import { roleLabel } from '../launch/role-labels.ts'
import type { TemplateView } from '../shapes.ts'
import { placeholdersOf } from './placeholders.ts'
import { TemplateDialog, type TemplateDeed } from './template-dialog.tsx'
import { draftOfTemplate } from './template-draft.ts'
import './templates-panel.css'
import { useTemplates } from './use-templates.ts'

interface TemplatesPanelProps {
  draft: Draft
  replace: (draft: Draft) => void
  /** Off where the form repeats a run: then it can only be kept. */
  canFill: boolean
  /** The form was filled from one; what it asks for is still open. */
  onUsed: (filled: Draft) => void
}

interface Used {
  readonly title: string
  /** What the other state of the form was: nothing that was typed is lost by going back and forth. */
  readonly other: Draft
  readonly isUndone: boolean
}

/** Launch forms that are kept: fill the form from one, keep this one. */
export function TemplatesPanel({ draft, replace, canFill, onUsed }: TemplatesPanelProps) {
  const host = useHost()
  const { value: templates, error } = useTemplates()
  const councils = useCouncils().value ?? []
  const [opened, setOpened] = useState<boolean | null>(null)
  const [withHidden, setWithHidden] = useState(false)
  const [deed, setDeed] = useState<TemplateDeed | null>(null)
  const [used, setUsed] = useState<Used | null>(null)
  const all = templates ?? []
  const shown = all.filter((one) => withHidden || !one.hidden)
  const hiddenCount = all.filter((one) => one.hidden).length
  // Who has a task already looks for none.
  const open = canFill && (opened ?? draft.task.trim() === '')
  const fault = criteriaFault(draft)

  const fillFrom = (one: TemplateView) => {
    const filled = draftOfTemplate(one, councils)
    setUsed({ title: one.title, other: draft, isUndone: false })
    setOpened(null)
    replace(filled)
    onUsed(filled)
  }
  const hide = (one: TemplateView) => {
    host.template
      .hide({ template_id: one.template_id, hidden: !one.hidden })
      .catch((failure: unknown) => notifyFailure(`${one.title} was not ${one.hidden ? 'shown' : 'hidden'}`, failure))
  }

  useActions(
    [
      {
        id: 'template.save',
        title: 'Save as a template…',
        group: 'Deliberation',
        available: fault === null ? true : { reason: 'Correct the rubric first.' },
        command: true,
        run: () => setDeed({ kind: 'save' }),
      },
      ...all
        .filter((one) => canFill && !one.hidden)
        .map((one) => ({
          id: `template.use.${one.template_id}`,
          title: `Fill the form from “${one.title}”`,
          group: 'Deliberation',
          available: true as const,
          run: () => fillFrom(one),
        })),
    ],
    'page',
  )

  return (
    <Panel
      title="Templates"
      note={open ? 'fill the form' : format.counted(shown.length, 'template')}
      aside={
        <>
          {canFill && (
            <Button size="sm" variant="quiet" expanded={open} onClick={() => setOpened(!open)}>
              {open ? 'Close' : 'Show'}
            </Button>
          )}
          <ActionButton id="template.save" variant="quiet" size="sm" />
        </>
      }
      foot={
        open && hiddenCount > 0 ? (
          <Button size="sm" variant="quiet" expanded={withHidden} onClick={() => setWithHidden(!withHidden)}>
            {withHidden ? 'Without the hidden' : `Show ${hiddenCount} hidden`}
          </Button>
        ) : undefined
      }
      flush
    >
      {used !== null && (
        <p className="row template-used t12" role="status">
          {used.isUndone ? `As it was before “${used.title}”.` : `Filled from “${used.title}”.`}
          <Button
            size="sm"
            variant="quiet"
            icon="undo"
            onClick={() => {
              replace(used.other)
              setUsed({ ...used, other: draft, isUndone: !used.isUndone })
            }}
          >
            {used.isUndone ? 'Redo' : 'Undo'}
          </Button>
        </p>
      )}
      {open && error !== null && <p className="template-used t12">The templates could not be read: {error.message}</p>}
      {open && shown.length > 0 && (
        <ul className="template-list" aria-label="Templates">
          {shown.map((one) => (
            <li key={one.template_id}>
              <button type="button" className="template-use" onClick={() => fillFrom(one)}>
                <span className="row">
                  <span className="med cut">{one.title}</span>
                  {one.shipped && <Tag>shipped</Tag>}
                  {one.hidden && <Tag>hidden</Tag>}
                </span>
                {one.description !== '' && <span className="t12 fg2">{one.description}</span>}
                <span className="t11 fg3">{summaryOf(draftOfTemplate(one, councils))}</span>
              </button>
              <TemplateMenu template={one} fault={fault} onDeed={setDeed} onHide={() => hide(one)} />
            </li>
          ))}
        </ul>
      )}
      {deed !== null && <TemplateDialog deed={deed} draft={draft} onClose={() => setDeed(null)} />}
    </Panel>
  )
}

/** "DEV, 3 agents, 1 round; asks for code, language" */
function summaryOf(draft: Draft): string {
  const asked = placeholdersOf(draft)
  const team = [roleLabel(draft.role), format.counted(draft.agents.length, 'agent'), format.counted(draft.rounds, 'round')]
  return `${team.join(', ')}${asked.length > 0 ? `; asks for ${asked.join(', ')}` : ''}`
}

interface TemplateMenuProps {
  template: TemplateView
  /** Why the form cannot be kept. */
  fault: string | null
  onDeed: (dialog: TemplateDeed) => void
  onHide: () => void
}

function TemplateMenu({ template, fault, onDeed, onHide }: TemplateMenuProps) {
  const ask = (kind: 'rename' | 'copy' | 'remove' | 'update') => () => onDeed({ kind, template })
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="sm" variant="quiet" icon="more" label={`More for ${template.title}`} />
      </Menu.Target>
      <Menu.Dropdown>
        {!template.shipped && (
          <>
            <Menu.Item onClick={ask('rename')}>Rename…</Menu.Item>
            <Menu.Item onClick={ask('update')} disabled={fault !== null}>
              Replace with the form…
            </Menu.Item>
          </>
        )}
        <Menu.Item onClick={ask('copy')}>Copy…</Menu.Item>
        <Menu.Item onClick={onHide}>{template.hidden ? 'Show again' : 'Hide'}</Menu.Item>
        {!template.shipped && <Menu.Item onClick={ask('remove')}>Remove…</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  )
}
