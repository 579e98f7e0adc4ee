import { ConsoleError } from '../contract/errors.ts'
import { type Reply, type Request, reply, wireVersion } from '../contract/wire.ts'
import type { Channel } from './channel.ts'
import type { Requests } from './client.ts'
import { Inbox } from './inbox.ts'

/** The host will not talk to this page; trying again cannot help. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

/** A stream stopped through no fault of its method, so it can start again: the connection was lost, or items were. */
export class StreamInterrupted extends ConsoleError {
  readonly lost: 'connection' | 'items'

  constructor(lost: 'connection' | 'items', message: string) {
    super('unavailable', message)
    this.lost = lost
  }
}

export interface SessionOptions {
  readonly handshakeTimeoutMs?: number
  /** A host that stays silent through a whole interval after a ping is hung up on. */
  readonly heartbeatMs?: number
  /** Items of one stream that may wait for a slow reader; at one more the stream is interrupted. */
  readonly maxWaiting?: number
}

type Answer = Extract<Reply, { id: number }>

interface Asker {
  answered(answer: Answer): void
  lost(reason: string): void
}

/** Shakes hands with the host. Rejects with `Refused` where the two speak different versions. */
export async function openSession(channel: Channel, options: SessionOptions = {}): Promise<Session> {
  const session = new Session(channel, options)
  await session.greet(options.handshakeTimeoutMs ?? 10_000)
  return session
}

/** One conversation over one channel. */
export class Session implements Requests {
  readonly #channel: Channel
  readonly #maxWaiting: number
  readonly #askers = new Map<number, Asker>()
  readonly #greeted = Promise.withResolvers<undefined>()
  readonly #ended = Promise.withResolvers<string>()
  readonly #heartbeat: ReturnType<typeof setInterval>
  #nextId = 0
  #heard = true
  #gone: string | undefined

  constructor(channel: Channel, { heartbeatMs = 15_000, maxWaiting = 1_000 }: SessionOptions) {
    this.#channel = channel
    this.#maxWaiting = maxWaiting
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs)
    this.#greeted.promise.catch(() => undefined)
    channel.onClose(() => this.close('The connection to the host was lost.'))
    channel.onMessage((message) => this.#receive(message))
  }

  /** Resolves with the reason, in plain words, once the conversation is over. */
  get ended(): Promise<string> {
    return this.#ended.promise
  }

  async greet(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.close('The host did not answer the greeting.'), timeoutMs)
    this.#send({ type: 'hello', version: wireVersion })
    await this.#greeted.promise.finally(() => clearTimeout(timer))
  }

  async call(method: string, input: unknown, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted()
    if (this.#gone !== undefined) throw new ConsoleError('unavailable', this.#gone)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const id = this.#start(method, input, {
      answered: (answer) => {
        if (answer.type === 'result') resolve(answer.value)
        else reject(failureOf(answer) ?? new ConsoleError('internal', `The host answered the call ${method} with a stream.`))
      },
      lost: (reason) => reject(new ConsoleError('unavailable', reason)),
    })
    const cancel = () => {
      this.#send({ type: 'cancel', id })
      reject(reasonOf(signal))
    }
    signal?.addEventListener('abort', cancel)
    try {
      return await promise
    } finally {
      this.#askers.delete(id)
      signal?.removeEventListener('abort', cancel)
    }
  }

  async *stream(method: string, input: unknown, signal?: AbortSignal): AsyncGenerator<unknown, void> {
    if (signal?.aborted) return
    if (this.#gone !== undefined) throw new StreamInterrupted('connection', this.#gone)
    const inbox = new Inbox<Answer>(this.#maxWaiting)
    const id = this.#start(method, input, {
      answered: (answer) => inbox.push(answer, () => new StreamInterrupted('items', `${method} sent more than could be read.`)),
      lost: (reason) => inbox.fail(new StreamInterrupted('connection', reason)),
    })
    let over = false
    try {
      for (let expected = 0; ; expected++) {
        const answer = await inbox.next(signal)
        if (answer === undefined) return
        over = answer.type !== 'item'
        const failure = failureOf(answer)
        if (failure) throw failure
        if (answer.type !== 'item') return
        if (answer.sequence !== expected) throw new StreamInterrupted('items', `Items of ${method} went missing.`)
        yield answer.value
      }
    } finally {
      this.#askers.delete(id)
      if (!over) this.#send({ type: 'cancel', id })
    }
  }

  close(reason = 'The connection was closed.'): void {
    if (this.#gone !== undefined) return
    this.#gone = reason
    clearInterval(this.#heartbeat)
    this.#askers.forEach((asker) => asker.lost(reason))
    this.#greeted.reject(new ConsoleError('unavailable', reason))
    this.#ended.resolve(reason)
    this.#channel.close()
  }

  #send(message: Request): void {
    this.#channel.send(message)
  }

  #start(method: string, input: unknown, asker: Asker): number {
    const id = this.#nextId++
    this.#askers.set(id, asker)
    this.#send({ type: 'start', id, method, input })
    return id
  }

  #beat(): void {
    if (!this.#heard) return this.close('The host stopped answering.')
    this.#heard = false
    this.#send({ type: 'ping' })
  }

  #receive(message: unknown): void {
    this.#heard = true
    const parsed = reply.safeParse(message)
    if (!parsed.success) return this.close('The host sent something that this page does not understand.')
    switch (parsed.data.type) {
      case 'hello':
        return this.#greeted.resolve(undefined)
      case 'refused':
        this.#greeted.reject(new Refused(parsed.data.reason))
        return this.close(parsed.data.reason)
      case 'pong':
        return
      case 'result':
      case 'item':
      case 'end':
      case 'error':
        return this.#askers.get(parsed.data.id)?.answered(parsed.data)
    }
  }
}

function failureOf(answer: Answer): ConsoleError | undefined {
  return answer.type === 'error' ? new ConsoleError(answer.code, answer.message, answer.details) : undefined
}

function reasonOf(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new DOMException('The call was aborted.', 'AbortError')
}
