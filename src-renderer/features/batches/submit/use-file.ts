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
  /** Gives up a file that is on its way; nothing of it stays. */
  stop: () => void
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
    const read = async () => {
      setState({ kind: 'reading', file: stored, read: 0 })
      for await (const { bytes, report } of host.batch.validate({ file_id: stored.id, endpoint }, reading.signal))
        setState(report === null ? { kind: 'reading', file: stored, read: bytes } : { kind: 'read', file: stored, report })
    }
    read().catch((fault: unknown) => reading.signal.aborted || setState({ kind: 'failed', message: messageOf(fault) }))
    return () => reading.abort()
  }, [host, stored, endpoint])

  const take = useCallback(
    (source: Source) => {
      sending.current?.abort()
      const controller = new AbortController()
      sending.current = controller
      setStored(null)
      const { name, content } = source
      const tell = (sent: number) => setState({ kind: 'sending', name, bytes: content.size, sent })
      tell(0)
      uploadFile(host, source, tell, controller.signal).then(setStored, (fault: unknown) => {
        if (!controller.signal.aborted) setState({ kind: 'failed', message: messageOf(fault) })
      })
    },
    [host],
  )
  const stop = useCallback(() => {
    sending.current?.abort()
    setState({ kind: 'none' })
  }, [])
  return { state, take, stop, reuse: setStored }
}
