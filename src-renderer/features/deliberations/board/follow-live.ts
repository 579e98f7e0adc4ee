import { useEffect, useRef, useState } from 'react'
import { useHost, type HostClient } from '../../../lib/console.tsx'
import { LiveStore } from '../../../lib/live-store.ts'
import { callKey, type Board, type BoardCall } from '../shapes.ts'
import { newsOf } from './board-state.ts'
import { createLiveTexts, type LiveTexts } from './live-texts.ts'

/** What the calls of a run write now, followed while the run runs and the window is visible. A finished call's live text goes. */
export function useLiveRun(taskId: string, board: Board | null): LiveTexts {
  const host = useHost()
  const [live] = useState(() => createLiveTexts(taskId, (flush) => void requestAnimationFrame(flush)))
  const runs = board !== null && board.row.ended_at === null

  const known = useRef<readonly BoardCall[]>([])

  useEffect(() => {
    const calls = board?.calls ?? []
    const samples = (board?.baseline?.samples ?? []).map(({ call }) => call)
    for (const call of [...newsOf(known.current, calls), ...samples]) if (call.status !== 'open') live.close(callKey(call))
    known.current = calls
  }, [live, board?.calls, board?.baseline])

  useEffect(() => {
    if (!runs) return
    const store = new LiveStore<true, true>({ open: (signal) => pour(host, taskId, live, signal), fold: () => true })
    return store.subscribe(() => undefined)
  }, [host, taskId, live, runs])

  return live
}

const REOPEN_AFTER_GAP_MS = 100

/** Pours the live stream into the buffers; after a gap it starts again from a snapshot. Says once that it flows. */
async function* pour(host: HostClient, taskId: string, live: LiveTexts, signal: AbortSignal): AsyncGenerator<true, void> {
  yield true
  while (!signal.aborted) {
    let gap = false
    for await (const update of host.deliberation.watchLive({ task_id: taskId }, signal)) {
      gap = !live.apply(update)
      if (gap) break
    }
    if (!gap) return
    await new Promise((resolve) => setTimeout(resolve, REOPEN_AFTER_GAP_MS))
  }
}
