import { createInbox, nanos } from 'nats.ws'
import type { Msg, MsgHdrs } from 'nats.ws'
import { UnavailableError } from '../../ports/errors.ts'
import type { Link } from './link.ts'

/** A message that a consumer handed to this process. */
export interface Arrival {
  readonly subject: string
  readonly headers: MsgHdrs | undefined
  readonly data: Uint8Array
  /** Where its acknowledgement goes. */
  readonly reply: string
  readonly sequence: number
  readonly deliveries: number
  /** By performance.now(). */
  readonly at: number
}

/** Takes messages one by one from pull consumers that other processes share. */
export interface Puller {
  /** The next message of any of the consumers; undefined when `signal` aborts. Waits through cuts and restarts. */
  next(signal: AbortSignal): Promise<Arrival | undefined>
  close(): void
}

interface PullRequest {
  readonly consumer: string
  readonly expiresAt: number
  left: number
}

interface Waiter {
  resolve(arrival: Arrival): void
  reject(error: Error): void
}

const REQUEST_MS = 10_000
/** After this much more without a word a request is taken for lost. */
const GRACE_MS = 2_000
const MAX_WAITING = 256
const RETRY_MS = 100
/** How long a message that nobody waits for any more is kept for the next reader here, before other processes get it. */
const ABANDONED_MS = 50

/**
 * Asks each consumer for as many messages as there are readers, so that of several consumers all may answer one reader: what comes
 * beyond is kept for the next reader, in the order of arrival, for as long as `keepMs`.
 */
export function createPuller(link: Link, stream: string, consumers: readonly string[], keepMs: number): Puller {
  const inbox = createInbox()
  const requests = new Map<string, PullRequest>()
  const waiters: Waiter[] = []
  const kept: Arrival[] = []
  let serial = 0
  let isAsking = false
  let isAbandoned = false
  let isClosed = false

  const replies = link.connection.subscribe(`${inbox}.*`, {
    callback: (error, message) => {
      if (error) return link.report(error)
      if (message.subject.startsWith(inbox)) return ended(message)
      arrived(arrivalOf(message))
    },
  })
  const stopListening = link.onChange(() => {
    requests.clear()
    if (link.status().kind === 'closed') close()
    else ask()
  })
  const sweep = setInterval(() => {
    const now = performance.now()
    for (const [token, request] of requests) if (request.expiresAt + GRACE_MS < now) requests.delete(token)
    ask()
  }, 1_000).unref()

  /** The server ended a request without a message: its time is over, the consumer moved, or there is none yet. */
  function ended({ subject, headers }: Msg): void {
    requests.delete(subject.slice(inbox.length + 1))
    if (headers?.code === 408) ask()
    else setTimeout(ask, RETRY_MS).unref()
  }

  function arrived(arrival: Arrival): void {
    const consumer = consumerOf(arrival.reply)
    for (const [token, request] of requests)
      if (request.consumer === consumer) {
        request.left -= 1
        if (request.left === 0) requests.delete(token)
        break
      }
    const waiter = waiters.shift()
    if (waiter) waiter.resolve(arrival)
    else {
      kept.push(arrival)
      setTimeout(() => giveBack(arrival), isAbandoned ? ABANDONED_MS : keepMs).unref()
    }
  }

  function leave(waiter: Waiter): void {
    waiters.splice(waiters.indexOf(waiter), 1)
    isAbandoned = waiters.length === 0
    if (isAbandoned) for (const arrival of kept) setTimeout(() => giveBack(arrival), ABANDONED_MS).unref()
  }

  function giveBack(arrival: Arrival): void {
    const index = kept.indexOf(arrival)
    if (index < 0) return
    kept.splice(index, 1)
    link.connection.publish(arrival.reply, '-NAK')
  }

  /** Once a turn of the loop, so that many readers make one request. */
  function ask(): void {
    if (isAsking) return
    isAsking = true
    setImmediate(() => {
      isAsking = false
      if (isClosed || link.status().kind !== 'connected') return
      for (const consumer of consumers) askFor(consumer)
    })
  }

  function askFor(consumer: string): void {
    const asked = [...requests.values()].filter((request) => request.consumer === consumer)
    const missing = Math.min(waiters.length, MAX_WAITING) - asked.reduce((sum, request) => sum + request.left, 0)
    if (missing <= 0) return
    const token = String(++serial)
    requests.set(token, { consumer, left: missing, expiresAt: performance.now() + REQUEST_MS })
    link.connection.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
      JSON.stringify({ batch: missing, expires: nanos(REQUEST_MS) }),
      { reply: `${inbox}.${token}` },
    )
  }

  function close(): void {
    if (isClosed) return
    isClosed = true
    clearInterval(sweep)
    stopListening()
    if (link.status().kind === 'connected') {
      for (const arrival of [...kept]) giveBack(arrival)
      replies.unsubscribe()
    }
    for (const waiter of waiters.splice(0)) waiter.reject(new UnavailableError(`The connection to ${link.where} is closed.`))
  }

  return {
    next: (signal) => {
      if (signal.aborted) return Promise.resolve(undefined)
      if (isClosed) return Promise.reject(new UnavailableError(`The connection to ${link.where} is closed.`))
      isAbandoned = false
      const arrival = kept.shift()
      if (arrival) return Promise.resolve(arrival)
      return new Promise((resolve, reject) => {
        const aborted = () => {
          leave(waiter)
          resolve(undefined)
        }
        const settled = () => signal.removeEventListener('abort', aborted)
        const waiter: Waiter = {
          resolve: (one) => {
            settled()
            resolve(one)
          },
          reject: (error) => {
            settled()
            reject(error)
          },
        }
        signal.addEventListener('abort', aborted, { once: true })
        waiters.push(waiter)
        ask()
      })
    },
    close,
  }
}

/** `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>…`, in newer servers with domain and account before the stream. */
function arrivalOf({ subject, headers, data, reply = '' }: Msg): Arrival {
  const parts = ackParts(reply)
  return { subject, headers, data, reply, sequence: Number(parts[3]), deliveries: Number(parts[2]), at: performance.now() }
}

function consumerOf(reply: string): string | undefined {
  return ackParts(reply)[1]
}

function ackParts(reply: string): readonly string[] {
  const tokens = reply.split('.')
  return tokens.slice(tokens.length === 9 ? 2 : 4)
}
