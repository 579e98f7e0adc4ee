import type { BatchDetail, BatchLive } from '../../../../src-preload/contract/batch.ts'
import * as format from '../../../lib/format.ts'
import { Banner } from '../../../ui/banner.tsx'
import { KeyValue } from '../../../ui/key-value.tsx'
import { Panel } from '../../../ui/panel.tsx'

/** Who stands in near the deadline, whether rows go there now and why, and in the end how many each model answered. */
export function OverflowPanel({ detail, live, now }: { detail: BatchDetail; live: BatchLive | null; now: number }) {
  const { settings, served_by: served, row } = detail
  const fallbacks = settings.fallbacks ?? []
  const overflow = row.ended_at === null ? (live?.overflow ?? null) : null
  if (fallbacks.length === 0 && served === undefined) return null
  const from = overflow === null ? 'near the deadline' : `from ${format.moment(overflow.from, now)} on`
  return (
    <Panel
      title="Fallback models"
      note={served === undefined ? 'only while its own model is away or too slow' : 'rows by the model that answered'}
    >
      <div className="stack gap-2">
        {overflow !== null && overflow.why !== null && (
          <Banner tone="warn">
            {overflow.to === null
              ? `No fallback takes over: ${overflow.why}.`
              : `Rows go to ${overflow.to.model} on ${overflow.to.engine_id} too, because ${overflow.why}.`}
          </Banner>
        )}
        <KeyValue
          left
          items={
            served === undefined
              ? fallbacks.map(({ engine_id, model, escalation_only }) => [
                  `${model} on ${engine_id}`,
                  escalation_only ? 'in the last 15 minutes' : from,
                ])
              : Object.entries(served).map(([model, count]) => [model, format.counted(count, 'row')])
          }
        />
      </div>
    </Panel>
  )
}
