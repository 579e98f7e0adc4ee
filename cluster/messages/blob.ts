import * as z from 'zod'

/** A large thing kept in the blob store: size in bytes and the SHA-256 of the content in hex. */
export const blobReference = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative() })
export type BlobReference = z.infer<typeof blobReference>

/**
 * Beside a text over 64 kB: the whole of it, as UTF-8 in the blob store; the text itself is then its beginning. Absent where the text
 * is whole.
 */
export const wholeText = blobReference.optional()
