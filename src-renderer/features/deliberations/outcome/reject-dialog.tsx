import { Textarea } from '@mantine/core'
import { useState } from 'react'
import { FormDialog } from '../../../ui/form-dialog.tsx'

/** A rejection needs a reason: it is what the next run, and whoever reads this one, can learn from. */
export function RejectDialog({
  agentId,
  onReject,
  onClose,
}: {
  agentId: string
  onReject: (reason: string) => Promise<unknown>
  onClose: () => void
}) {
  const [reason, setReason] = useState('')
  return (
    <FormDialog
      title={`Reject the text of ${agentId}`}
      confirm="Reject it"
      reason={reason.trim() === '' ? 'Say why first.' : undefined}
      onConfirm={() => onReject(reason.trim())}
      onClose={onClose}
    >
      <Textarea
        label="Why"
        description="Kept with the run. Its status, texts and ranking stay as they are."
        data-autofocus
        autosize
        minRows={3}
        maxRows={10}
        maxLength={4000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </FormDialog>
  )
}
