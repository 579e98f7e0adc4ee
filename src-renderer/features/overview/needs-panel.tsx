import { useState } from 'react'
import { useHost } from '../../lib/console.tsx'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { notifyFailure } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'
import { RouteLink } from '../../ui/route-link.tsx'
import type { Need, NeedAction } from './need.ts'

const shown = 6

/** What waits for a person: one row, one action each. */
export function NeedsPanel({ needs }: { needs: readonly Need[] }) {
  const note =
    needs.length > shown
      ? `first ${shown} of ${needs.length}, worst first`
      : needs.length > 1
        ? `${needs.length}, worst first`
        : undefined
  const isUrgent = needs.some((need) => need.tone !== 'info')
  return (
    <Panel title={isUrgent ? 'Needs you' : 'Next steps'} note={note} flush>
      <ul>
        {needs.slice(0, shown).map((need) => (
          <li key={need.id} className="need">
            <span>
              <Chip tone={need.tone}>{need.word}</Chip>
            </span>
            <span className="stack">
              <span className="row">
                <span className="med cut">{need.title}</span>
                {need.tag !== '' && <span className="mono t12 fg3 nowrap">{need.tag}</span>}
              </span>
              <span className="t12 fg2 cut" title={need.detail}>
                {need.detail}
              </span>
            </span>
            <span className="stack figure">
              <span className="med cut">{need.figure}</span>
              <span className="t11 fg3 cut">{need.figureNote}</span>
            </span>
            <span className="row need-actions">
              {need.dismiss !== undefined && <DismissButton taskId={need.dismiss} title={need.title} />}
              {need.action !== null && <NeedButton action={need.action} />}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

/** Takes the run off this page; it stays in every list. */
function DismissButton({ taskId, title }: { taskId: string; title: string }) {
  const host = useHost()
  const [asked, setAsked] = useState(false)
  const dismiss = () => {
    setAsked(true)
    host.deliberation.dismiss({ task_id: taskId }).catch((fault: unknown) => {
      setAsked(false)
      notifyFailure('The run was not dismissed', fault)
    })
  }
  return <Button command variant="quiet" size="sm" icon="close" label={`Dismiss ${title}`} pending={asked} onClick={dismiss} />
}

function NeedButton({ action }: { action: NeedAction }) {
  const host = useHost()
  const [asked, setAsked] = useState(false)
  if (action.kind === 'open') {
    return (
      <RouteLink to={action.to} className="btn route-button">
        {action.words}
      </RouteLink>
    )
  }
  const download = () => {
    setAsked(true)
    host.model.download({ id: action.modelId }).catch((fault: unknown) => {
      setAsked(false)
      notifyFailure('The download did not start', fault)
    })
  }
  return (
    <Button command icon="download" pending={asked} onClick={download}>
      {action.words}
    </Button>
  )
}
