import Database from 'better-sqlite3'
import { CorruptionError, UnavailableError } from '../../ports/errors.ts'
import type { ReadModel, TableName } from './read-model.ts'

/** Layout of the file itself; one of another layout is not touched. */
const LAYOUT = 1

/** One set of tables of a model. */
export interface TableSet {
  readonly name: string
  readonly version: number
  readonly sequence: number
  readonly isServing: boolean
}

/** Which tables exist, which serve, and how far each is folded: kept in the same file, so that rows and position commit together. */
export interface ModelStore {
  readonly db: Database.Database
  readonly reader: Database.Database
  tableSets(): readonly TableSet[]
  /** Makes empty tables for `model`, in place of those of the same version. */
  create(model: ReadModel<unknown>, isServing: boolean): void
  drop(set: Pick<TableSet, 'name' | 'version'>): void
  /** Call it in the transaction that changes the rows. */
  recordSequence(set: Pick<TableSet, 'name' | 'version'>, sequence: number): void
  /** From here on these tables serve, and all others of the model are gone. */
  promote(set: Pick<TableSet, 'name' | 'version'>): void
  close(): void
}

/** `deliberations` in version 3 calls its table `run` `deliberations_v3_run`. */
export function tableNames({ name, version }: Pick<TableSet, 'name' | 'version'>): TableName {
  return (table) => `${name}_v${version}_${table}`
}

/** Opens `file`, made if missing; its folder exists. */
export function openModelStore(file: string): ModelStore {
  const db = openOrExplain(file)
  // Nothing is lost if the last commits are: they are folded again.
  db.pragma('synchronous = NORMAL')
  const reader = new Database(file, { readonly: true, fileMustExist: true })

  const sets = db.prepare<[], { name: string; version: number; sequence: number; serving: number }>(
    'select name, version, sequence, serving from read_model',
  )
  const insert = db.prepare<[string, number, number]>(
    'insert into read_model (name, version, sequence, serving) values (?, ?, 0, ?)',
  )
  const remove = db.prepare<[string, number]>('delete from read_model where name = ? and version = ?')
  const record = db.prepare<[number, string, number]>('update read_model set sequence = ? where name = ? and version = ?')
  const serve = db.prepare<[string, number]>('update read_model set serving = 1 where name = ? and version = ?')
  const tablesOf = db
    .prepare<[{ prefix: string }], string>(
      `select name from sqlite_schema where type = 'table' and substr(name, 1, length(@prefix)) = @prefix`,
    )
    .pluck()

  const tableSets = () => sets.all().map(({ serving, ...set }) => ({ ...set, isServing: serving === 1 }))
  const drop: ModelStore['drop'] = (set) => {
    for (const table of tablesOf.all({ prefix: tableNames(set)('') })) db.exec(`drop table "${table}"`)
    remove.run(set.name, set.version)
  }

  return {
    db,
    reader,
    tableSets,
    create: db.transaction((model: ReadModel<unknown>, isServing: boolean) => {
      drop(model)
      db.exec(model.tables(tableNames(model)))
      insert.run(model.name, model.version, isServing ? 1 : 0)
    }),
    drop: db.transaction(drop),
    recordSequence: (set, sequence) => void record.run(sequence, set.name, set.version),
    promote: db.transaction((set: Pick<TableSet, 'name' | 'version'>) => {
      for (const other of tableSets()) if (other.name === set.name && other.version !== set.version) drop(other)
      serve.run(set.name, set.version)
    }),
    close: () => {
      reader.close()
      db.close()
    },
  }
}

function openOrExplain(file: string): Database.Database {
  let db: Database.Database | undefined
  try {
    db = new Database(file)
    db.pragma('journal_mode = WAL')
    const layout = Number(db.pragma('user_version', { simple: true }))
    if (layout > LAYOUT)
      throw new UnavailableError(
        `${file} was written by a newer Signalbox. Update Signalbox, or remove the file: it is rebuilt from the log.`,
      )
    db.exec(`
      create table if not exists read_model (
        name text not null,
        version integer not null,
        sequence integer not null,
        serving integer not null,
        primary key (name, version)
      ) strict, without rowid;
      pragma user_version = ${LAYOUT};
    `)
    return db
  } catch (error) {
    db?.close()
    throw explained(error, file)
  }
}

function explained(error: unknown, file: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error
  const { message, code } = error
  return /^SQLITE_(CORRUPT|NOTADB)/.test(code)
    ? new CorruptionError(`${file} is damaged (SQLite: ${message}). Remove it: it is rebuilt from the log.`, { cause: error })
    : new UnavailableError(`${file} cannot be opened (SQLite: ${message}). Check its folder, its rights and the disk.`, {
        cause: error,
      })
}
