import Database from 'better-sqlite3'
import { isJson } from './readable-rows.ts'

/** Up to this size a file is checked whenever it is opened: about 0.4 s for each 100 MB, in the thread that writes. */
const CHECKED_AT_OPEN_BYTES = 256 * 1024 * 1024

/** Throws as SQLite does where pages of the database, or texts in it, are damaged. Larger files are checked on demand only. */
export function checkAtOpen(db: Database.Database, store: 'context' | 'batches'): void {
  if (
    Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true })) >
    CHECKED_AT_OPEN_BYTES
  )
    return
  const [problem] = [...damagedPages(db, 'quick_check', 1), ...(store === 'context' ? damagedEntries(db, 1) : damagedAnswers(db))]
  if (problem !== undefined) throw new Database.SqliteError(problem, 'SQLITE_CORRUPT')
}

/** Everything that is wrong with the file, in SQLite's words; empty for a sound one. Takes about 0.5 s for each 100 MB. */
export function checkThoroughly(db: Database.Database): readonly string[] {
  return [...damagedPages(db, 'integrity_check', 100), ...damagedEntries(db, 100)]
}

function damagedPages(db: Database.Database, check: 'quick_check' | 'integrity_check', most: number): string[] {
  return db
    .prepare<[], string>(`pragma ${check}(${most})`)
    .pluck()
    .all()
    .filter((line) => line !== 'ok')
}

/** Entries whose text is no list of events: SQLite itself does not look into texts. */
function damagedEntries(db: Database.Database, most: number): string[] {
  return db
    .prepare<[number], { sequence: number; subject: string }>(
      `select sequence, subject from entries
       where case when json_valid(events) then json_type(events) <> 'array' or json_array_length(events) = 0 else true end limit ?`,
    )
    .all(most)
    .map(({ sequence, subject }) => `entry ${sequence} (${subject}) is no list of events`)
}

/** Answers that are no JSON: only JSON is ever stored as one. */
function damagedAnswers(db: Database.Database): string[] {
  // SQLite's own function is faster, and stricter about depth.
  db.function('parses', { deterministic: true }, (text) => Number(isJson(String(text))))
  return db
    .prepare<[], number>(
      `select place from outcomes where error_code is null and not coalesce(json_valid(body) or parses(body), 0) limit 1`,
    )
    .pluck()
    .all()
    .map((place) => `the answer at ${place} is no JSON`)
}
