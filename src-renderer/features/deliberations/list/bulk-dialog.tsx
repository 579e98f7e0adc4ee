import { useEffect, useMemo, useState } from 'react'
import type { BulkAction, BulkPreview, BulkRuns } from '../../../../src-preload/contract/deliberation.ts'
import { CANCEL_WINDOW_MS } from '../../../lib/cancel-windows.ts'
import { useCancelWindows, useHost } from '../../../lib/console.tsx'
import { messageOf } from '../../../lib/failure.ts'
import * as format from '../../../lib/format.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import { statusName } from './query-text.ts'

interface Words {
  readonly verb: string
  readonly doing: string
  readonly does: string
  /** It cannot be undone: it is done when its cancel window is over. */
  readonly danger: boolean
}

const words: Readonly<Record<BulkAction, Words>> = {
  cancel: {
    verb: 'Cancel',
    doing: 'Cancelling',
    does: 'Their calls are stopped; finished texts are kept. A cancelled run cannot go on.',
    danger: true,
  },
  archive: {
    verb: 'Archive',
    doing: 'Archiving',
    does: 'They leave the usual list and can be restored at any time.',
    danger: false,
  },
  restore: { verb: 'Restore', doing: 'Restoring', does: 'They are in the usual list again.', danger: false },
  delete: {
    verb: 'Delete',
    doing: 'Deleting',
    does: 'Tasks, answers and scores are removed for good; the id stays as expired.',
    danger: true,
  },
}

interface BulkDialogProps {
  action: BulkAction
  runs: BulkRuns
  onStarted: () => void
  onClose: () => void
}

/** What the action will do, counted by the host, before it does it. */
export function BulkDialog({ action, runs, onStarted, onClose }: BulkDialogProps) {
  const host = useHost()
  const [preview, setPreview] = useState<BulkPreview | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  // A second press must not begin a second operation.
  const operation_id = useMemo(() => crypto.randomUUID(), [])
  const asked = JSON.stringify([action, runs])
  useEffect(() => {
    const abort = new AbortController()
    host.deliberation.previewBulk({ action, runs }, abort.signal).then(setPreview, (fault: unknown) => {
      if (!abort.signal.aborted) setFailure(messageOf(fault))
    })
    return () => abort.abort()
    // The text stands for action and runs, which are new objects on every render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [host, asked])
  const { open } = useCancelWindows()
  const { verb, doing, does, danger } = words[action]
  const start = async () => {
    await host.deliberation.startBulk({ operation_id, action, runs })
  }
  const confirm = async () => {
    const title = `${doing} ${format.counted(preview?.runs ?? 0, 'run')}`
    if (danger) open({ id: `deliberations.bulk:${operation_id}`, title, act: start })
    else await start()
    onStarted()
  }
  const reason =
    failure ??
    (preview === null ? 'The host is counting.' : preview.runs === 0 ? 'It applies to none of the marked runs.' : undefined)
  return (
    <FormDialog
      title={`${verb} marked runs`}
      confirm={preview === null ? verb : `${verb} ${format.counted(preview.runs, 'run')}`}
      danger={danger}
      reason={reason}
      onConfirm={confirm}
      onClose={onClose}
    >
      {failure !== null && <p role="alert">{failure}</p>}
      {preview !== null && <Counts preview={preview} />}
      <p>
        {does}{' '}
        {danger
          ? `This can be called off for ${CANCEL_WINDOW_MS / 1000} s; the runs are fixed when it begins.`
          : 'The runs are fixed when you confirm.'}{' '}
        Later ones are not touched.
      </p>
    </FormDialog>
  )
}

function Counts({ preview }: { preview: BulkPreview }) {
  const counted = Object.entries(preview.by_status).filter(([, runs]) => runs > 0)
  return (
    <>
      <p>
        <b>{format.counted(preview.runs, 'run')}</b>
        {counted.length > 0 && `: ${counted.map(([status, runs]) => `${format.integer(runs)} ${statusName(status)}`).join(', ')}`}
      </p>
      {preview.left_out.map(({ reason, runs, examples }) => (
        <p key={reason} className="fg2">
          {format.counted(runs, 'run')} left out, {reason}: {examples.join(', ')}
          {runs > examples.length && ` and ${format.integer(runs - examples.length)} more`}
        </p>
      ))}
    </>
  )
}
