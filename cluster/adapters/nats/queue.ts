import { nuid } from 'nats.ws'
import type * as z from 'zod'
import type { BlobReference } from '../../messages/blob.ts'
import { nameOfTokens, subjectTokens } from '../../messages/subjects.ts'
import { workId } from '../../messages/work.ts'
import type { DeadLetter, Delivery, PublishResult } from '../../ports/delivery.ts'
import { CorruptionError, UnavailableError } from '../../ports/errors.ts'
import { bodyHeaders, bodyOf } from './bodies.ts'
import type { Bodies } from './bodies.ts'
import { typedLetter } from './dead-letters.ts'
import type { DeadLetters } from './dead-letters.ts'
import { isFull, isNotFound } from './failures.ts'
import { MARK_HEADER } from './known-ids.ts'
import type { KnownIds } from './known-ids.ts'
import { holdLease } from './lease.ts'
import type { Lease } from './lease.ts'
import type { Link } from './link.ts'
import type { Arrival, Puller } from './puller.ts'

export interface NatsQueue<T> {
  readonly publish: (id: string, message: T) => Promise<PublishResult>
  readonly take: (leaseMs: number, signal: AbortSignal) => Promise<Delivery<T> | undefined>
  readonly deadLetters: () => Promise<readonly DeadLetter<T>[]>
  readonly replay: (id: string) => Promise<boolean>
  readonly removeDeadLetter: (id: string) => Promise<boolean>
}

/** Set where the message id is not the id that the queue's users know. */
const ID_HEADER = 'Signalbox-Id'
const MAX_REASON = 4_000

/** A call of one agent of one run, which is what every message of a queue is about. */
interface Call {
  readonly task_id: string
  readonly round: number
  readonly phase: string
  readonly agent_id: string
}

