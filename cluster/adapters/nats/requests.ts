import { createInbox, headers } from 'nats.ws'
import type { Msg, MsgHdrs, NatsConnection } from 'nats.ws'
import { Interrupted, Refusal } from './failures.ts'

export interface PublishOptions {
  /** A publish with an id that the stream knows stores nothing. */
  readonly id?: string
  /** Refused unless the subject's last message has this sequence; 0 = there is none. */
  readonly expected?: number
  /** Refused unless the stream's last message has this id. */
  readonly afterId?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Published {
  readonly sequence: number
  /** The id was known: nothing was stored, and `sequence` is of the message that has it. */
  readonly duplicate: boolean
}

/**
 * Requests over one subscription. Not by the client's own, which makes two promises, a timer and an error for each, three times the cost
 * of the rest together.
 */
export interface Requests {
  /** The answer. Rejects with Interrupted when there is none in time, nobody to give one, or the connection is cut meanwhile. */
  readonly ask: (subject: string, body?: string | Uint8Array, extra?: MsgHdrs) => Promise<Msg>
  /** Stores a message in the stream that keeps `subject`. Rejects with Refusal if the stream does not take it. */
  readonly publish: (subject: string, body: string | Uint8Array, options?: PublishOptions) => Promise<Published>
  /** Rejects all that wait for an answer. */
  cut(reason: string): void
  close(): void
}

interface Waiting {
  readonly since: number
  resolve(answer: Msg): void
  reject(error: Interrupted): void
}

const SWEEP_MS = 250
const NO_RESPONDERS = 503

export function createRequests(connection: NatsConnection, patienceMs: number): Requests {
  const inbox = createInbox()
  const waiting = new Map<string, Waiting>()
  let serial = 0

  connection.subscribe(`${inbox}.*`, {
    callback: (_, message) => {
      const token = message.subject.slice(inbox.length + 1)
      const request = waiting.get(token)
      waiting.delete(token)
      if (message.headers?.code === NO_RESPONDERS) request?.reject(new Interrupted('nobody is there to answer'))
      else request?.resolve(message)
    },
  })
  const sweep = setInterval(() => {
    const oldest = performance.now() - patienceMs
    for (const [token, request] of waiting) {
      if (request.since > oldest) return
      waiting.delete(token)
      request.reject(new Interrupted('no answer came'))
    }
  }, SWEEP_MS).unref()

  function ask(subject: string, body?: string | Uint8Array, extra?: MsgHdrs): Promise<Msg> {
    return new Promise((resolve, reject) => {
      const token = String(++serial)
      waiting.set(token, { since: performance.now(), resolve, reject })
      connection.publish(subject, body, { reply: `${inbox}.${token}`, ...(extra && { headers: extra }) })
    })
  }

  return {
    ask,
    publish: async (subject, body, options = {}) => publishedOf(await ask(subject, body, headersOf(options))),
    cut: (reason) => {
      const all = [...waiting.values()]
      waiting.clear()
      for (const request of all) request.reject(new Interrupted(reason))
    },
    close: () => clearInterval(sweep),
  }
}

function headersOf({ id, expected, afterId, headers: extra = {} }: PublishOptions): MsgHdrs {
  const all = headers()
  if (id !== undefined) all.append('Nats-Msg-Id', id)
  if (expected !== undefined) all.append('Nats-Expected-Last-Subject-Sequence', String(expected))
  if (afterId !== undefined) all.append('Nats-Expected-Last-Msg-Id', afterId)
  for (const [name, value] of Object.entries(extra)) all.append(name, value)
  return all
}

interface Acknowledgement {
  readonly seq?: number
  readonly duplicate?: boolean
  readonly error?: { readonly err_code: number; readonly description: string }
}

function publishedOf(answer: Msg): Published {
  const { seq = 0, duplicate = false, error } = answer.json<Acknowledgement>()
  if (error) throw new Refusal(error.err_code, error.description)
  return { sequence: seq, duplicate }
}
