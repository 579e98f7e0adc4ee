import type Database from 'better-sqlite3'
import { CorruptionError, UnavailableError } from '../../ports/errors.ts'

/** What is known of an error on the other side of a thread. `code` is SQLite's, such as `SQLITE_FULL`. */
export interface Failure {
  readonly code: string | null
  readonly message: string
}

/** What can be done where a damaged file is left as it is. */
export const DAMAGE_ADVICE = 'Restore it from a copy, or move it away to start empty. Nothing was changed.'

/** What went wrong, in a form that can be sent between threads. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: null, message: String(error) }
  return { code: 'code' in error && typeof error.code === 'string' ? error.code : null, message: error.message }
}

/** A failure of the store in words that say what, where and what to do; undefined if it is not the store's. */
export function storeError({ code, message }: Failure, file: string): Error | undefined {
  const said = `(SQLite: ${message}).`
  switch (code?.split('_')[1] ?? '') {
    case 'CORRUPT':
    case 'NOTADB':
      return new CorruptionError(`The database ${file} is damaged ${said} ${DAMAGE_ADVICE}`)
    case 'FULL':
      return new UnavailableError(
        `No room to write to ${file} ${said} Free disk space and try again. Nothing of this write was stored.`,
      )
    case 'BUSY':
    case 'LOCKED':
      return new UnavailableError(`${file} is locked by another program ${said} Close what has it open and try again.`)
    case 'READONLY':
    case 'PERM':
    case 'AUTH':
      return new UnavailableError(
        `${file} may not be written ${said} Check the rights of the file, its folder and the file system.`,
      )
    case 'CANTOPEN':
      return new UnavailableError(`${file} cannot be opened ${said} Check that its folder exists and may be written.`)
    case 'IOERR':
    case 'NOLFS':
    case 'PROTOCOL':
    case 'NOMEM':
      return new UnavailableError(`Reading or writing ${file} failed ${said} Check the disk and try again.`)
    case 'TOOBIG':
      return new RangeError(`A value is too large for ${file} ${said}`)
    default:
      return undefined
  }
}

/** Runs a query of `reader` and says its failures in the port's errors. */
export function reading<R>(reader: Database.Database, query: () => R): Promise<R> {
  return new Promise((resolve) => {
    if (!reader.open) throw new UnavailableError(`${reader.name} is closed.`)
    try {
      resolve(query())
    } catch (error) {
      throw storeError(failureOf(error), reader.name) ?? error
    }
  })
}
