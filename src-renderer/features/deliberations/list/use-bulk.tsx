import { useState } from 'react'
import type { BulkAction, BulkRuns } from '../../../../src-preload/contract/deliberation.ts'
import type { Action } from '../../../lib/actions.ts'
import { useActions } from '../../../lib/use-actions.ts'
import { BulkDialog } from './bulk-dialog.tsx'
import type { Marks } from './marks.ts'
import type { RunMarks } from './use-marks.ts'

export const bulkActions: readonly {
  readonly action: BulkAction
  readonly verb: string
  readonly shortcut: string | undefined
}[] = [
  { action: 'cancel', verb: 'Cancel', shortcut: undefined },
  { action: 'archive', verb: 'Archive', shortcut: 'e' },
  { action: 'restore', verb: 'Restore', shortcut: undefined },
  { action: 'delete', verb: 'Delete', shortcut: 'shift+delete' },
]

/** Offers what can be done with the marked runs; each opens a preview first. Returns that preview while it is open. */
export function useBulk({ marks, count, clear }: RunMarks) {
  const [asked, setAsked] = useState<{ readonly action: BulkAction; readonly runs: BulkRuns } | null>(null)
  useActions(
    bulkActions.map(({ action, verb, shortcut }): Action => ({
      id: `deliberations.bulk-${action}`,
      title: `${verb} marked runs`,
      group: 'Deliberation',
      shortcut,
      available: count > 0 ? true : { reason: 'Mark runs first: Space marks one, Ctrl+A all that match.' },
      command: true,
      run: () => setAsked({ action, runs: runsOf(marks) }),
    })),
  )
  if (asked === null) return null
  return <BulkDialog {...asked} onStarted={clear} onClose={() => setAsked(null)} />
}

function runsOf(marks: Marks): BulkRuns {
  return marks.kind === 'some'
    ? { kind: 'some', ids: [...marks.ids] }
    : { kind: 'query', filter: marks.query.filter, without: [...marks.without] }
}
