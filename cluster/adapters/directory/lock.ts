import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { isSameProcessAlive, processIdentity } from './process-identity.ts'

const LOCK_FILE = 'signalbox.lock'
/** Writing a lock or taking it over lasts milliseconds; what is unfinished after this long was killed in the middle. */
const UNFINISHED_MS = 2_000
const RETRY_MS = 20
const ATTEMPTS = 300

const lockOwner = z.object({
  pid: z.int().positive(),
  /** See processIdentity. */
  process_identity: z.string().nullable(),
  /** Milliseconds since the epoch. */
  started_at: z.int(),
  shell: z.string(),
  /** Tells this hold from any other, also of the same process. */
  token: z.string(),
})
type LockOwner = z.infer<typeof lockOwner>

export interface DirectoryLock {
  /** Gives the directory free; does nothing the second time. */
  release(): Promise<void>
}

/** Somebody else has the data directory open. The message says who and since when. */
export class DirectoryInUseError extends Error {
  override readonly name = 'DirectoryInUseError'
  readonly pid: number
  readonly shell: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number

  constructor(directory: string, owner: { readonly pid: number; readonly shell: string; readonly started_at: number }) {
    const since = new Date(owner.started_at).toISOString()
    super(
      `${directory} is in use by Signalbox (${owner.shell}, process ${owner.pid}) since ${since}. Use that window, end that process, or choose another data directory.`,
    )
    this.pid = owner.pid
    this.shell = owner.shell
    this.startedAt = owner.started_at
  }
}

/**
 * Makes this process the owner of `directory` (created if missing) by a file that names it. Rejects with DirectoryInUseError while
 * another owner lives; a lock left by a dead process is taken over.
 */
export async function lockDirectory(options: {
  readonly directory: string
  /** What runs here, in words for people: `desktop window`, `server`. */
  readonly shell: string
  /** Milliseconds since the epoch. */
  readonly now: number
}): Promise<DirectoryLock> {
  const { directory, shell, now } = options
  const path = join(directory, LOCK_FILE)
  const process_identity = await processIdentity(process.pid)
  const mine: LockOwner = { pid: process.pid, process_identity, started_at: now, shell, token: randomUUID() }
  await mkdir(directory, { recursive: true })

  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await create(path, JSON.stringify(mine))) return { release: () => releaseLock(path, mine.token) }
    const owner = await readOwner(path)
    if (owner && (await isSameProcessAlive(owner.pid, owner.process_identity))) throw new DirectoryInUseError(directory, owner)
    await removeStale(path)
    await sleep(attempt === 0 ? 0 : RETRY_MS)
  }
  throw new Error(`${path} could not be taken over from a process that is gone. If no Signalbox runs, remove it and start again.`)
}

async function releaseLock(path: string, token: string): Promise<void> {
  if ((await readOwner(path))?.token === token) await rm(path, { force: true })
}

/**
 * Removes a lock whose owner is dead. Only the holder of a second lock may do so, and it looks once more: otherwise two processes
 * that saw the same dead owner could remove each other's new lock.
 */
async function removeStale(path: string): Promise<void> {
  const takeover = `${path}.takeover`
  if (!(await create(takeover, String(process.pid)))) {
    if ((await ageMs(takeover)) > UNFINISHED_MS) await rm(takeover, { force: true })
    return
  }
  try {
    const owner = await readOwner(path)
    const isStale = owner ? !(await isSameProcessAlive(owner.pid, owner.process_identity)) : (await ageMs(path)) > UNFINISHED_MS
    if (isStale) await rm(path, { force: true })
  } finally {
    await rm(takeover, { force: true })
  }
}

/** False if `path` is there already. */
async function create(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** The owner named in the lock; undefined if there is no lock, or none that can be read. */
async function readOwner(path: string): Promise<LockOwner | undefined> {
  try {
    return lockOwner.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Milliseconds since `path` was written; 0 if it is gone. */
async function ageMs(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0
    throw error
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
