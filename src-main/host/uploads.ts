import { randomUUID } from 'node:crypto'
import { open, mkdir, rm, type FileHandle } from 'node:fs/promises'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { ConsoleError } from '../../src-preload/contract/errors.ts'

interface Upload {
  readonly filename: string
  readonly bytes: number
  readonly path: string
  readonly handle: FileHandle
  received: number
  touchedAt: number
  /** Chunks of one upload are written one after the other. */
  last: Promise<unknown>
}

/** Files that a page sends in chunks, kept in a folder of their own until they are whole. */
export interface Uploads {
  begin(filename: string, bytes: number): Promise<string>
  /** Resolves to the bytes received so far; a chunk that was received before changes nothing. */
  append(uploadId: string, offset: number, chunk: Uint8Array): Promise<number>
  /** Hands over the whole content, once; what comes of it or not, the upload is gone afterwards. */
  finish<T>(uploadId: string, take: (file: { filename: string; content: AsyncIterable<Uint8Array> }) => Promise<T>): Promise<T>
  abandon(uploadId: string): Promise<void>
  stop(): Promise<void>
}

const IDLE_MS = 600_000
const MAX_OPEN = 8

/** `folder` is emptied: what an earlier process left there is of no use. */
export async function openUploads(folder: string): Promise<Uploads> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const uploads = new Map<string, Upload>()
  const sweep = setInterval(() => {
    for (const [id, upload] of uploads) if (Date.now() - upload.touchedAt > IDLE_MS) void drop(id)
  }, 60_000)
  sweep.unref()

  function find(uploadId: string): Upload {
    const upload = uploads.get(uploadId)
    if (!upload) throw new ConsoleError('not-found', 'This upload is not open any more; send the file again.')
    upload.touchedAt = Date.now()
    return upload
  }

  async function drop(uploadId: string): Promise<void> {
    const upload = uploads.get(uploadId)
    if (!upload) return
    uploads.delete(uploadId)
    await upload.last.catch(() => undefined)
    await upload.handle.close()
    await rm(upload.path, { force: true })
  }

  async function write(upload: Upload, offset: number, chunk: Uint8Array): Promise<number> {
    if (offset + chunk.length <= upload.received) return upload.received
    if (offset !== upload.received)
      throw new ConsoleError(
        'conflict',
        `The next chunk begins at byte ${upload.received}, not at ${offset}; send the file again.`,
      )
    if (offset + chunk.length > upload.bytes)
      throw new ConsoleError('invalid-input', `The file is longer than the ${upload.bytes} bytes it was announced with.`)
    await upload.handle.write(chunk, 0, chunk.length, offset)
    upload.received += chunk.length
    return upload.received
  }

  return {
    async begin(filename, bytes) {
      if (uploads.size >= MAX_OPEN)
        throw new ConsoleError('overloaded', `${MAX_OPEN} files are being sent already.`, { retry_after_ms: 5000 })
      const id = randomUUID()
      const path = join(folder, id)
      const handle = await open(path, 'wx', 0o600)
      uploads.set(id, { filename, bytes, path, handle, received: 0, touchedAt: Date.now(), last: Promise.resolve() })
      return id
    },
    async append(uploadId, offset, chunk) {
      const upload = find(uploadId)
      const written = upload.last.then(() => write(upload, offset, chunk))
      upload.last = written.catch(() => undefined)
      return await written
    },
    async finish(uploadId, take) {
      const upload = find(uploadId)
      await upload.last
      if (upload.received !== upload.bytes)
        throw new ConsoleError('conflict', `${upload.received} of ${upload.bytes} bytes have come; send the rest first.`)
      try {
        return await take({ filename: upload.filename, content: createReadStream(upload.path) })
      } finally {
        await drop(uploadId)
      }
    },
    abandon: drop,
    async stop() {
      clearInterval(sweep)
      await Promise.all([...uploads.keys()].map(drop))
    },
  }
}
