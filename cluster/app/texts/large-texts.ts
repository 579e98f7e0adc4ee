import type { BlobReference } from '../../messages/blob.ts'
import type { Blobs } from '../../ports/blobs.ts'
import type { RunBlobs } from './run-blobs.ts'
import { bytesFrom } from './stored-bytes.ts'

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
      return ref ? new TextDecoder().decode(await bytesFrom(blobs, ref.sha256)) : text
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
