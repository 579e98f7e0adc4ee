import { createHash } from 'node:crypto'
import type { Blobs } from '../../ports/blobs.ts'
import { CorruptionError } from '../../ports/errors.ts'

/** Blobs that live as long as the process, in the map they are handed or their own. */
export function createMemoryBlobs(stored = new Map<string, Uint8Array>()): Blobs {
  return {
    put: async (content) => {
      const pieces: Uint8Array[] = []
      if (content instanceof Uint8Array) pieces.push(content)
      else for await (const piece of content) pieces.push(piece.slice())
      const whole = new Uint8Array(Buffer.concat(pieces))
      const sha256 = digest(whole)
      stored.set(sha256, whole)
      return { sha256, size: whole.length }
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- damage rejects, it does not throw
    get: async (sha256) => {
      const whole = stored.get(sha256)
      if (!whole) return undefined
      if (digest(whole) !== sha256) throw new CorruptionError(`Blob ${sha256} in memory does not match its digest.`)
      return piecesOf(whole)
    },
    read: (sha256, offset, length) => Promise.resolve(stored.get(sha256)?.slice(offset, offset + length)),
    remove: (sha256) => Promise.resolve(stored.delete(sha256)),
    usage: () => {
      const sizes = [...stored.values()].map((whole) => whole.length)
      return Promise.resolve({ count: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) })
    },
  }
}

function digest(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

async function* piecesOf(whole: Uint8Array): AsyncIterable<Uint8Array> {
  if (whole.length > 0) yield await Promise.resolve(whole.slice())
}
