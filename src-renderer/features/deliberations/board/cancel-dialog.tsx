import { CANCEL_WINDOW_MS } from '../../../lib/cancel-windows.ts'
import * as format from '../../../lib/format.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import type { Board } from '../shapes.ts'
import { useLiveTexts } from './live-context.ts'
import { callKey } from '../shapes.ts'
import { cancelPreview } from './cancel-preview.ts'

/** Says what cancelling stops and keeps before it begins. */
export function CancelDialog({ board, onConfirm, onClose }: { board: Board; onConfirm: () => void; onClose: () => void }) {
  const live = useLiveTexts()
  const preview = cancelPreview(board, (call) => live.view(callKey(call)))
  return (
    <FormDialog
      title="Cancel this run"
      confirm={`Cancel, stops ${format.counted(preview.calls, 'call')}`}
      danger
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <ul className="cancel-preview">
        {preview.lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
        <li>It can be called off for {CANCEL_WINDOW_MS / 1000} s after this, in which the run goes on.</li>
      </ul>
    </FormDialog>
  )
}
