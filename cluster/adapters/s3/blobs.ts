import { createHash, randomUUID } from 'node:crypto'
import { S3mini, S3NetworkError, S3ServiceError } from 's3mini'
import type { Blobs } from '../../ports/blobs.ts'
import { CorruptionError, UnavailableError } from '../../ports/errors.ts'

const SHA256 = /^[0-9a-f]{64}$/
/** What is held of an upload at a time; S3 takes parts from 5 MB on. */
const PART_BYTES = 8 * 1024 * 1024
const REFUSED: readonly number[] = [401, 403]
/** Some servers say 404 to a key that they do not know. */
const KEY_UNKNOWN = /UserNotFound|InvalidAccessKeyId/

export interface S3Options {
  /** Such as `https://s3.example.org`, without the bucket. */
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  readonly accessKey: string
  readonly secretKey: string
}

/**
 * Blobs as objects named by their digest in a bucket that is there already. The digest is known at the end of an upload only, so a long
 * one goes to `incoming/` first and is copied within the store.
 */
export function createS3Blobs(options: S3Options): Blobs {
  const { endpoint, bucket, region } = options
  const where = `${endpoint.replace(/\/$/, '')}/${bucket}`
  const s3 = new S3mini({ endpoint: where, region, accessKeyId: options.accessKey, secretAccessKey: options.secretKey })

  /** Does one thing in the store and says its failures in the port's errors. */
  async function at<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      throw storeError(error, where, bucket)
    }
  }

  const exists = (key: string) => at(async () => (await s3.objectExists(key)) === true)

  /** The object's content, or a part of it; undefined where there is none. */
  function open(sha256: string, part?: { from: number; to: number }): Promise<Response | undefined> {
    return at(async () => {
      try {
        const reply = part ? await s3.getObjectRaw(sha256, false, part.from, part.to) : await s3.getObjectRaw(sha256)
        return reply.ok ? reply : undefined
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    })
  }

  async function* verified(sha256: string, reply: Response): AsyncIterable<Uint8Array> {
    const hash = createHash('sha256')
    // Held back until the digest is known to match, so that no reader takes damage for the whole.
    let heldBack: Uint8Array | undefined
    const reader = reply.body?.getReader()
    try {
      for (;;) {
        const piece = await at(async () => await reader?.read())
        if (!piece || piece.done) break
        hash.update(piece.value)
        if (heldBack) yield heldBack
        heldBack = piece.value
      }
    } finally {
      await reader?.cancel().catch(() => undefined)
    }
    if (hash.digest('hex') !== sha256)
      throw new CorruptionError(
        `Blob ${sha256} in ${where} is damaged: its content does not match its digest. Remove it and create it again.`,
      )
    if (heldBack) yield heldBack
  }

  async function putParts(
    parts: AsyncIterator<Buffer>,
    first: Buffer,
    second: Buffer,
  ): Promise<{ sha256: string; size: number }> {
    const key = `incoming/${randomUUID()}`
    const upload = await at(() => s3.getMultipartUploadId(key))
    const hash = createHash('sha256')
    let size = 0
    try {
      const stored: Awaited<ReturnType<typeof s3.uploadPart>>[] = []
      const store = async (part: Buffer) => {
        hash.update(part)
        size += part.length
        stored.push(await at(() => s3.uploadPart(key, upload, part, stored.length + 1)))
      }
      await store(first)
      await store(second)
      for (let next = await parts.next(); !next.done; next = await parts.next()) await store(next.value)
      await at(() => s3.completeMultipartUpload(key, upload, stored))
    } catch (error) {
      // Best effort: the store's own rules for unfinished uploads see to what is left where it cannot be reached.
      await s3.abortMultipartUpload(key, upload).catch(() => undefined)
      throw error
    }
    const sha256 = hash.digest('hex')
    await at(() => s3.copyObject(key, sha256))
    await at(() => s3.deleteObject(key))
    return { sha256, size }
  }

  return {
    put: async (content) => {
      const parts = inParts(content instanceof Uint8Array ? [content] : content)[Symbol.asyncIterator]()
      const first = await parts.next()
      const second = await parts.next()
      if (!first.done && !second.done) return await putParts(parts, first.value, second.value)
      const whole: Buffer = first.done ? Buffer.alloc(0) : first.value
      const sha256 = createHash('sha256').update(whole).digest('hex')
      await at(() => s3.putObject(sha256, whole))
      return { sha256, size: whole.length }
    },
    get: async (sha256) => {
      const reply = SHA256.test(sha256) ? await open(sha256) : undefined
      return reply && verified(sha256, reply)
    },
    read: async (sha256, offset, length) => {
      if (!SHA256.test(sha256)) return undefined
      if (length === 0) return (await exists(sha256)) ? new Uint8Array() : undefined
      try {
        const reply = await open(sha256, { from: offset, to: offset + length })
        return reply && new Uint8Array(await at(() => reply.arrayBuffer()))
      } catch (error) {
        if (isBeyondEnd(error)) return new Uint8Array()
        throw error
      }
    },
    remove: async (sha256) => {
      if (!SHA256.test(sha256) || !(await exists(sha256))) return false
      return await at(() => s3.deleteObject(sha256))
    },
    usage: async () => {
      let count = 0
      let bytes = 0
      let token: string | undefined
      do {
        const page = await at(() => s3.listObjectsPaged('/', '', 1_000, token))
        for (const { Key, Size } of page?.objects ?? []) {
          if (!SHA256.test(Key)) continue
          count += 1
          bytes += Number.parseInt(String(Size), 10)
        }
        token = page?.nextContinuationToken
      } while (token)
      return { count, bytes }
    },
  }
}

