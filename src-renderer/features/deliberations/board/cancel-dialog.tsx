import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import type { Board } from '../shapes.ts'
import { useLiveTexts } from './live-context.ts'
import { callKey } from '../shapes.ts'
import { cancelPreview } from './cancel-preview.ts'

/** Says what cancelling stops and keeps before it does it. */
export function CancelDialog({ board, onSent, onClose }: { board: Board; onSent: () => void; onClose: () => void }) {
  const host = useHost()
  const live = useLiveTexts()
  const preview = cancelPreview(board, (call) => live.view(callKey(call)))
  const send = async () => {
    await host.deliberation.cancel({ task_id: board.row.task_id })
    onSent()
  }
  return (
    <FormDialog
      title="Cancel this run"
      confirm={`Cancel, stops ${format.counted(preview.calls, 'call')}`}
      danger
      onConfirm={send}
      onClose={onClose}
    >
      <ul className="cancel-preview">
        {preview.lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </FormDialog>
  )
}
