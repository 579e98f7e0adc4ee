import * as format from '../../../lib/format.ts'
import { ActionButton } from '../../../ui/action-button.tsx'
import './marks-bar.css'
import type { RunMarks } from './use-marks.ts'

/** How much is marked, and what can be done with it. */
export function MarksBar({ marks: { marks, count, total } }: { marks: RunMarks }) {
  if (count === 0) return null
  return (
    <div className="marks-bar" role="region" aria-label="Marked runs">
      <span className="med">{format.integer(count)} marked</span>
      {marks.kind === 'some' && count < total && (
        <ActionButton id="deliberations.mark-all" variant="quiet" size="sm">
          All {format.integer(total)} matching this query
        </ActionButton>
      )}
      <span className="push" />
      <ActionButton id="deliberations.clear-marks" variant="quiet" size="sm">
        Clear
      </ActionButton>
    </div>
  )
}
