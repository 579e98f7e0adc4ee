import type { BlobReference } from '../../messages/blob.ts'
import type { Blobs } from '../../ports/blobs.ts'
import { CorruptionError } from '../../ports/errors.ts'
import type { RunBlobs } from './run-blobs.ts'

/** A text over this travels as its beginning and a reference to the whole in the blob store. */
const INLINE_BYTES = 64 * 1024
/** No text of a run is longer: an answer over it counts as failed. */
export const MAX_TEXT_BYTES = 16 * 1024 * 1024
/** How much of a large text stands where it was, for whoever needs no more than that. */
const OPENING_CHARACTERS = 8_000
/** What one question for a large text brings. */
const PAGE_BYTES = 256 * 1024

/** A text as it travels: whole, or its beginning with `ref` for the whole. */
export interface TravellingText {
  readonly text: string
  readonly ref: BlobReference | undefined
}

/** A piece of a large text; `next` is the offset of the piece after it in bytes of UTF-8, null at the end. */
export interface TextPage {
  readonly text: string
  readonly next: number | null
}

export interface LargeTexts {
  shorten(taskId: string, text: string): Promise<TravellingText>
  /** The whole again. Rejects with a CorruptionError where the store no longer has it. */
  restore(text: string, ref: BlobReference | undefined): Promise<string>
  /** The part of a run's large text that begins at `offset`; undefined for what is not stored for that run. */
  page(taskId: string, sha256: string, offset: number): Promise<TextPage | undefined>
}

/** Large texts of runs, kept in the blob store. */
export function createLargeTexts(blobs: Blobs, owned: RunBlobs): LargeTexts {
  return {
    async shorten(taskId, text) {
      if (!isOver(text, INLINE_BYTES)) return { text, ref: undefined }
      return { text: openingOf(text), ref: await owned.put(taskId, new TextEncoder().encode(text)) }
    },
    async restore(text, ref) {
      return ref ? new TextDecoder().decode(await bytesFrom(blobs, ref.sha256, 0, Infinity)) : text
    },
    async page(taskId, sha256, offset) {
      if (!(await owned.has(taskId, sha256))) return undefined
      const bytes = await bytesFrom(blobs, sha256, offset, PAGE_BYTES + 1)
      const more = bytes.length > PAGE_BYTES
      const end = more ? beforeCharacter(bytes, PAGE_BYTES) : bytes.length
      const text = new TextDecoder().decode(bytes.subarray(0, end))
      return { text, next: more ? offset + end : null }
    },
  }
}

/** True for a text over `bytes` of UTF-8, which takes three for a character of a string at most. */
export function isOver(text: string, bytes: number): boolean {
  return text.length > bytes || (text.length * 3 > bytes && new TextEncoder().encode(text).length > bytes)
}

/** The beginning, not ending in half a character. */
function openingOf(text: string): string {
  const code = text.charCodeAt(OPENING_CHARACTERS - 1)
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? OPENING_CHARACTERS - 1 : OPENING_CHARACTERS)
}

/** The start of the character that the byte at `index` belongs to. */
function beforeCharacter(bytes: Uint8Array, index: number): number {
  let start = index
  while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1
  return start
}

async function bytesFrom(blobs: Blobs, sha256: string, offset: number, limit: number): Promise<Uint8Array> {
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