/** A queue of messages in a work-queue stream: publishing, handing out under leases, and what cannot be handled. */
export function createNatsQueue<T extends Call>(options: {
  readonly link: Link
  readonly queue: 'work' | 'answers'
  readonly stream: string
  readonly schema: z.ZodType<T>
  readonly subjectOf: (id: string, message: T) => string
  readonly puller: Puller
  readonly ackWaitMs: number
  readonly knownIds: KnownIds
  readonly bodies: Bodies
  readonly letters: DeadLetters
}): NatsQueue<T> {
  const { link, queue, stream, schema, subjectOf, puller, ackWaitMs, knownIds, bodies, letters } = options
  /** By sequence: what is in hand in this process. */
  const leases = new Map<number, Lease>()

  async function send(messageId: string, id: string, subject: string, text: string): Promise<PublishResult> {
    const { inline, reference } = await bodies.pack(text)
    const mark = nuid.next()
    const tokens = subjectTokens(id)
    const extra = { [MARK_HEADER]: mark, ...bodyHeaders(reference), ...(messageId !== tokens && { [ID_HEADER]: tokens }) }
    return link.steadily(`publish ${id}`, async (attempt) => {
      try {
        const isKnown =
          (await knownIds.isForgotten(messageId)) ||
          (await link.publish(subject, inline, { id: messageId, headers: extra })).duplicate
        if (!isKnown) return 'accepted'
        // It may be what an earlier attempt stored without our hearing of it.
        return attempt > 1 && (await knownIds.isFrom(messageId, mark)) ? 'accepted' : 'duplicate'
      } catch (error) {
        if (isFull(error)) return 'overloaded'
        throw error
      }
    })
  }

  function isStored(sequence: number): Promise<boolean> {
    return link
      .manage((jsm) => jsm.streams.getMessage(stream, { seq: sequence }))
      .then(
        () => true,
        (error: unknown) => {
          if (isNotFound(error)) return false
          throw error
        },
      )
  }

  async function settle(arrival: Arrival, word: '+ACK' | '+TERM', body: BlobReference | undefined): Promise<void> {
    await link.steadily('acknowledge a message', () => link.ask(arrival.reply, word))
    // What cannot be removed now goes with its age.
    if (body && word === '+ACK') await bodies.remove(body).catch((fault: unknown) => link.report(errorOf(fault)))
  }

  async function park(
    arrival: Arrival,
    id: string,
    text: string,
    body: BlobReference | undefined,
    reason: string,
  ): Promise<void> {
    const message = body ? null : jsonOrText(text)
    const { deliveries, sequence } = arrival
    const letter = { queue, id, message, body: body ?? null, reason: reason.slice(0, MAX_REASON), deliveries, at: Date.now() }
    await letters.park(`${stream}.${sequence}`, letter)
    await settle(arrival, '+TERM', body)
  }

  function hold(arrival: Arrival, leaseMs: number): Lease {
    const { sequence } = arrival
    leases.get(sequence)?.end()
    const lease = holdLease({
      link,
      arrival,
      leaseMs,
      ackWaitMs,
      isStored: () => isStored(sequence),
      onEnd: () => leases.delete(sequence),
    })
    leases.set(sequence, lease)
    return lease
  }

  function deliver(arrival: Arrival, id: string, text: string, message: T, leaseMs: number): Delivery<T> {
    const body = bodyOf(arrival.headers)
    const lease = hold(arrival, leaseMs)
    return {
      id,
      message,
      deliveries: arrival.deliveries,
      ack: async () => {
        lease.end()
        await settle(arrival, '+ACK', body)
      },
      release: async (delayMs) => {
        if (!lease.isHeld()) return
        lease.end()
        // Once only: repeated it could take the message from its next holder. If it is lost, the lease ends by itself.
        await link
          .ask(arrival.reply, delayMs > 0 ? `-NAK ${JSON.stringify({ delay: delayMs * 1e6 })}` : '-NAK')
          .catch(() => undefined)
      },
      extend: () => lease.extend(),
      park: async (reason) => {
        if (!lease.isHeld()) return
        lease.end()
        await park(arrival, id, text, body, reason)
      },
    }
  }

  /** The message handed out; undefined if it was none of this queue's and is set aside. */
  async function open(arrival: Arrival, leaseMs: number): Promise<Delivery<T> | undefined> {
    const body = bodyOf(arrival.headers)
    const told = arrival.headers?.get(ID_HEADER) || arrival.headers?.get('Nats-Msg-Id')
    let text = ''
    try {
      text = await bodies.unpack(arrival.data, body)
      const message = schema.parse(JSON.parse(text))
      return deliver(arrival, told ? nameOfTokens(told) : workId(message), text, message, leaseMs)
    } catch (cause) {
      if (cause instanceof UnavailableError) throw cause
      const id = told ? nameOfTokens(told) : `${stream}.${arrival.sequence}`
      const problem = new CorruptionError(
        `Message ${id} in ${stream} of ${link.where} is none that Signalbox knows; it is parked.`,
        { cause },
      )
      link.report(problem)
      await park(arrival, id, text, body, `${problem.message} ${String(cause)}`)
      return undefined
    }
  }

  return {
    publish: (id, message) => send(subjectTokens(id), id, subjectOf(id, message), JSON.stringify(message)),

    take: async (leaseMs, signal) => {
      for (;;) {
        const arrival = await puller.next(signal)
        if (!arrival) return undefined
        const delivery = await open(arrival, leaseMs)
        if (delivery) return delivery
      }
    },

    deadLetters: async () => {
      return await Promise.all((await letters.of(queue)).map(({ letter }) => typedLetter(letter, schema, bodies)))
    },

    replay: async (id) => {
      const stored = (await letters.of(queue)).find(({ letter }) => letter.id === id)
      const letter = stored && (await typedLetter(stored.letter, schema, bodies))
      if (!letter || letter.unreadable) return false
      const messageId = `${subjectTokens(id)}.replay.${stored.sequence}`
      const result = await send(messageId, id, subjectOf(id, letter.message), JSON.stringify(letter.message))
      if (result === 'overloaded') throw new UnavailableError(`${stream} of ${link.where} is full: ${id} cannot be replayed now.`)
      return letters.take(stored.sequence)
    },

    removeDeadLetter: async (id) => {
      const stored = (await letters.of(queue)).find(({ letter }) => letter.id === id)
      if (!stored || !(await letters.take(stored.sequence))) return false
      const { body } = stored.letter
      // What cannot be removed now goes with its age.
      if (body) await bodies.remove(body).catch((fault: unknown) => link.report(errorOf(fault)))
      return true
    },
  }
}

function errorOf(fault: unknown): Error {
  return fault instanceof Error ? fault : new Error(String(fault))
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
