import type Database from 'better-sqlite3'

/** A slice of about 5 ms: no write waits longer for it. */
const SLICE_PAGES = 200
const IDLE_MS = 200
const ON_BUSY_MS = 10_000
/** An older file up to this size is rewritten once, in about 1.5 s for each 100 MB. */
const REWRITTEN_BYTES = 256 * 1024 * 1024
const INCREMENTAL = 2

/**
 * Lets free pages of a new file be given back bit by bit; call it before anything is written. A whole `vacuum` would copy the file and
 * hold up every write for as long as that takes, again after each purge; this costs one page of bookkeeping for each 800.
 */
export function keepFreePagesApart(db: Database.Database): void {
  db.pragma('auto_vacuum = INCREMENTAL')
}

/** Rewrites a sound file that was made before that. */
export function rewriteOlder(db: Database.Database): void {
  if (Number(db.pragma('auto_vacuum', { simple: true })) === INCREMENTAL) return
  const bytes = Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }))
  if (bytes > REWRITTEN_BYTES) return
  try {
    db.exec('vacuum')
  } catch {
    // No room for a second copy: free pages are then used again, but not given back.
  }
}

/** Gives free pages back to the disk while nothing else is to be done. */
export function createTidying(db: Database.Database): { later(): void; stop(): void } {
  const free = db.prepare<[], number>('pragma freelist_count').pluck()
  let timer: NodeJS.Timeout | undefined

  function slice(): void {
    timer = undefined
    try {
      if ((free.get() ?? 0) === 0) return
      db.pragma(`incremental_vacuum(${SLICE_PAGES})`)
      if ((free.get() ?? 0) > 0) return later(0)
      // The file shrinks when the write-ahead file is folded into it.
      db.pragma('wal_checkpoint(PASSIVE)')
    } catch {
      later(ON_BUSY_MS)
    }
  }

  function later(delayMs: number): void {
    clearTimeout(timer)
    timer = setTimeout(slice, delayMs)
  }

  return { later: () => later(IDLE_MS), stop: () => clearTimeout(timer) }
}
