import { randomUUID } from 'node:crypto'
import { connect } from 'nats.ws'
import type { JetStreamManager, NatsConnection } from 'nats.ws'
import { EVENT_ROOT } from '../../messages/subjects.ts'
import type { EventLog, LogEntry } from '../../ports/event-log.ts'
import { openNatsContext } from './context.ts'
import type { NatsContext, NatsContextOptions } from './context.ts'
import { BUCKETS } from './streams.ts'

export interface ContextUnderTest {
  readonly context: () => NatsContext
  /** What the context reported. */
  readonly problems: readonly Error[]
  readonly prefix: string
  /** Closes the context, runs `meanwhile`, and opens it again. */
  reopen(meanwhile?: () => Promise<void>): Promise<NatsContext>
  /** Closes it and removes what it stored. */
  close(): Promise<void>
}

/** The same port, with `before` run ahead of every call of it and of what it hands out. */
export function withEvery<P extends object>(port: P, before: () => void): P {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...input: unknown[]) => {
        before()
        const result: unknown = Reflect.apply(member, target, input)
        return result instanceof Promise
          ? result.then((value: unknown) => (isDelivery(value) ? withEvery(value, before) : value))
          : result
      }
    },
  })
}

function isDelivery(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'ack' in value
}

/** Opens a context of its own on a server that others may use too. */
export async function openContextUnderTest(url: string, options: Partial<NatsContextOptions> = {}): Promise<ContextUnderTest> {
  const prefix = `t-${randomUUID().slice(0, 8)}`
  const problems: Error[] = []
  const open = () =>
    openNatsContext({ servers: [url], prefix, reconnectWaitMs: 20, onProblem: (problem) => problems.push(problem), ...options })
  let context = await open()
  return {
    context: () => context,
    problems,
    prefix,
    reopen: async (meanwhile) => {
      await context.close()
      await meanwhile?.()
      context = await open()
      return context
    },
    close: async () => {
      await context.close()
      await removeStreams(url, prefix)
    },
  }
}

/** Runs `act` over a connection of its own, with nothing of ours in between. */
export async function directly<T>(
  url: string,
  act: (connection: NatsConnection, jsm: JetStreamManager) => Promise<T>,
): Promise<T> {
  const connection = await connect({ servers: [url] })
  try {
    return await act(connection, await connection.jetstreamManager())
  } finally {
    await connection.close()
  }
}

function removeStreams(url: string, prefix: string): Promise<void> {
  return directly(url, async (_, jsm) => {
    const names: string[] = []
    for await (const name of jsm.streams.names()) if (name.includes(prefix)) names.push(name)
    await Promise.all(names.map((name) => jsm.streams.delete(name)))
  })
}

/** Puts another chunk in the place of the last one of the last blob. */
export function damageLastChunk(url: string, prefix: string): Promise<void> {
  return directly(url, async (connection, jsm) => {
    const stream = `OBJ_${prefix}-${BUCKETS.blobs}`
    const { subject, seq, data } = await jsm.streams.getMessage(stream, { last_by_subj: `$O.${prefix}-${BUCKETS.blobs}.C.>` })
    await jsm.streams.deleteMessage(stream, seq)
    const damaged = Uint8Array.from(data, (byte, index) => (index === 0 ? byte ^ 1 : byte))
    await connection.jetstream().publish(subject, damaged)
  })
}

/** The log as if its subjects began where the conformance spec has them begin. */
export function underEventRoot(log: EventLog): EventLog {
  const below = (subject: string) => `${EVENT_ROOT}.${subject}`
  const shorten = (entry: LogEntry): LogEntry => ({ ...entry, subject: entry.subject.slice(EVENT_ROOT.length + 1) })
  return {
    append: (subject, expected, events) => log.append(below(subject), expected, events),
    readSubject: async (subject) => (await log.readSubject(below(subject))).map(shorten),
    readAfter: async (sequence, limit) => (await log.readAfter(sequence, limit)).map(shorten),
    lastSequence: () => log.lastSequence(),
    follow: async function* (sequence, signal) {
      for await (const entry of log.follow(sequence, signal)) yield shorten(entry)
    },
    purge: (subject, tombstone) => log.purge(below(subject), tombstone),
  }
}
