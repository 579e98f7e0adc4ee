import * as format from '../../../lib/format.ts'
import { batchRoute } from '../../../lib/routes.ts'
import { RouteLink } from '../../../ui/route-link.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import type { MergedView } from './use-merged.ts'

interface MergedBarProps {
  merged: MergedView | null
  failure: string | null
  isMerged: boolean
  onChange: (isMerged: boolean) => void
}

const options = [
  { value: 'merged', label: 'With its retries' },
  { value: 'own', label: 'Only this batch' },
] as const

/** Whether the requests below have their latest outcome or that of this batch alone, and how many each batch answered. */
export function MergedBar({ merged, failure, isMerged, onChange }: MergedBarProps) {
  return (
    <div className="row wrap merged-bar t12">
      <Segmented
        label="Outcomes of"
        value={isMerged ? 'merged' : 'own'}
        options={options}
        onChange={(next) => onChange(next === 'merged')}
      />
      {merged === null && <span className="fg3">{failure ?? 'Asking for the retries…'}</span>}
      {merged !== null && (
        <span className="fg2">
          {format.integer(merged.counts.completed)} of {format.integer(merged.counts.total)} answered:{' '}
          {format.integer(merged.own)} in this batch
          {merged.retries.map(({ batch_id, name, answered, ended }, index) => (
            <span key={batch_id}>
              , {format.integer(answered)} in{' '}
              <span title={name}>
                <RouteLink to={batchRoute(batch_id)}>retry {index + 1}</RouteLink>
              </span>
              {ended ? '' : ', still running'}
            </span>
          ))}
        </span>
      )}
    </div>
  )
}
