import { useCallback, useEffect, useRef, useState } from 'react'
import type { BatchEndpoint, StoredFile } from '../../../../src-preload/contract/batch.ts'
import { useHost } from '../../../lib/console.tsx'
import { messageOf } from '../../../lib/failure.ts'
import type { FileState } from './new-batch-state.ts'
import type { Source } from './source-panel.tsx'
import { uploadFile } from './upload.ts'

/** Takes a file in and has every line of it read; another endpoint has it read again. */
export function useFile(endpoint: BatchEndpoint): {
  state: FileState
  take: (source: Source) => void
  reuse: (file: StoredFile) => void
} {
  const host = useHost()
  const [state, setState] = useState<FileState>({ kind: 'none' })
  const [stored, setStored] = useState<StoredFile | null>(null)
  const sending = useRef<AbortController | null>(null)
  useEffect(() => () => sending.current?.abort(), [])

  useEffect(() => {
    if (stored === null) return
    const reading = new AbortController()
    setState({ kind: 'reading', file: stored })
    host.batch.validate({ file_id: stored.id, endpoint }, reading.signal).then(
      ({ report }) => setState({ kind: 'read', file: stored, report }),
      (fault: unknown) => reading.signal.aborted || setState({ kind: 'failed', message: messageOf(fault) }),
    )
    return () => reading.abort()
  }, [host, stored, endpoint])

  const take = useCallback(
    (source: Source) => {
      sending.current?.abort()
      const controller = new AbortController()
      sending.current = controller
      setStored(null)
      setState({ kind: 'sending', name: source.name, share: 0 })
      uploadFile(host, source, (share) => setState({ kind: 'sending', name: source.name, share }), controller.signal).then(
        setStored,
        (fault: unknown) => {
          if (!controller.signal.aborted) setState({ kind: 'failed', message: messageOf(fault) })
        },
      )
    },
    [host],
  )
  return { state, take, reuse: setStored }
}
