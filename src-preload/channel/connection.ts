import { ConsoleError } from '../contract/errors.ts'
import type { Channel } from './channel.ts'
import type { Requests } from './client.ts'
import { openSession, Refused, type Session, type SessionOptions, StreamInterrupted } from './session.ts'

/**
 *   connecting ──▶ live ◀──▶ reconnecting        refused is final: the page has to be opened anew
 *        └───────────┴────────────┴──▶ refused
 */
export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** `next_at`: when the next attempt starts, milliseconds since the epoch; in the past while it is under way. */
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly next_at: number; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }

export interface ConnectionOptions extends SessionOptions {
  readonly firstDelayMs?: number
  readonly maxDelayMs?: number
  /** Bounds the opening of the channel; the handshake has its own limit. */
  readonly openTimeoutMs?: number
}

/** Opens a channel to the host. Rejects with `Refused` where trying again cannot help. */
export type OpenChannel = (signal: AbortSignal) => Promise<Channel>

/** Only a connection that held this long makes the next loss start from the first delay again. */
const stableMs = 5_000

/**
 * Requests over a channel that is opened again whenever it is lost, with growing, jittered delays. Calls in flight reject
 * with `unavailable`; streams start again once the host is back. Calls wait for the first connection only.
 */
export class Connection implements Requests {
  readonly #open: OpenChannel
  readonly #options: ConnectionOptions
  readonly #listeners = new Set<() => void>()
  readonly #stopped = new AbortController()
  #state: ConnectionState = { kind: 'connecting' }
  #session: Session | undefined
  #retry = () => {}

  constructor(open: OpenChannel, options: ConnectionOptions = {}) {
    this.#open = open
    this.#options = options
    void this.#run()
  }

  /** The same object until the state changes. */
  readonly state = (): ConnectionState => this.#state

  /** Tells of every change of state, until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Does not wait for the next attempt. */
  readonly retryNow = (): void => this.#retry()

  /** Ends it for good: what is in flight rejects with `unavailable`. */
  close(): void {
    this.#stopped.abort()
    this.#session?.close()
    this.#become({ kind: 'refused', reason: 'The connection was closed.' })
  }

  async call(method: string, input: unknown, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted()
    while (this.#state.kind === 'connecting') {
      await this.#change(signal)
      signal?.throwIfAborted()
    }
    if (!this.#session) throw new ConsoleError('unavailable', this.#why())
    return this.#session.call(method, input, signal)
  }

  async *stream(method: string, input: unknown, signal?: AbortSignal): AsyncGenerator<unknown, void> {
    while (!signal?.aborted) {
      if (this.#state.kind === 'refused') throw new ConsoleError('unavailable', this.#why())
      if (!this.#session) {
        await this.#change(signal)
        continue
      }
      try {
        return yield* this.#session.stream(method, input, signal)
      } catch (error) {
        if (!(error instanceof StreamInterrupted)) throw error
        if (error.lost === 'items') await pause(this.#delay(1), signal)
      }
    }
  }

  async #run(): Promise<void> {
    for (let attempt = 0; !this.#stopped.signal.aborted;) {
      let reason: string
      try {
        const session = await this.#begin()
        const since = performance.now()
        this.#session = session
        this.#become({ kind: 'live' })
        reason = await session.ended
        if (performance.now() - since > stableMs) attempt = 0
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error)
        if (error instanceof Refused) {
          this.#become({ kind: 'refused', reason })
          return
        }
      }
      this.#session = undefined
      attempt++
      const delay = this.#delay(attempt)
      this.#become({ kind: 'reconnecting', attempt, next_at: Date.now() + delay, reason })
      const skip = new AbortController()
      this.#retry = () => skip.abort()
      await pause(delay, AbortSignal.any([skip.signal, this.#stopped.signal]))
    }
  }

  async #begin(): Promise<Session> {
    const timeout = AbortSignal.timeout(this.#options.openTimeoutMs ?? 10_000)
    const channel = await this.#open(AbortSignal.any([timeout, this.#stopped.signal]))
    const session = await openSession(channel, this.#options)
    if (this.#stopped.signal.aborted) session.close()
    return session
  }

  #delay(attempt: number): number {
    const { firstDelayMs = 250, maxDelayMs = 10_000 } = this.#options
    return Math.round(Math.min(maxDelayMs, firstDelayMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2))
  }

  #become(state: ConnectionState): void {
    if (this.#state.kind === 'refused') return
    this.#state = state
    this.#listeners.forEach((listener) => listener())
  }

  #why(): string {
    return 'reason' in this.#state ? this.#state.reason : 'The connection to the host was lost.'
  }

  /** Resolves at the next change of state, or when the signal aborts. */
  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        stop()
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const stop = this.subscribe(done)
      signal?.addEventListener('abort', done)
      if (signal?.aborted) done()
    })
  }
}

/** Waits; an abort ends the wait early. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
    if (signal?.aborted) done()
  })
}
