import type Database from 'better-sqlite3'
import type { LogEntry } from '../../ports/event-log.ts'
import { parseEntry } from '../local/entry-text.ts'
import type { StoredEntry } from '../local/entry-text.ts'
import { createRows } from './readable-rows.ts'
import { replaceDamaged } from './replace-damaged.ts'
import { contextMigrations } from './schema.ts'

/** What could be saved of a damaged database, and what could not. */
export interface Salvage {
  /** The damaged file, kept as it was found. */
  readonly copy: string
  readonly keptSubjects: number
  readonly keptEntries: number
  /** Subjects of which an entry could not be read: none of their entries were taken over. */
  readonly lostSubjects: readonly string[]
  /** Stretches of the log in which nothing could be read; subjects that lay wholly inside are not known. */
  readonly gaps: number
}

/**
 * Puts a new database with all that can still be read in the place of the damaged `file`, which is kept beside it. A subject comes
 * over whole or not at all: `isBeginning` tells the entries that a subject can begin with.
 */
export async function salvageDatabase(options: {
  readonly file: string
  /** In the name of the copy. */
  readonly stamp: string
  readonly isBeginning: (entry: LogEntry) => boolean
}): Promise<Salvage> {
  const { file, stamp, isBeginning } = options
  const { copy, taken } = await replaceDamaged({
    file,
    stamp,
    migrations: contextMigrations,
    fill: (source, target) => {
      if (!source || !hasLog(source)) return { keptSubjects: 0, keptEntries: 0, lostSubjects: [], gaps: 1 }
      const entries = takeEntries(source, target, isBeginning)
      takeItems(source, target)
      takeState(source, target)
      return entries
    },
  })
  return { copy, ...taken }
}

function hasLog(source: Database.Database): boolean {
  try {
    source.prepare('select sequence from entries limit 0').all()
    return true
  } catch {
    return false
  }
}

function takeEntries(
  source: Database.Database,
  target: Database.Database,
  isBeginning: (entry: LogEntry) => boolean,
): Omit<Salvage, 'copy'> {
  const insert = target.prepare<[number, string, string]>('insert into entries (sequence, subject, events) values (?, ?, ?)')
  const drop = target.prepare<[string]>('delete from entries where subject = ?')
  /** In which readable stretch each subject began. */
  const stretchOf = new Map<string, number>()
  const lost = new Set<string>()
  let stretch = 0
  for (const found of createRows<StoredEntry>(source, 'entries', 'sequence', ['subject', 'events']).all()) {
    const entry = found.kind === 'row' ? readable(found.row, source.name) : undefined
    if (found.kind === 'gap' || !entry) {
      stretch += 1
      if (found.kind === 'row') lost.add(found.row.subject)
      continue
    }
    const { sequence, subject } = entry
    // With no damage before it, the first entry of a subject is its beginning, whatever it is.
    if (!stretchOf.has(subject) && (stretch === 0 || isBeginning(entry))) stretchOf.set(subject, stretch)
    // Something between its beginning and this entry may be missing.
    if (stretchOf.get(subject) !== stretch) lost.add(subject)
    else insert.run(sequence, subject, found.row.events)
  }
  for (const subject of lost) drop.run(subject)
  const [kept] = target
    .prepare<[], { subjects: number; entries: number }>('select count(distinct subject) subjects, count(*) entries from entries')
    .all()
  return { keptSubjects: kept?.subjects ?? 0, keptEntries: kept?.entries ?? 0, lostSubjects: [...lost], gaps: stretch }
}

function readable(stored: StoredEntry, where: string): LogEntry | undefined {
  try {
    return parseEntry(stored, where)
  } catch {
    return undefined
  }
}

const ITEM_COLUMNS = ['queue', 'id', 'task_id', 'body', 'state', 'ready_at', 'lease', 'deliveries', 'reason', 'changed_at']

function takeItems(source: Database.Database, target: Database.Database): void {
  const insert = target.prepare(
    `insert or ignore into items (position, ${ITEM_COLUMNS.join(', ')}) values (@position, ${ITEM_COLUMNS.map((name) => `@${name}`).join(', ')})`,
  )
  for (const found of createRows<{ position: number }>(source, 'items', 'position', ITEM_COLUMNS).all())
    if (found.kind === 'row') insert.run(found.row)
}

/** Small state has no numbers to jump by: what lies before the first and behind the last damage is taken. */
function takeState(source: Database.Database, target: Database.Database): void {
  const insert = target.prepare<[{ key: string; value: string; revision: number }]>(
    'insert or ignore into state (key, value, revision) values (@key, @value, @revision)',
  )
  for (const order of ['asc', 'desc']) {
    try {
      const rows = source.prepare<[], { key: string; value: string; revision: number }>(
        `select key, value, revision from state order by key ${order}`,
      )
      for (const row of rows.iterate()) insert.run(row)
      break
    } catch {
      continue
    }
  }
  target.exec('update last_revision set revision = 1 + coalesce((select max(revision) from state), 0)')
}
