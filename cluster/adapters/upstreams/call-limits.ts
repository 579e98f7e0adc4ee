import { UpstreamError } from '../../ports/upstreams.ts'
import { reasonOf } from '../engines/slots.ts'

/** A call's signal: aborts with the caller's reason, or with an UpstreamError when the time is over. */
export interface CallLimits {
  readonly signal: AbortSignal
  /** Begins to count the time; once. */
  readonly start: () => void
  readonly end: () => void
  /** Ends the call where the reader of its answer has gone; nothing where it is over. */
  readonly leave: () => void
}

export function limitCall(caller: AbortSignal, timeoutMs: number, who: string): CallLimits {
  caller.throwIfAborted()
  const controller = new AbortController()
  const callerLeft = () => controller.abort(reasonOf(caller))
  caller.addEventListener('abort', callerLeft, { once: true })
  let timer: NodeJS.Timeout | undefined
  function end(): void {
    clearTimeout(timer)
    caller.removeEventListener('abort', callerLeft)
  }
  return {
    signal: controller.signal,
    start() {
      timer ??= setTimeout(
        () => controller.abort(new UpstreamError('timeout', `${who}: no whole answer in ${timeoutMs / 1000} s.`)),
        timeoutMs,
      )
    },
    end,
    leave() {
      end()
      controller.abort(new Error('Nobody reads the answer any more.'))
    },
  }
}
