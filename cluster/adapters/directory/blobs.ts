import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Blobs } from '../../ports/blobs.ts'
import { CorruptionError, UnavailableError } from '../../ports/errors.ts'

const SHA256 = /^[0-9a-f]{64}$/
const READ_BYTES = 120 * 1024

/** Blobs as files named by their digest, in 256 folders by its first byte. What an earlier process left half written is removed. */
export async function openDirectoryBlobs(directory: string): Promise<Blobs> {
  const incoming = join(directory, 'incoming')
  const folderOf = (sha256: string) => join(directory, sha256.slice(0, 2))
  const fileOf = (sha256: string) => join(folderOf(sha256), sha256)
  await rm(incoming, { recursive: true, force: true })
  await mkdir(incoming, { recursive: true })

  return {
    put: async (content) => {
      const temporary = join(incoming, randomUUID())
      try {
        const { sha256, size } = await write(temporary, content instanceof Uint8Array ? [content] : content)
        await mkdir(folderOf(sha256), { recursive: true })
        // Also over a copy that is there already: the content is the same, and a damaged copy is mended.
        await rename(temporary, fileOf(sha256))
        await syncFolder(folderOf(sha256))
        await syncFolder(directory)
        return { sha256, size }
      } catch (error) {
        await rm(temporary, { force: true })
        throw storeError(error, directory)
      }
    },

    get: async (sha256) => {
      if (!SHA256.test(sha256)) return undefined
      const isThere = (await sizeIfThere(fileOf(sha256))) !== undefined
      return isThere ? verified(fileOf(sha256), sha256) : undefined
    },

    read: async (sha256, offset, length) => (SHA256.test(sha256) ? await readPiece(fileOf(sha256), offset, length) : undefined),

    remove: async (sha256) => {
      if (!SHA256.test(sha256)) return false
      try {
        await rm(fileOf(sha256))
        return true
      } catch (error) {
        if (isMissing(error)) return false
        throw storeError(error, directory)
      }
    },

    usage: async () => {
      let count = 0
      let bytes = 0
      for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !SHA256.test(entry.name)) continue
        const size = await sizeIfThere(join(entry.parentPath, entry.name))
        if (size === undefined) continue
        count += 1
        bytes += size
      }
      return { count, bytes }
    },
  }
}

async function write(
  path: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256')
  const file = await open(path, 'wx')
  let size = 0
  try {
    for await (const piece of content) {
      hash.update(piece)
      await file.writeFile(piece)
      size += piece.length
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { sha256: hash.digest('hex'), size }
}

/** The content in pieces. The last one is held back until the digest is known to match, so that no reader takes damage for the whole. */
async function* verified(path: string, sha256: string): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256')
  let heldBack: Buffer | undefined
  for await (const piece of createReadStream(path, { highWaterMark: READ_BYTES }) as AsyncIterable<Buffer>) {
    hash.update(piece)
    if (heldBack) yield heldBack
    heldBack = piece
  }
  if (hash.digest('hex') !== sha256)
    throw new CorruptionError(
      `Blob ${sha256} is damaged: what is stored does not match its digest. Remove it and create it again.`,
    )
  if (heldBack) yield heldBack
}

/** Bytes from the middle of a file; undefined if it is not there. */
async function readPiece(path: string, offset: number, length: number): Promise<Uint8Array | undefined> {
  try {
    const file = await open(path)
    try {
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, (await file.stat()).size - offset)))
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, offset + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw storeError(error, path)
  }
}

async function sizeIfThere(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (isMissing(error)) return undefined
    throw storeError(error, path)
  }
}

/** Makes a rename durable; where folders cannot be synced (Windows) the file system sees to it. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT'
}

/** What the file system refused in the port's words; errors of the content's source are handed on as they are. */
function storeError(error: unknown, where: string): unknown {
  const code = codeOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new UnavailableError(`No room for the blob in ${where}. Free disk space and try again; nothing was stored.`, {
      cause: error,
    })
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'EIO')
    return new UnavailableError(`${where} cannot be read or written (${code}). Check its rights and the disk.`, { cause: error })
  return error
}
