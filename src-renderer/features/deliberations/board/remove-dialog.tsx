import { useEffect, useState } from 'react'
import { CANCEL_WINDOW_MS } from '../../../lib/cancel-windows.ts'
import { useHost } from '../../../lib/console.tsx'
import { messageOf } from '../../../lib/failure.ts'
import * as format from '../../../lib/format.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import type { Board } from '../shapes.ts'

interface Weight {
  readonly events: number
  readonly bytes: number
  readonly texts: number
}

/** Says what deleting the run would take away, in numbers, before it begins. */
export function RemoveDialog({ board, onConfirm, onClose }: { board: Board; onConfirm: () => void; onClose: () => void }) {
  const host = useHost()
  const [weight, setWeight] = useState<Weight | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const { task_id } = board.row
  useEffect(() => {
    const asked = new AbortController()
    host.deliberation.weighRemoval({ task_id }, asked.signal).then(setWeight, (fault: unknown) => {
      if (!asked.signal.aborted) setFailure(messageOf(fault))
    })
    return () => asked.abort()
  }, [host, task_id])
  return (
    <FormDialog
      title="Delete this run"
      confirm={weight === null ? 'Delete it' : `Delete, frees ${format.bytes(weight.bytes)}`}
      danger
      reason={failure ?? (weight === null ? 'Weighing what would go.' : undefined)}
      onConfirm={() => {
        onConfirm()
        return Promise.resolve()
      }}
      onClose={onClose}
    >
      <ul className="cancel-preview">
        <li>
          {weight === null
            ? 'Counting what it holds…'
            : `${format.counted(weight.texts, 'text')}, ${format.counted(board.critiques.length, 'critique')} and all scores go: ${format.counted(weight.events, 'event')}, ${format.bytes(weight.bytes)} with its prompts and long texts.`}
        </li>
        {board.outcomes.length > 0 && <li>{format.counted(board.outcomes.length, 'outcome')} given for it goes too.</li>}
        <li>Its id stays as a tombstone: whoever asks for it is told that it was removed.</li>
        <li>
          It can be called off for {CANCEL_WINDOW_MS / 1000} s after this; then it is for good. To keep it out of sight, archive
          it.
        </li>
      </ul>
    </FormDialog>
  )
}
