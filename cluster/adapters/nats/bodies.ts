import type { MsgHdrs } from 'nats.ws'
import { text as textOf } from 'node:stream/consumers'
import { blobReference } from '../../messages/blob.ts'
import type { BlobReference } from '../../messages/blob.ts'
import type { Blobs } from '../../ports/blobs.ts'
import { CorruptionError } from '../../ports/errors.ts'

/** Bodies of messages: small ones travel in the message, larger ones in a bucket that forgets them after some days. */
export interface Bodies {
  /** Where the text travels: `reference` if it is too large for the message. */
  pack(text: string): Promise<{ readonly inline: Uint8Array; readonly reference: BlobReference | undefined }>
  /** The text of a message; rejects with CorruptionError if it is no longer there. */
  unpack(data: Uint8Array, reference: BlobReference | undefined): Promise<string>
  remove(reference: BlobReference): Promise<boolean>
}

const INLINE_BYTES = 64 * 1024
const BODY_HEADER = 'Signalbox-Body'
const SIZE_HEADER = 'Signalbox-Body-Size'

export function createBodies(bucket: Blobs): Bodies {
  const decoder = new TextDecoder()
  return {
    pack: async (text) => {
      const bytes = new TextEncoder().encode(text)
      if (bytes.length <= INLINE_BYTES) return { inline: bytes, reference: undefined }
      return { inline: new Uint8Array(), reference: await bucket.put(bytes) }
    },
    unpack: async (data, reference) => {
      if (!reference) return decoder.decode(data)
      const pieces = await bucket.get(reference.sha256)
      if (!pieces) throw new CorruptionError(`The body ${reference.sha256} of a message is no longer stored.`)
      return textOf(pieces)
    },
    remove: (reference) => bucket.remove(reference.sha256),
  }
}

/** Headers that say where a message's body is. */
export function bodyHeaders(reference: BlobReference | undefined): Readonly<Record<string, string>> {
  return reference ? { [BODY_HEADER]: reference.sha256, [SIZE_HEADER]: String(reference.size) } : {}
}

/** Where a message's body is if it is not in the message. */
export function bodyOf(headers: MsgHdrs | undefined): BlobReference | undefined {
  const sha256 = headers?.get(BODY_HEADER)
  return sha256 ? blobReference.parse({ sha256, size: Number(headers?.get(SIZE_HEADER)) }) : undefined
}
