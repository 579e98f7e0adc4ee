import { connect, NatsError, nkeyAuthenticator } from 'nats.ws'
import type { ConnectionOptions, NatsConnection } from 'nats.ws'
import { UnavailableError } from '../../ports/errors.ts'
import { reasonOf } from './failures.ts'

export interface LoginOptions {
  /** WebSocket addresses, such as `ws://nats:8080`. */
  readonly servers: readonly string[]
  readonly token?: string
  /** The seed of a user key (`SU…`). */
  readonly nkeySeed?: string
  /** How long anything is tried before it is rejected as unavailable. */
  readonly patienceMs: number
  /** The same for the first connection. */
  readonly firstPatienceMs: number
  /** Between two attempts to connect; up to as much again is added by chance. */
  readonly reconnectWaitMs: number
}

const CONNECT_MS = 5_000
const PING_MS = 5_000

/** A connection that reconnects for ever. Rejects with UnavailableError when no server lets us in within `firstPatienceMs`. */
export async function connectPatiently(options: LoginOptions, where: string): Promise<NatsConnection> {
  const until = performance.now() + options.firstPatienceMs
  for (;;) {
    try {
      return await connect({ ...clientOptions(options), timeout: Math.max(1, Math.min(CONNECT_MS, until - performance.now())) })
    } catch (error) {
      if (error instanceof NatsError && error.isAuthError())
        throw new UnavailableError(`${where} refused the login (${reasonOf(error)}). Check the token or key.`, { cause: error })
      if (performance.now() + options.reconnectWaitMs >= until)
        throw new UnavailableError(
          `${where} cannot be reached (${reasonOf(error)}). Check that the server runs and listens for WebSockets there.`,
          { cause: error },
        )
      await new Promise((resolve) => setTimeout(resolve, options.reconnectWaitMs))
    }
  }
}

function clientOptions({ servers, token, nkeySeed, reconnectWaitMs }: LoginOptions): ConnectionOptions {
  return {
    servers: [...servers],
    name: 'signalbox',
    ...(token !== undefined && { token }),
    ...(nkeySeed !== undefined && { authenticator: nkeyAuthenticator(new TextEncoder().encode(nkeySeed)) }),
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectWaitMs,
    reconnectJitter: reconnectWaitMs,
    pingInterval: PING_MS,
    maxPingOut: 2,
    // Only the addresses given: those the servers tell each other may not be reachable from here.
    ignoreClusterUpdates: true,
    // A server that is starting may not know its users yet.
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
  }
}