/** The same bytes in parts of PART_BYTES, the last one shorter. */
async function* inParts(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncIterable<Buffer> {
  let pieces: Uint8Array[] = []
  let filled = 0
  for await (const piece of content)
    for (let start = 0; start < piece.length;) {
      const part = piece.subarray(start, start + PART_BYTES - filled)
      pieces.push(part.slice())
      filled += part.length
      start += part.length
      if (filled < PART_BYTES) continue
      yield Buffer.concat(pieces)
      pieces = []
      filled = 0
    }
  if (filled > 0) yield Buffer.concat(pieces)
}

/** The store's own refusal, however deep the client wrapped it. */
function refusalIn(error: unknown): S3ServiceError | undefined {
  for (let one = error; one instanceof Error; one = one.cause) if (one instanceof S3ServiceError) return one
  return undefined
}

function isMissing(error: unknown): boolean {
  const refusal = refusalIn(error)
  return refusal?.status === 404 && refusal.serviceCode === 'NoSuchKey'
}

function isBeyondEnd(error: unknown): boolean {
  return error instanceof UnavailableError && refusalIn(error)?.status === 416
}

/** What the store refused in words that say what, where and what to do. */
function storeError(error: unknown, where: string, bucket: string): unknown {
  const refusal = refusalIn(error)
  const options = { cause: error }
  if (refusal?.serviceCode === 'NoSuchBucket')
    return new UnavailableError(
      `There is no bucket ${bucket} at ${where}. Create it, or name another one in the settings of files.`,
      options,
    )
  if (refusal && (REFUSED.includes(refusal.status) || KEY_UNKNOWN.test(refusal.serviceCode ?? '')))
    return new UnavailableError(
      `The object store at ${where} refused the key (${refusal.serviceCode}). Enter access key and secret key anew, and check what the key may do there.`,
      options,
    )
  if (refusal)
    return new UnavailableError(
      `The object store at ${where} answered ${refusal.status} (${refusal.serviceCode}). Try again later.`,
      options,
    )
  if (error instanceof S3NetworkError || error instanceof TypeError)
    return new UnavailableError(
      `The object store at ${where} cannot be reached. Check that it runs and that the address is right.`,
      options,
    )
  return error
}
