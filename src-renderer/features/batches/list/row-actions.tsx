import { memo, useState } from 'react'
import type { BatchRow } from '../../../../src-preload/contract/batch.ts'
import { ended } from '../../../lib/batch-words.ts'
import { useHost } from '../../../lib/console.tsx'
import { ActionMenu } from '../../../ui/action-menu.tsx'
import { Button } from '../../../ui/button.tsx'
import { notifyFailure } from '../../../ui/notify.tsx'
import { availability, batchActionIds, type BatchDialog } from '../actions/use-batch-actions.ts'

export type RowAct = (row: BatchRow, dialog: BatchDialog) => void

/** Pause or resume at hand, the rest behind a menu. The menu shows the actions of the active row, which opening it makes this one. */
export const RowActions = memo(function RowActions({ row, act }: { row: BatchRow; act: RowAct }) {
  return (
    <span className="batch-row-actions">
      {!ended(row) && <PauseOrResume row={row} act={act} />}
      <ActionMenu label={`Actions for ${row.name}`} size="sm" variant="quiet" ids={batchActionIds} />
    </span>
  )
})

function PauseOrResume({ row, act }: { row: BatchRow; act: RowAct }) {
  const host = useHost()
  const [pending, setPending] = useState(false)
  const isPaused = row.status === 'paused'
  // Whether it may be paused does not depend on the time of day.
  const may = availability(row, 0).pause
  const resume = async () => {
    setPending(true)
    try {
      await host.batch.resume({ batch_id: row.batch_id })
    } catch (fault) {
      notifyFailure('The batch could not be resumed', fault)
    } finally {
      setPending(false)
    }
  }
  return (
    <Button
      command
      size="sm"
      variant="quiet"
      icon={isPaused ? 'play' : 'pause'}
      label={`${isPaused ? 'Resume' : 'Pause'} ${row.name}`}
      reason={may === true ? undefined : may.reason}
      pending={pending}
      onClick={() => (isPaused ? void resume() : act(row, 'pause'))}
    />
  )
}
