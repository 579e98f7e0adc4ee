import type { IncomingHttpHeaders } from 'node:http'
import { errors, type Dispatcher } from 'undici'

export interface WholeAnswer {
  readonly statusCode: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

const BYTE_ORDER_MARK = 0xfeff

/** A request whose answer is wanted whole, without the stream that `request` makes of each. Rejects as `request` and its body's `text` do. */
export function askWhole(pool: Dispatcher, options: Dispatcher.DispatchOptions, signal: AbortSignal): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    let call: Dispatcher.DispatchController | undefined
    let [statusCode, headers] = [0, {} as IncomingHttpHeaders]
    const chunks: Buffer[] = []
    const leave = () => call?.abort(reasonOf(signal))
    signal.addEventListener('abort', leave, { once: true })
    pool.dispatch(options, {
      onRequestStart(controller) {
        call = controller
        if (signal.aborted) leave()
      },
      // An answer of 1xx comes before the real one.
      onResponseStart(_, status, received) {
        statusCode = status
        headers = received
      },
      onResponseData: (_, chunk) => void chunks.push(chunk),
      onResponseEnd() {
        signal.removeEventListener('abort', leave)
        const text = (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString()
        resolve({ statusCode, headers, text: text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text })
      },
      onResponseError(_, error) {
        signal.removeEventListener('abort', leave)
        reject(error)
      },
    })
  })
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new errors.RequestAbortedError(String(reason))
}
