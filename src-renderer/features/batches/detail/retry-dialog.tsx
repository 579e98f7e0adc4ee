import { useRef } from 'react'
import { useLocation } from 'wouter'
import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { batchRoute } from '../../../lib/routes.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'

interface RetryDialogProps {
  batchId: string
  count: number
  /** Requests that failed for these causes, or those at these places. */
  which: { readonly codes: readonly string[] } | { readonly ns: readonly number[] }
  onClose: () => void
}

/** A new batch of failed requests, linked to the one they come from. */
export function RetryDialog({ batchId, count, which, onClose }: RetryDialogProps) {
  const host = useHost()
  const [, navigate] = useLocation()
  const command = useRef(crypto.randomUUID())
  const send = async () => {
    const asked = 'ns' in which ? { ns: [...which.ns] } : { error_codes: [...which.codes] }
    const { batch_id } = await host.batch.retry({ command_id: command.current, batch_id: batchId, which: asked })
    navigate(batchRoute(batch_id))
  }
  return (
    <FormDialog
      title="Run failed requests again"
      confirm={`Retry ${format.counted(count, 'request')}`}
      onConfirm={send}
      onClose={onClose}
    >
      <ul className="t12 fg2 stack gap-1">
        <li>
          A new batch gets {format.counted(count, 'request')} of this one, with the same window and settings, counted from now.
        </li>
        <li>This batch and its files stay as they are; its page shows the requests of both as one, and saves them so.</li>
        <li>What it uses is charged again.</li>
      </ul>
    </FormDialog>
  )
}
