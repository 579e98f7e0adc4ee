import Database from 'better-sqlite3'
import { failureOf, storeError } from './failures.ts'

/** Of a connection's own: by default each takes up to 16 MB as its file grows, of pages that the machine keeps in memory as well. */
export const SMALL_CACHE = 'cache_size = -4000'

/** A read-only connection for short indexed reads on the caller's thread. */
export function openReader(file: string, busyTimeoutMs: number): Database.Database {
  try {
    const db = new Database(file, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs })
    db.pragma(SMALL_CACHE)
    return db
  } catch (error) {
    throw storeError(failureOf(error), file) ?? error
  }
}
