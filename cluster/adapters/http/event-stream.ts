import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { RunUpdate } from '../../messages/run-updates.ts'

export interface EventStreamOptions {
  /** A comment line is sent this often, so that both sides notice a lost connection. */
  readonly heartbeatMs: number
  /** A reader that takes nothing for this long is dropped. */
  readonly patienceMs: number
}

/** The id of the last event of a run: a follower that has it is told that nothing more will come. */
export const endId = (taskId: string): string => `${taskId}.end`

/** Tells a reader why nothing more comes although the run goes on. */
export const droppedEvent = (reason: string): string => `event: dropped\ndata: ${JSON.stringify({ reason })}\n\n`

/**
 * Writes updates as server-sent events until they end, the reader is gone or `signal` aborts; resolves to why a reader was dropped. The
 * next update is asked for only when the reader has taken what was written, so that a slow one gets fewer and larger updates.
 */
export async function writeEvents(
  response: ServerResponse,
  taskId: string,
  updates: AsyncIterable<RunUpdate>,
  signal: AbortSignal,
  { heartbeatMs, patienceMs }: EventStreamOptions,
): Promise<string | undefined> {
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': here\n\n')
  }, heartbeatMs)
  let sent = 0
  try {
    for await (const { type, ...data } of updates) {
      const id = type === 'result' ? endId(taskId) : `${taskId}.${++sent}`
      const text = `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
      if (response.destroyed) return undefined
      if (response.write(text) || (await isTaken(response, signal, patienceMs))) continue
      if (signal.aborted) return undefined
      const reason = `The reader took nothing for ${patienceMs / 1000} s.`
      response.write(droppedEvent(reason))
      response.destroy()
      return reason
    }
    return undefined
  } finally {
    clearInterval(heartbeat)
  }
}

async function isTaken(response: ServerResponse, signal: AbortSignal, patienceMs: number): Promise<boolean> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  return await once(response, 'drain', { signal: patience }).then(
    () => true,
    () => false,
  )
}
