import Database from 'better-sqlite3'
import { existsSync } from 'node:fs'
import { copyFile, open, rename, rm, truncate } from 'node:fs/promises'
import { migrate } from './schema.ts'

export interface Replacement<Taken> {
  readonly file: string
  /** In the name of the copy. */
  readonly stamp: string
  readonly migrations: readonly string[]
  /** Before anything is written to the new file. */
  readonly prepare?: (target: Database.Database) => void
  /** Takes over what can be read, in one transaction. `source`: undefined where the file is no database at all. */
  readonly fill: (source: Database.Database | undefined, target: Database.Database) => Taken
  /** Before the new file takes the place of the damaged one. */
  readonly onFilled?: (taken: Taken, copy: string) => Promise<void>
}

/**
 * Puts a new database in the place of the damaged `file`, which is kept beside it as it was found. Killed at any moment, the next call or
 * `finishSalvage` goes on from where it was.
 */
export async function replaceDamaged<Taken>(
  options: Replacement<Taken>,
): Promise<{ readonly copy: string; readonly taken: Taken }> {
  const { file, stamp, migrations, prepare, fill, onFilled } = options
  const copy = `${file.replace(/\.db$/, '')}.damaged-${stamp}.db`
  const fresh = freshName(file)
  await removeDatabase(fresh)
  const whole = await atFullLength(file)
  const target = new Database(fresh)
  let taken: Taken
  try {
    prepare?.(target)
    migrate(target, fresh, migrations)
    taken = withSource(whole, (source) => target.transaction(() => fill(source, target))())
  } finally {
    target.close()
    if (whole !== file) await removeDatabase(whole)
  }
  await onFilled?.(taken, copy)
  for (const suffix of ['', '-wal', '-shm']) if (existsSync(file + suffix)) await rename(file + suffix, copy + suffix)
  await rename(fresh, file)
  return { copy, taken }
}

/** Completes what a salvage that was killed between its last two steps left behind. */
export async function finishSalvage(file: string): Promise<void> {
  if (existsSync(file) || !existsSync(freshName(file))) return
  for (const suffix of ['-wal', '-shm']) await rm(file + suffix, { force: true })
  await rename(freshName(file), file)
}

const freshName = (file: string) => `${file}.salvage`

async function removeDatabase(file: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(file + suffix, { force: true })
}

/** SQLite opens no file that is shorter than its header says: one that lost its tail is read from a copy with an empty tail. */
async function atFullLength(file: string): Promise<string> {
  const handle = await open(file, 'r')
  const header = Buffer.alloc(100)
  const { bytesRead } = await handle.read(header, 0, header.length, 0)
  const { size } = await handle.stat()
  await handle.close()
  if (bytesRead < header.length || !header.toString('latin1').startsWith('SQLite format 3')) return file
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16)
  const length = header.readUInt32BE(28) * pageBytes
  if (size >= length) return file
  const whole = `${file}.lengthened`
  await removeDatabase(whole)
  await copyFile(file, whole)
  if (existsSync(`${file}-wal`)) await copyFile(`${file}-wal`, `${whole}-wal`)
  await truncate(whole, length)
  return whole
}

function withSource<R>(file: string, act: (source: Database.Database | undefined) => R): R {
  const source = openIfDatabase(file)
  try {
    return act(source)
  } finally {
    source?.close()
  }
}

function openIfDatabase(file: string): Database.Database | undefined {
  let db: Database.Database | undefined
  try {
    db = new Database(file, { readonly: true, fileMustExist: true })
    db.prepare('select name from sqlite_schema limit 1').all()
    return db
  } catch {
    db?.close()
    return undefined
  }
}
