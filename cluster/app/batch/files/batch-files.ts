import * as z from 'zod'
import { storedFile } from '../../../messages/batch.ts'
import type { StoredFile } from '../../../messages/batch.ts'
import type { Blobs } from '../../../ports/blobs.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { SmallState } from '../../../ports/small-state.ts'
import { refuse } from '../../refusal.ts'
import type { BatchFiles } from '../../../ports/batches.ts'

/** What an input file may take. */
export const MAX_FILE_BYTES = 200 * 1024 * 1024
const MAX_NAME = 255
/** How long a draft waits for a batch. */
const DRAFT_MS = 86_400_000

const FILES = 'file.'
const keyOf = (fileId: string): string => FILES + fileId

/** Input and result files, with what only the plane itself does to them. */
export interface KeptFiles extends BatchFiles {
  /**
   * Stores what a batch left, of any size. `id` may be chosen, so that a second writing after a crash takes the place of the first.
   * Rejects with whatever `content` or the store throws.
   */
  store(file: {
    readonly id?: string
    readonly filename: string
    readonly tenant: string
    readonly content: AsyncIterable<Uint8Array>
    /** Milliseconds since the epoch; null = kept. */
    readonly expiresAt: number | null
  }): Promise<StoredFile>
  /** Removes files whose time is over and drafts that no batch took, unless something still needs them. Resolves to how many. */
  sweep(): Promise<number>
}

/**
 * Files over a blob store of their own and small state (`file.ID`). `neededBy` says in words what needs a file, such as "batch
 * nightly"; undefined if nothing does. `isUsed`: whether a batch names a file, also one that has ended.
 */
export function createBatchFiles(ports: {
  readonly blobs: Blobs
  readonly state: SmallState
  readonly clock: Clock
  readonly neededBy: (fileId: string) => Promise<string | undefined>
  readonly isUsed: (fileId: string) => Promise<boolean>
}): KeptFiles {
  const { blobs, state, clock, neededBy, isUsed } = ports
  let last: Promise<unknown> = Promise.resolve()

  /** One change of what is kept after the other: a blob must not go while a file of the same bytes comes. */
  function alone<T>(act: () => Promise<T>): Promise<T> {
    const done = last.then(act)
    last = done.catch(() => undefined)
    return done
  }

  async function get(fileId: string): Promise<StoredFile | undefined> {
    const entry = await state.get(keyOf(fileId))
    return entry && storedFile.parse(entry.value)
  }

  async function list(): Promise<StoredFile[]> {
    const files = z.array(storedFile).parse((await state.list(FILES)).map(({ value }) => value))
    return files.sort((a, b) => b.created_at - a.created_at)
  }

  async function dropBlob(sha256: string): Promise<void> {
    const isShared = (await list()).some(({ content }) => content.sha256 === sha256)
    if (!isShared) await blobs.remove(sha256)
  }

  /** Enters a file whose bytes are stored; undefined if they went with another file in the meantime. */
  function enter(file: StoredFile): Promise<StoredFile | undefined> {
    return alone(async () => {
      if (!(await blobs.read(file.content.sha256, 0, 1))) return undefined
      const before = await get(file.id)
      await state.put(keyOf(file.id), file, 'any')
      if (before && before.content.sha256 !== file.content.sha256) await dropBlob(before.content.sha256)
      return file
    })
  }

  function drop(file: StoredFile): Promise<void> {
    return alone(async () => {
      await state.remove(keyOf(file.id))
      await dropBlob(file.content.sha256)
    })
  }

  async function isOver(file: StoredFile): Promise<boolean> {
    const now = clock.now()
    if (file.expires_at !== null && file.expires_at <= now) return (await neededBy(file.id)) === undefined
    return file.draft === true && file.created_at + DRAFT_MS <= now && !(await isUsed(file.id))
  }

  return {
    async create({ filename, tenant, content, isDraft = false }) {
      try {
        const reference = await blobs.put(asUpload(content))
        const named = { id: newId(), filename: filename.trim().slice(0, MAX_NAME) || 'input.jsonl', purpose: 'batch' as const }
        const file = await enter({
          ...named,
          tenant,
          content: reference,
          created_at: clock.now(),
          expires_at: null,
          ...(isDraft && { draft: true }),
        })
        return (
          file ?? refuse('conflict', 'A file with the same content was removed while this one was uploaded. Upload it again.')
        )
      } catch (fault) {
        if (fault instanceof UploadRefused) return refuse('invalid-input', fault.message, { field: 'file' })
        throw fault
      }
    },
    async expireAt(fileId, at) {
      const file = await get(fileId)
      return file && (await enter({ ...file, expires_at: at }))
    },
    get,
    list,
    async remove(fileId) {
      const file = await get(fileId)
      if (!file) return refuse('not-found', `There is no file ${fileId}.`)
      const who = await neededBy(fileId)
      if (who !== undefined)
        return refuse('conflict', `${file.filename} is needed by ${who}. Cancel it or wait for its end, then remove the file.`)
      await drop(file)
      return { kind: 'removed' }
    },
    async content(fileId) {
      const file = await get(fileId)
      return file && (await blobs.get(file.content.sha256))
    },
    async store({ id = newId(), filename, tenant, content, expiresAt }) {
      const reference = await blobs.put(content)
      const about = { id, filename, tenant, purpose: 'batch_output' as const, content: reference }
      const file = await enter({ ...about, created_at: clock.now(), expires_at: expiresAt })
      if (!file) throw new Error(`The content of ${filename} was removed while it was stored. Store it again.`)
      return file
    },
    async sweep() {
      let removed = 0
      for (const file of await list()) {
        if (!(await isOver(file))) continue
        await drop(file)
        removed += 1
      }
      return removed
    },
  }
}

function newId(): string {
  return `file-${crypto.randomUUID().replaceAll('-', '')}`
}

/** An upload that is not taken; its message is for whoever uploads. */
class UploadRefused extends Error {}

/** The bytes of an upload; breaks off where they are too many, none, or cut off, so that the store keeps nothing. */
async function* asUpload(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let bytes = 0
  const source = content[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await source.next().catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new UploadRefused(`The upload was cut off after ${bytes} bytes (${reason}); nothing was kept. Upload it again.`)
      })
      if (next.done) break
      bytes += next.value.length
      if (bytes > MAX_FILE_BYTES)
        throw new UploadRefused(`The file is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB. Split it into several batches.`)
      yield next.value
    }
    if (bytes === 0) throw new UploadRefused('The file is empty: it needs at least one line with a request.')
  } finally {
    await source.return?.()
  }
}
