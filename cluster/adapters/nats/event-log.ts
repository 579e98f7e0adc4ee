import { randomUUID } from 'node:crypto'
import type { EventEnvelope } from '../../messages/envelope.ts'
import { EVENT_ROOT } from '../../messages/subjects.ts'
import type { EventLog } from '../../ports/event-log.ts'
import { entryText, parseEntry } from '../local/entry-text.ts'
import { followLog } from '../local/log-following.ts'
import { actualSequence } from './failures.ts'
import type { Link } from './link.ts'
import type { Names } from './names.ts'
import { readAll, readPage } from './stored-messages.ts'
import type { StoredMessage } from './stored-messages.ts'
import { APPENDED_SUBJECTS, STREAMS } from './streams.ts'
import { createWordOfChanges } from './word-of-changes.ts'

/** Replaces everything on its subject by itself, in one step. */
const ROLLUP = { 'Nats-Rollup': 'sub' }
const EVENT_SUBJECT = /^signalbox\.event(\.[A-Za-z0-9_=-]+)+$/

/** The event log: one message an entry, in the stream SIGNALBOX_EVENTS. */
export function createNatsEventLog(link: Link, names: Names): EventLog {
  const stream = names.stream(STREAMS.events)
  const all = names.subject(`${EVENT_ROOT}.>`)
  const where = `the stream ${stream} of ${link.where}`
  const appended = createWordOfChanges(link, names.subject(APPENDED_SUBJECTS))
  const decoder = new TextDecoder()
  const parse = ({ sequence, subject, data }: StoredMessage) =>
    parseEntry({ sequence, subject: names.nameOf(subject), events: decoder.decode(data) }, where)

  function subjectOf(name: string): string {
    if (!EVENT_SUBJECT.test(name))
      throw new RangeError(`${name} is no subject of the log: it has to be ${EVENT_ROOT} and names of letters, digits, - and _.`)
    return names.subject(name)
  }

  function bodyOf(name: string, events: readonly EventEnvelope[]): string {
    const body = entryText(name, events)
    link.requireFitting(`An entry on ${name}`, Buffer.byteLength(body))
    return body
  }

  /** The sequence of an entry that an earlier attempt stored although its acknowledgement was lost. */
  async function storedBefore(subject: string, after: number, id: string): Promise<number | undefined> {
    const entries = await readAll(link, stream, subject, after)
    return entries.find((entry) => entry.headers.get('Nats-Msg-Id') === id)?.sequence
  }

  async function readAfter(sequence: number, limit: number) {
    const entries: StoredMessage[] = []
    while (entries.length < limit) {
      const page = await readPage(link, stream, all, entries.at(-1)?.sequence ?? sequence, limit - entries.length)
      entries.push(...page.messages)
      if (page.isLast) break
    }
    return entries.map(parse)
  }

  return {
    append: async (name, expected, events) => {
      const subject = subjectOf(name)
      const body = bodyOf(name, events)
      const id = randomUUID()
      return link.steadily(`append to ${name}`, async (attempt) => {
        try {
          const { sequence } = await link.publish(subject, body, { id, expected })
          return { kind: 'appended', sequence }
        } catch (error) {
          const actual = actualSequence(error)
          if (actual === undefined) throw error
          const ours = attempt > 1 ? await storedBefore(subject, expected, id) : undefined
          return ours === undefined ? { kind: 'conflict', actual } : { kind: 'appended', sequence: ours }
        }
      })
    },
    readSubject: (name) => link.steadily(`read ${name}`, async () => (await readAll(link, stream, subjectOf(name))).map(parse)),
    readAfter: (sequence, limit) => link.steadily('read the log', () => readAfter(sequence, limit)),
    lastSequence: () =>
      link.steadily('show the log', async () => (await link.manage((jsm) => jsm.streams.info(stream))).state.last_seq),
    follow: (sequence, signal) =>
      followLog(
        async (after, limit) => (await link.persistently(() => readAfter(after, limit), signal)) ?? [],
        appended(),
        sequence,
        signal,
      ),
    purge: async (name, tombstone) => {
      const subject = subjectOf(name)
      const body = bodyOf(name, [tombstone])
      const id = randomUUID()
      return link.steadily(`purge ${name}`, async () => (await link.publish(subject, body, { id, headers: ROLLUP })).sequence)
    },
  }
}
