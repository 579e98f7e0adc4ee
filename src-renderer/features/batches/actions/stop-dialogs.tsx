import type { BatchLive, BatchRow } from '../../../../src-preload/contract/batch.ts'
import { useNow } from '../../../lib/clock.ts'
import { CANCEL_WINDOW_MS } from '../../../lib/cancel-windows.ts'
import { useCancelWindows, useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { batchRoute } from '../../../lib/routes.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import { notify } from '../../../ui/notify.tsx'

const windowSeconds = CANCEL_WINDOW_MS / 1000

interface DialogProps {
  row: BatchRow
  live: BatchLive | null
  onClose: () => void
}

const left = (row: BatchRow, live: BatchLive | null): number => {
  const { total, completed, failed } = live?.counts ?? row.counts
  return total - completed - failed
}

export function PauseDialog({ row, live, onClose }: DialogProps) {
  const host = useHost()
  const now = useNow()
  return (
    <FormDialog
      title="Pause this batch"
      confirm="Pause it"
      onConfirm={() => host.batch.pause({ batch_id: row.batch_id })}
      onClose={onClose}
    >
      <ul className="t12 fg2 stack gap-1">
        <li>No new request is sent; {format.counted(live?.running ?? 0, 'request')} under way end and count. Nothing is lost.</li>
        <li>Its place at the engine goes to other batches.</li>
        <li>
          The deadline {format.moment(row.deadline, now)} goes on counting: {format.duration(row.deadline - now)} are left for{' '}
          {format.counted(left(row, live), 'request')}.
        </li>
      </ul>
    </FormDialog>
  )
}

export function CancelBatchDialog({ row, live, onClose }: DialogProps) {
  const host = useHost()
  const { open } = useCancelWindows()
  const { batch_id, name } = row
  const { completed, failed, cost_micro_usd } = live?.counts ?? row.counts
  const cancel = async () => {
    await host.batch.cancel({ batch_id })
  }
  return (
    <FormDialog
      title="Cancel this batch"
      confirm={`Cancel, drops ${format.counted(left(row, live), 'request')}`}
      danger
      onConfirm={() => open({ id: `batch.cancel:${batch_id}`, title: `Cancelling ${name}`, act: cancel })}
      onClose={onClose}
    >
      <ul className="t12 fg2 stack gap-1">
        <li>
          {format.counted(completed, 'answer')} and {format.counted(failed, 'error')} are kept, can be downloaded, and stay
          charged ({format.cost(cost_micro_usd)}).
        </li>
        <li>{format.counted(live?.running ?? 0, 'request')} under way are stopped.</li>
        <li>{format.counted(left(row, live), 'request')} without an answer go to the error file as batch_cancelled.</li>
        <li>
          This can be called off for {windowSeconds} s, in which the batch goes on. A cancelled batch cannot be resumed; what is
          left can be run again as a new batch.
        </li>
      </ul>
    </FormDialog>
  )
}

export function RemoveBatchDialog({ row, onRemoved, onClose }: Omit<DialogProps, 'live'> & { onRemoved: () => void }) {
  const host = useHost()
  const { open } = useCancelWindows()
  const { batch_id, name } = row
  const remove = async () => {
    await host.batch.remove({ batch_id })
    notify({ tone: 'good', title: 'Deleted', body: `${name}: its id is remembered, nothing else.`, id: 'removed' })
    if (location.pathname === batchRoute(batch_id)) onRemoved()
  }
  return (
    <FormDialog
      title="Delete this batch"
      confirm="Delete it for good"
      danger
      onConfirm={() => open({ id: `batch.remove:${batch_id}`, title: `Deleting ${name}`, act: remove })}
      onClose={onClose}
    >
      <p className="t12 fg2">
        {format.counted(row.counts.completed, 'answer')}, {format.counted(row.counts.failed, 'error')} and its files are lost, its
        input too where no other batch has it. Its id is answered with “expired” from then on. This can be called off for{' '}
        {windowSeconds} s.
      </p>
    </FormDialog>
  )
}
