import type { Blobs } from '../../ports/blobs.ts'
import { CorruptionError } from '../../ports/errors.ts'

/** Up to `limit` bytes of a blob from `offset`. Rejects with a CorruptionError where the store has it no longer, or not as it was. */
export async function bytesFrom(blobs: Blobs, sha256: string, offset = 0, limit = Infinity): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let [position, taken] = [0, 0]
  for await (const piece of await stored(blobs, sha256)) {
    const wanted = piece.subarray(Math.max(0, offset - position), Math.max(0, offset + limit - position))
    position += piece.length
    taken += wanted.length
    pieces.push(wanted)
    if (taken >= limit) break
  }
  const whole = new Uint8Array(taken)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

async function stored(blobs: Blobs, sha256: string): Promise<AsyncIterable<Uint8Array>> {
  const pieces = await blobs.get(sha256)
  if (pieces) return pieces
  throw new CorruptionError(`The text with the SHA-256 ${sha256} is no longer in the blob store. Put its file back from a copy.`)
}
