import { Events } from 'nats.ws'
import type { JetStreamManager, NatsConnection } from 'nats.ws'
import { UnavailableError } from '../../ports/errors.ts'
import { connectPatiently } from './connecting.ts'
import type { LoginOptions } from './connecting.ts'
import { Interrupted, isPassing, reasonOf } from './failures.ts'
import { createRequests } from './requests.ts'
import type { Requests } from './requests.ts'

export type LinkOptions = LoginOptions & { readonly onProblem: (problem: Error) => void }

/** `since` is milliseconds since the epoch; `reason` says what keeps us out. */
export type LinkStatus =
  | { readonly kind: 'connected'; readonly since: number; readonly server: string }
  | { readonly kind: 'reconnecting'; readonly since: number; readonly reason: string }
  | { readonly kind: 'closed'; readonly since: number }

/** One connection to NATS that outlives cuts and restarts of the server. */
export interface Link extends Pick<Requests, 'ask' | 'publish'> {
  /** Names the servers in errors. */
  readonly where: string
  readonly connection: NatsConnection
  /** A question to JetStream's management. Rejects with Interrupted if the connection is cut meanwhile. */
  manage<T>(act: (jsm: JetStreamManager) => Promise<T>): Promise<T>
  /** Rejects with Interrupted if the connection is cut before `promise` settles. */
  unlessCut<T>(promise: Promise<T>): Promise<T>
  /**
   * Runs `act` until it succeeds or fails for good; again after cuts, restarts and silence, with the number of the attempt, so it has
   * to be safe to repeat. Rejects with UnavailableError once the patience is over.
   */
  steadily<T>(what: string, act: (attempt: number) => Promise<T>, patienceMs?: number): Promise<T>
  /** The same without an end: until `signal` aborts (undefined) or the link is closed (UnavailableError). */
  persistently<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T | undefined>
  /** Throws a RangeError if the server does not take `bytes` in one message. */
  requireFitting(what: string, bytes: number): void
  /** `listener` runs after every reconnection and at the end. Returns the function that ends it. */
  onChange(listener: () => void): () => void
  report(problem: Error): void
  readonly status: () => LinkStatus
  close(): Promise<void>
}

/** What a message's headers may take; the server counts them in. */
export const HEADER_BYTES = 4096
const ANSWER_MS = 2_000
const RETRY_MS = 50
const FLUSH_MS = 500

/** Connects, or rejects with UnavailableError when no server lets us in within the patience. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const { onProblem } = options
  const where = `NATS at ${options.servers.join(', ')}`
  const connection = await connectPatiently(options, where)
  const requests = createRequests(connection, ANSWER_MS)
  const jsm = await connection.jetstreamManager({ timeout: ANSWER_MS, checkAPI: false })
  let status: LinkStatus = { kind: 'connected', since: Date.now(), server: connection.getServer() }
  const isReconnecting = () => status.kind === 'reconnecting'
  const cuts = new Set<(error: Interrupted) => void>()
  const listeners = new Set<() => void>()
  void watch()
  // The client's stream of statuses does not end with the connection.
  void connection.closed().then(end)

  async function watch(): Promise<void> {
    for await (const { type, data } of connection.status()) {
      if (type === Events.Disconnect) {
        status = { kind: 'reconnecting', since: Date.now(), reason: 'the connection was cut' }
        cutAll('the connection was cut')
      } else if (type === Events.Reconnect) {
        status = { kind: 'connected', since: Date.now(), server: connection.getServer() }
        tell()
      } else if (type === Events.Error) {
        const reason = typeof data === 'string' ? data : type
        onProblem(new Error(`${where} reports ${reason}.`))
        if (isReconnecting()) status = { kind: 'reconnecting', since: status.since, reason }
      }
    }
  }

  function end(): void {
    if (status.kind === 'closed') return
    status = { kind: 'closed', since: Date.now() }
    requests.close()
    cutAll('the connection was closed')
    tell()
  }

  function cutAll(reason: string): void {
    requests.cut(reason)
    for (const cut of [...cuts]) cut(new Interrupted(reason))
  }

  function tell(): void {
    for (const listener of [...listeners]) listener()
  }

  function unlessCut<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      cuts.add(reject)
      promise.then(resolve, reject).finally(() => cuts.delete(reject))
    })
  }

  /** Resolves once connected or closed, at the latest after `ms`. */
  function reconnected(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        listeners.delete(done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      listeners.add(done)
    })
  }

  function requireOpen(): void {
    if (status.kind === 'closed') throw new UnavailableError(`The connection to ${where} is closed.`)
  }

  /** What kept `act` from coming to an end, for now. */
  async function attempt<T>(act: () => Promise<T>, waitMs: number): Promise<{ value: T } | { failure: unknown }> {
    if (isReconnecting()) await reconnected(waitMs)
    requireOpen()
    if (status.kind === 'reconnecting') return { failure: new Interrupted(status.reason) }
    try {
      return { value: await act() }
    } catch (failure) {
      requireOpen()
      if (isPassing(failure)) return { failure }
      throw failure
    }
  }

  return {
    where,
    connection,
    ask: requests.ask,
    publish: requests.publish,
    manage: (act) => unlessCut(act(jsm)),
    unlessCut,

    steadily: async (what, act, patienceMs = options.patienceMs) => {
      const until = performance.now() + patienceMs
      for (let number = 1; ; number++) {
        const result = await attempt(() => act(number), until - performance.now())
        if ('value' in result) return result.value
        if (performance.now() + RETRY_MS >= until)
          throw new UnavailableError(
            `${where} did not ${what} within ${patienceMs / 1000} s (${reasonOf(result.failure)}). It may have been done nevertheless; check the server and try again.`,
            { cause: result.failure },
          )
        await pause(RETRY_MS)
      }
    },

    persistently: async (act, signal) => {
      while (!signal.aborted) {
        const result = await attempt(act, ANSWER_MS)
        if ('value' in result) return result.value
        await pause(RETRY_MS)
      }
      return undefined
    },

    requireFitting: (what, bytes) => {
      const limit = (connection.info?.max_payload ?? Infinity) - HEADER_BYTES
      if (bytes > limit)
        throw new RangeError(
          `${what} takes ${bytes} bytes, and ${where} takes ${limit} in one message: raise its max_payload, or put large content in the blob store.`,
        )
    },
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    report: onProblem,
    status: () => status,
    close: async () => {
      // What was just sent, such as messages handed back, has to reach the server.
      if (status.kind === 'connected') await Promise.race([connection.flush().catch(() => undefined), pause(FLUSH_MS)])
      end()
      await connection.close()
    },
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
