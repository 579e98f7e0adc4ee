import type { Hold } from '../../ports/delivery.ts'
import type { Link } from './link.ts'
import type { Arrival } from './puller.ts'

/** Our hold on a message, by our own clock: the server does not tell whose message is being extended or released. */
export interface Lease {
  /** False once it ended, was lost or was settled. */
  isHeld(): boolean
  /** Holds it for another lease length. */
  extend(): Promise<Hold>
  /** Ends it here without a word to the server. */
  end(): void
}

/** Never so close to the server's own end of the lease that both could hold the message to be theirs. */
const MARGIN = 0.9

/**
 * The server's consumer has one length of lease for all (`ackWaitMs`). A longer lease is kept up by word that we are working; at the
 * end of a shorter one the message is handed back. A process that dies keeps a message for `ackWaitMs` at most.
 */
export function holdLease(options: {
  readonly link: Link
  readonly arrival: Arrival
  readonly leaseMs: number
  readonly ackWaitMs: number
  /** Whether the message is still in its stream. */
  readonly isStored: () => Promise<boolean>
  /** However it ended. */
  readonly onEnd: () => void
}): Lease {
  const { link, arrival, leaseMs, ackWaitMs, isStored, onEnd } = options
  let isOver = false
  let confirmedAt = arrival.at
  let until = performance.now() + leaseMs
  let timer: NodeJS.Timeout | undefined
  schedule(0)

  const serverHolds = () => performance.now() < confirmedAt + ackWaitMs * MARGIN

  function schedule(atLeastMs: number): void {
    clearTimeout(timer)
    const next = Math.min(until, confirmedAt + ackWaitMs / 3) - performance.now()
    timer = setTimeout(tick, Math.max(atLeastMs, next)).unref()
  }

  function tick(): void {
    if (isHeld()) {
      const askedAt = performance.now()
      link
        .ask(arrival.reply, '+WPI')
        .then(
          () => (confirmedAt = askedAt),
          // Tried again below, until the server's patience is over.
          () => undefined,
        )
        .finally(() => {
          if (!isOver) schedule(ackWaitMs / 20)
        })
      return
    }
    if (isOver) return
    end()
    // A connection that was closed meanwhile cannot give it back; the server does so itself when its patience is over.
    if (serverHolds() && link.status().kind === 'connected') link.connection.publish(arrival.reply, '-NAK')
  }

  function isHeld(): boolean {
    return !isOver && performance.now() < until && serverHolds()
  }

  /** Taken for lost where the server cannot be asked. */
  async function lostOrGone(): Promise<Hold> {
    return (await isStored().catch(() => true)) ? 'lost' : 'gone'
  }

  function end(): void {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    onEnd()
  }

  return {
    isHeld,
    end,
    extend: async () => {
      if (!isHeld()) return lostOrGone()
      try {
        const isThere = await link.steadily(
          'extend a lease',
          async () => {
            const askedAt = performance.now()
            const [isThere] = await Promise.all([isStored(), link.ask(arrival.reply, '+WPI')])
            confirmedAt = askedAt
            return isThere
          },
          Math.min(until, confirmedAt + ackWaitMs * MARGIN) - performance.now(),
        )
        if (!isThere) {
          end()
          return 'gone'
        }
      } catch (error) {
        if (isHeld()) throw error
      }
      if (!isHeld()) return lostOrGone()
      until = performance.now() + leaseMs
      schedule(0)
      return 'held'
    },
  }
}
