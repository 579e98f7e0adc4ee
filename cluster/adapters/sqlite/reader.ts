import Database from 'better-sqlite3'
import { failureOf, storeError } from './failures.ts'

/** A read-only connection for short indexed reads on the caller's thread. */
export function openReader(file: string, busyTimeoutMs: number): Database.Database {
  try {
    return new Database(file, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs })
  } catch (error) {
    throw storeError(failureOf(error), file) ?? error
  }
}
