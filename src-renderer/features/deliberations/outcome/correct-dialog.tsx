import { Textarea } from '@mantine/core'
import { useDeferredValue, useState } from 'react'
import { MAX_CORRECTION_BYTES } from '../../../../src-preload/contract/deliberation.ts'
import * as format from '../../../lib/format.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import { TextDiff } from '../board/diff-view.tsx'

interface CorrectDialogProps {
  agentId: string
  /** The text as it is in the run. */
  text: string
  /** What the editor starts with: the text, or the last correction of it. */
  draft: string
  onCorrect: (correction: string) => Promise<unknown>
  onClose: () => void
}

/** The winner's text in an editor, with what was changed beside it before it is kept. */
export function CorrectDialog({ agentId, text, draft, onCorrect, onClose }: CorrectDialogProps) {
  const [correction, setCorrection] = useState(draft)
  const compared = useDeferredValue(correction)
  const bytes = new Blob([compared]).size
  const reason =
    correction.trim() === ''
      ? 'The correction is empty.'
      : bytes > MAX_CORRECTION_BYTES
        ? `${format.bytes(bytes)} are too much: ${format.bytes(MAX_CORRECTION_BYTES)} are kept at most.`
        : correction === text
          ? 'Nothing is changed yet. To take the text as it is, accept it.'
          : undefined
  return (
    <FormDialog
      title={`Correct the text of ${agentId}`}
      confirm={`Keep the correction, ${format.bytes(bytes)}`}
      size="min(1180px, 94vw)"
      reason={reason}
      onConfirm={() => onCorrect(correction)}
      onClose={onClose}
    >
      <div className="correct-body">
        <Textarea
          label="The answer as it should be"
          data-autofocus
          autosize
          minRows={14}
          maxRows={22}
          value={correction}
          onChange={(event) => setCorrection(event.currentTarget.value)}
          classNames={{ input: 'mono' }}
        />
        <div className="correct-diff">
          <TextDiff title="Your changes" before={text} after={compared} />
        </div>
      </div>
    </FormDialog>
  )
}
