import { useState } from 'react'
import { useHost } from '../../../lib/console.tsx'
import { Button } from '../../../ui/button.tsx'
import { notifyFailure } from '../../../ui/notify.tsx'
import { callKey, type Board, type BoardCall } from '../shapes.ts'
import { isRetryable } from './retryable.ts'

/** Sends a failed call again. However often it is pressed, one failure is followed by one new attempt. */
export function useRetry(taskId: string): (call: BoardCall) => Promise<void> {
  const host = useHost()
  const [ids] = useState(() => new Map<string, string>())
  return async (call) => {
    const key = callKey(call)
    const command_id = ids.get(key) ?? crypto.randomUUID()
    ids.set(key, command_id)
    await host.deliberation.retry({ command_id, task_id: taskId, agent_id: call.agent_id })
  }
}

/** A button beside a failed call while its phase is open; nothing otherwise. */
export function RetryCall({ board, call }: { board: Board; call: BoardCall }) {
  const retry = useRetry(board.row.task_id)
  const [pending, setPending] = useState(false)
  if (!isRetryable(board, call)) return null
  const send = async () => {
    setPending(true)
    try {
      await retry(call)
    } catch (fault) {
      notifyFailure('The call was not made again', fault)
    } finally {
      setPending(false)
    }
  }
  return (
    <Button command size="sm" icon="retry" pending={pending} onClick={() => void send()}>
      Retry this call
    </Button>
  )
}
