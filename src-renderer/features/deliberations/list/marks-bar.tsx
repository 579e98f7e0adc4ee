import { useLocation } from 'wouter'
import * as format from '../../../lib/format.ts'
import { compareRoute } from '../../../lib/routes.ts'
import { useActions } from '../../../lib/use-actions.ts'
import { ActionButton } from '../../../ui/action-button.tsx'
import './marks-bar.css'
import { bulkActions } from './use-bulk.tsx'
import type { RunMarks } from './use-marks.ts'

/** How much is marked, and what can be done with it. */
export function MarksBar({ marks: { marks, count, total } }: { marks: RunMarks }) {
  const [, navigate] = useLocation()
  const [a, b] = marks.kind === 'some' && count === 2 ? [...marks.ids] : []
  useActions([
    {
      id: 'deliberations.compare',
      title: 'Compare the two marked',
      group: 'Deliberation',
      shortcut: 'v',
      available: b === undefined ? { reason: 'Mark two runs to compare them.' } : true,
      run: () => {
        if (a !== undefined && b !== undefined) navigate(compareRoute(a, b))
      },
    },
  ])
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
      {b !== undefined && <ActionButton id="deliberations.compare" size="sm" />}
      {bulkActions.map(({ action, verb }) => (
        <ActionButton
          key={action}
          id={`deliberations.bulk-${action}`}
          size="sm"
          variant={action === 'delete' ? 'danger' : 'default'}
        >
          {verb}…
        </ActionButton>
      ))}
      <ActionButton id="deliberations.clear-marks" variant="quiet" size="sm">
        Clear
      </ActionButton>
    </div>
  )
}
