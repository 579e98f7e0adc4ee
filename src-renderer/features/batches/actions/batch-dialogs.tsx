import type { BatchLive, BatchRow } from '../../../../src-preload/contract/batch.ts'
import { MoveDialog, StartLaterDialog, StartNowDialog } from './queue-dialogs.tsx'
import { CancelBatchDialog, PauseDialog, RemoveBatchDialog } from './stop-dialogs.tsx'
import type { BatchDialog } from './use-batch-actions.ts'

interface BatchDialogsProps {
  dialog: BatchDialog
  row: BatchRow
  live: BatchLive | null
  onClose: () => void
  onRemoved: () => void
}

/** The dialog of an action: what it will do, before it does it. */
export function BatchDialogs({ dialog, row, live, onClose, onRemoved }: BatchDialogsProps) {
  switch (dialog) {
    case 'up':
      return <MoveDialog row={row} step={1} onClose={onClose} />
    case 'down':
      return <MoveDialog row={row} step={-1} onClose={onClose} />
    case 'start':
      return <StartLaterDialog row={row} onClose={onClose} />
    case 'start-now':
      return <StartNowDialog row={row} onClose={onClose} />
    case 'pause':
      return <PauseDialog row={row} live={live} onClose={onClose} />
    case 'cancel':
      return <CancelBatchDialog row={row} live={live} onClose={onClose} />
    case 'remove':
      return <RemoveBatchDialog row={row} onRemoved={onRemoved} onClose={onClose} />
  }
}
