import type Database from 'better-sqlite3'
import type { Handlers, StateSteps } from './writer-protocol.ts'

/** Small state's writes over an open database. */
export function createStateSteps(db: Database.Database): Handlers<StateSteps> {
  const current = db.prepare<[string], number>('select revision from state where key = ?').pluck()
  const next = db.prepare<[], number>('update last_revision set revision = revision + 1 returning revision').pluck()
  const upsert = db.prepare<[string, string, number]>('insert or replace into state (key, value, revision) values (?, ?, ?)')
  const remove = db.prepare<[string]>('delete from state where key = ?')

  return {
    put: ({ key, value, expected }) => {
      const actual = current.get(key) ?? 0
      if (expected !== 'any' && expected !== actual) return { kind: 'conflict', actual }
      const revision = next.get() ?? 0
      upsert.run(key, value, revision)
      return { kind: 'stored', revision }
    },
    remove: ({ key }) => remove.run(key).changes > 0,
  }
}
