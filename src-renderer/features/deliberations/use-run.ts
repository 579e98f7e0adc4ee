import { useEffect, useState } from 'react'
import { useHost } from '../../lib/console.tsx'
import { messageOf } from '../../lib/failure.ts'
import type { Board } from './shapes.ts'

/** One run as it is now, read once; null while it is on its way or none is asked for, with `failure` where it cannot be read. */
export function useRun(taskId: string | null): { readonly run: Board | null; readonly failure: string | null } {
  const host = useHost()
  const [answer, setAnswer] = useState<{ taskId: string; run: Board | null; failure: string | null } | null>(null)
  useEffect(() => {
    if (taskId === null) return
    const asked = new AbortController()
    const ask = async () => {
      try {
        const run = await host.deliberation.get({ task_id: taskId }, asked.signal)
        setAnswer({ taskId, run, failure: null })
      } catch (fault) {
        if (!asked.signal.aborted) setAnswer({ taskId, run: null, failure: messageOf(fault) })
      }
    }
    void ask()
    return () => asked.abort()
  }, [host, taskId])
  return answer !== null && answer.taskId === taskId ? answer : { run: null, failure: null }
}
