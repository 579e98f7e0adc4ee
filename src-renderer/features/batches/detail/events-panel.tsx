import type { BatchDetail } from '../../../../src-preload/contract/batch.ts'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { Shape } from '../../../ui/icons.tsx'
import { Time } from '../../../ui/quantities.tsx'

const shapes = { info: 'info', warning: 'warn', critical: 'bad' } as const
const SHOWN = 8

/** What happened to the batch: alerts, changes of its risk, what people did. Newest first. */
export function EventsPanel({ events }: { events: BatchDetail['events'] }) {
  const newest = events.toReversed().slice(0, SHOWN)
  return (
    <Panel title="What happened" note={events.length > SHOWN ? `last ${SHOWN} of ${events.length}` : undefined}>
      {newest.length === 0 ? (
        <EmptyState title="Nothing yet">Risks, alerts and what people do stand here.</EmptyState>
      ) : (
        <ul className="stack gap-1 t12">
          {newest.map(({ at, kind, severity, message }) => (
            <li key={`${at} ${kind}`} className="row top">
              <Shape name={shapes[severity]} tone={severity === 'info' ? 'neutral' : shapes[severity]} />
              <span className="fg3 nowrap">
                <Time at={at} seconds />
              </span>
              <span>{message}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
