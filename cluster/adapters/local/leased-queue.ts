import type * as z from 'zod'
import type { Clock } from '../../ports/clock.ts'
import type { DeadLetter, Delivery, PublishResult } from '../../ports/delivery.ts'
import { CorruptionError } from '../../ports/errors.ts'
import { contentOfLetter } from './letter-content.ts'
import type { QueueCall, TakenItem } from './queue-steps.ts'
import type { WakeUp } from './wake-up.ts'

export interface LeasedQueue<T> {
  readonly publish: (id: string, group: string, message: T) => Promise<PublishResult>
  readonly take: (leaseMs: number, signal: AbortSignal) => Promise<Delivery<T> | undefined>
  readonly withdraw: (group: string, id?: string) => Promise<number>
  readonly depth: () => Promise<{ readonly waiting: number; readonly leased: number }>
  readonly deadLetters: () => Promise<readonly DeadLetter<T>[]>
  readonly replay: (id: string) => Promise<boolean>
  readonly removeDeadLetter: (id: string) => Promise<boolean>
}

/** A queue of messages over a store of JSON texts: waiting, leases and parsing. `changed` must be this queue's own. */
export function createLeasedQueue<T>(options: {
  readonly queue: string
  readonly schema: z.ZodType<T>
  readonly call: QueueCall
  readonly changed: WakeUp
  readonly clock: Clock
  /** Names the store in errors. */
  readonly where: string
}): LeasedQueue<T> {
  const { queue, schema, call, changed, clock, where } = options

  async function whenDone<R>(step: Promise<R>): Promise<R> {
    const result = await step
    changed.notify()
    return result
  }

  function parse(id: string, body: string): T {
    try {
      return schema.parse(JSON.parse(body))
    } catch (cause) {
      throw new CorruptionError(`Item ${id} in the queue ${queue} of ${where} is damaged; it is set aside and not handed out.`, {
        cause,
      })
    }
  }

  async function letters(): Promise<readonly DeadLetter<T>[]> {
    return (await call('parked', { queue })).map(({ body, ...letter }) => ({ ...letter, ...contentOfLetter(schema, body) }))
  }

  function deliver(item: TakenItem, message: T, leaseMs: number): Delivery<T> {
    const lease = { queue, id: item.id, lease: item.lease }
    return {
      id: item.id,
      message,
      deliveries: item.deliveries,
      ack: async () => {
        await call('acknowledge', { queue, id: item.id, now: clock.now() })
      },
      release: async (delayMs) => {
        await whenDone(call('release', { ...lease, readyAt: clock.now() + delayMs, counted: true }))
      },
      extend: () => call('extend', { ...lease, until: clock.now() + leaseMs }),
      park: async (reason) => {
        await call('park', { ...lease, reason, now: clock.now() })
      },
    }
  }

  async function sleepUntil(nextAt: number | null, seen: number, signal: AbortSignal): Promise<void> {
    if (nextAt === null) return changed.wait(seen, signal)
    const awake = new AbortController()
    const wake = () => awake.abort()
    signal.addEventListener('abort', wake)
    if (signal.aborted) wake()
    await Promise.race([changed.wait(seen, awake.signal), clock.sleep(nextAt - clock.now(), awake.signal)])
    wake()
    signal.removeEventListener('abort', wake)
  }

  return {
    publish: (id, group, message) =>
      whenDone(call('publish', { queue, id, group, body: JSON.stringify(message), now: clock.now() })),

    take: async (leaseMs, signal) => {
      const isAborted = () => signal.aborted
      while (!isAborted()) {
        const seen = changed.count
        const item = await call('take', { queue, leaseMs, now: clock.now() })
        if (item.kind === 'nothing') {
          await sleepUntil(item.nextAt, seen, signal)
          continue
        }
        const lease = { queue, id: item.id, lease: item.lease }
        if (isAborted()) {
          await whenDone(call('release', { ...lease, readyAt: clock.now(), counted: false }))
          return undefined
        }
        // Other readers sleep until the leases they know of end; this one is new to them.
        changed.notify()
        try {
          return deliver(item, parse(item.id, item.body), leaseMs)
        } catch (error) {
          await call('setAside', { ...lease, reason: String(error), now: clock.now() })
          throw error
        }
      }
      return undefined
    },

    withdraw: (group, id) => call('withdraw', { queue, group, id: id ?? null, now: clock.now() }),
    depth: () => call('count', { queue }),
    deadLetters: letters,
    replay: async (id) => {
      const letter = (await letters()).find((one) => one.id === id)
      return letter !== undefined && !letter.unreadable && (await whenDone(call('replay', { queue, id, now: clock.now() })))
    },
    removeDeadLetter: (id) => call('discard', { queue, id, now: clock.now() }),
  }
}
