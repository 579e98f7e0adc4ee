import type { BlobReference } from '../messages/blob.ts'

/** Large immutable bytes, addressed by their SHA-256. */
export interface Blobs {
  /** Streams `content` to the store; durable when it resolves. */
  put(content: AsyncIterable<Uint8Array> | Uint8Array): Promise<BlobReference>
  /**
   * The bytes in order, in pieces that are the reader's to keep or to give away; undefined for an unknown reference. Rejects if what is stored
   * does not match its digest.
   */
  get(sha256: string): Promise<AsyncIterable<Uint8Array> | undefined>
  /**
   * `length` bytes from `offset`, fewer at the end; undefined for an unknown reference. Not held against the digest, which is of the
   * whole: whoever reads pieces has read the whole once, or checks them by other means.
   */
  read(sha256: string, offset: number, length: number): Promise<Uint8Array | undefined>
  remove(sha256: string): Promise<boolean>
  /** Number and total size in bytes. */
  usage(): Promise<{ readonly count: number; readonly bytes: number }>
}
