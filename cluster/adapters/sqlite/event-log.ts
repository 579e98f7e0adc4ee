import type Database from 'better-sqlite3'
import type { EventLog } from '../../ports/event-log.ts'
import { entryText, parseEntry } from '../local/entry-text.ts'
import type { StoredEntry } from '../local/entry-text.ts'
import { followLog } from '../local/log-following.ts'
import type { WakeUp } from '../local/wake-up.ts'
import { reading } from './failures.ts'
import type { ContextSteps } from './writer-protocol.ts'
import type { Writer } from './writer.ts'

/** The event log: writes go to the writer thread, reads are made here. `appended` is notified of every append, and at the end. */
export function createSqliteEventLog(writer: Writer<ContextSteps>, reader: Database.Database, appended: WakeUp): EventLog {
  const ofSubject = reader.prepare<[string], StoredEntry>(
    'select sequence, subject, events from entries where subject = ? order by sequence',
  )
  const after = reader.prepare<[number, number], StoredEntry>(
    'select sequence, subject, events from entries where sequence > ? order by sequence limit ?',
  )
  const last = reader.prepare<[], number>('select coalesce(max(sequence), 0) from entries').pluck()

  const parse = (entry: StoredEntry) => parseEntry(entry, reader.name)
  const read = <R>(query: () => R) => reading(reader, query)
  const readAfter: EventLog['readAfter'] = (sequence, limit) => read(() => after.all(sequence, limit).map(parse))

  return {
    append: async (subject, expected, events) => {
      const result = await writer.call('append', { subject, expected, events: entryText(subject, events) })
      if (result.kind === 'appended') appended.notify()
      return result
    },
    readSubject: (subject) => read(() => ofSubject.all(subject).map(parse)),
    readAfter,
    lastSequence: () => read(() => last.get() ?? 0),
    follow: (sequence, signal) => followLog(readAfter, appended, sequence, signal),
    purge: async (subject, tombstone) => {
      const sequence = await writer.call('purge', { subject, tombstone: entryText(subject, [tombstone]) })
      appended.notify()
      return sequence
    },
  }
}
