import type Database from 'better-sqlite3'
import { checkThoroughly } from './integrity.ts'
import type { Handlers, LogSteps } from './writer-protocol.ts'

/** The log's writes over an open database. */
export function createLogSteps(db: Database.Database): Handlers<LogSteps> {
  // The cast keeps SQLite from planning the query anew for every subject (its STAT4 looks at bare parameters): 1.5 µs, not 7.
  const last = db
    .prepare<[string], number>('select sequence from entries where subject = cast(? as text) order by sequence desc limit 1')
    .pluck()
  const insert = db.prepare<[string, string]>('insert into entries (subject, events) values (?, ?)')
  const removeOlder = db.prepare<[string, number]>('delete from entries where subject = ? and sequence < ?')

  function store(subject: string, events: string): number {
    return Number(insert.run(subject, events).lastInsertRowid)
  }

  return {
    append: ({ subject, expected, events }) => {
      const actual = last.get(subject) ?? 0
      return actual === expected ? { kind: 'appended', sequence: store(subject, events) } : { kind: 'conflict', actual }
    },
    // The tombstone goes in first: it is the newest row, so no sequence is ever given twice.
    purge: ({ subject, tombstone }) => {
      const sequence = store(subject, tombstone)
      removeOlder.run(subject, sequence)
      return sequence
    },
    check: () => checkThoroughly(db),
  }
}
