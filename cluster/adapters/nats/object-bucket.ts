import { createHash, randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Blobs } from '../../ports/blobs.ts'
import { CorruptionError } from '../../ports/errors.ts'
import { actualSequence, Interrupted } from './failures.ts'
import type { Link } from './link.ts'
import { readAll, readLast, readPage } from './stored-messages.ts'

const SHA256 = /^[0-9a-f]{64}$/
const CHUNK_BYTES = 128 * 1024
const CHUNKS_A_PAGE = 16
const CLEAN_UP_MS = 1_000

const objectInfo = z.object({
  nuid: z.string(),
  size: z.int().nonnegative(),
  chunks: z.int().nonnegative(),
  /** Left by tools that mark an object as removed. */
  deleted: z.boolean().default(false),
})
type ObjectInfo = z.infer<typeof objectInfo>

/**
 * Blobs in a bucket of JetStream's object store, named by their digest and laid out as its tools expect. Not by the client's own
 * object store, which holds a whole object in memory whichever way it goes and lets two writers of one object both win.
 */
export function createBucketBlobs(link: Link, bucket: string): Blobs {
  const stream = `OBJ_${bucket}`
  const infoSubject = (sha256: string) => `$O.${bucket}.M.${base64Url(Buffer.from(sha256))}`
  const chunkSubject = (nuid: string) => `$O.${bucket}.C.${nuid}`
  const purge = (subject: string, patienceMs?: number) =>
    link.steadily(
      `purge ${subject}`,
      async () => (await link.manage((jsm) => jsm.streams.purge(stream, { filter: subject }))).purged,
      patienceMs,
    )

  async function infoOf(sha256: string): Promise<ObjectInfo | undefined> {
    const stored = await link.steadily(`find blob ${sha256}`, () => readLast(link, stream, infoSubject(sha256)))
    const info = stored && parseInfo(stored.data)
    return info?.deleted ? undefined : info
  }

  /** One chunk after the other: what is stored in another order would be another blob. */
  async function writeChunks(nuid: string, content: Pieces) {
    const hash = createHash('sha256')
    let size = 0
    let chunks = 0
    for await (const chunk of inChunks(content)) {
      hash.update(chunk)
      size += chunk.length
      const id = `${nuid}.${chunks++}`
      await link.steadily('store a blob', () => link.publish(chunkSubject(nuid), chunk, { id }))
    }
    return { sha256: hash.digest('hex'), size, chunks }
  }

  /** False if another writer stored the same content first. */
  async function writeInfo(nuid: string, sha256: string, size: number, chunks: number): Promise<boolean> {
    const digest = `SHA-256=${base64Url(Buffer.from(sha256, 'hex'))}`
    const options = { max_chunk_size: CHUNK_BYTES }
    const info = JSON.stringify({ name: sha256, bucket, nuid, size, chunks, digest, mtime: new Date().toISOString(), options })
    let expected = 0
    return link.steadily('store a blob', async () => {
      try {
        await link.publish(infoSubject(sha256), info, { expected, headers: { 'Nats-Rollup': 'sub' } })
        return true
      } catch (error) {
        const actual = actualSequence(error)
        if (actual === undefined) throw error
        const there = await infoOf(sha256)
        if (there) return there.nuid === nuid
        expected = actual
        throw new Interrupted('a removed blob was in the way')
      }
    })
  }

  /** The content in pieces. The last one is held back until the digest is known to match, so that no reader takes damage for the whole. */
  async function* verified(sha256: string, info: ObjectInfo): AsyncIterable<Uint8Array> {
    const hash = createHash('sha256')
    let heldBack: Uint8Array | undefined
    let sequence = 0
    let left = info.chunks
    while (left > 0) {
      const { messages } = await link.steadily(`read blob ${sha256}`, () =>
        readPage(link, stream, chunkSubject(info.nuid), sequence, Math.min(left, CHUNKS_A_PAGE)),
      )
      if (messages.length === 0) break
      for (const message of messages) {
        hash.update(message.data)
        if (heldBack) yield heldBack
        heldBack = message.data
        sequence = message.sequence
      }
      left -= messages.length
    }
    if (hash.digest('hex') !== sha256)
      throw new CorruptionError(
        `Blob ${sha256} in the bucket ${bucket} of ${link.where} is damaged: what is stored does not match its digest. Remove it and create it again.`,
      )
    if (heldBack) yield heldBack
  }

  const chunksFrom = (nuid: string, sequence: number, count: number) =>
    link.steadily('read a blob', async () => (await readPage(link, stream, chunkSubject(nuid), sequence, count)).messages)

  /**
   * The sequence of chunk `index`. Chunks of uploads that ran side by side lie between each other, so it is not known; but a chunk never
   * lies before (first + index), and its message id tells its index. So each look gets nearer, and is the last where nothing lies between.
   */
  async function sequenceOf(nuid: string, index: number): Promise<number> {
    for (let after = 0; ;) {
      const [found] = await chunksFrom(nuid, after, 1)
      const reached = Number(found?.headers.get('Nats-Msg-Id').split('.')[1])
      if (!found || !(reached <= index))
        throw new CorruptionError(
          `Chunk ${index} of the blob under ${chunkSubject(nuid)} of ${link.where} is not there. Remove the blob and create it again.`,
        )
      if (reached === index) return found.sequence
      after = found.sequence + index - reached - 1
    }
  }

  async function piece(info: ObjectInfo, offset: number, length: number): Promise<Uint8Array> {
    const end = Math.min(offset + length, info.size)
    if (offset >= end) return new Uint8Array()
    const [first, last] = [Math.floor(offset / CHUNK_BYTES), Math.floor((end - 1) / CHUNK_BYTES)]
    const chunks: Uint8Array[] = []
    let after = (await sequenceOf(info.nuid, first)) - 1
    for (let left = last - first + 1; left > 0;) {
      const messages = await chunksFrom(info.nuid, after, Math.min(left, CHUNKS_A_PAGE))
      if (messages.length === 0) break
      chunks.push(...messages.map(({ data }) => data))
      after = messages.at(-1)?.sequence ?? after
      left -= messages.length
    }
    const start = first * CHUNK_BYTES
    return new Uint8Array(Buffer.concat(chunks).subarray(offset - start, end - start))
  }

  return {
    put: async (content) => {
      const nuid = randomUUID().replaceAll('-', '')
      try {
        const { sha256, size, chunks } = await writeChunks(nuid, content instanceof Uint8Array ? [content] : content)
        const isFirst = await writeInfo(nuid, sha256, size, chunks)
        if (!isFirst && chunks > 0) await purge(chunkSubject(nuid))
        return { sha256, size }
      } catch (error) {
        await purge(chunkSubject(nuid), CLEAN_UP_MS).catch((cause: unknown) =>
          link.report(
            new Error(`Parts of a broken upload are left in the bucket ${bucket} under ${chunkSubject(nuid)}.`, { cause }),
          ),
        )
        throw error
      }
    },
    get: async (sha256) => {
      const info = SHA256.test(sha256) ? await infoOf(sha256) : undefined
      return info && verified(sha256, info)
    },
    read: async (sha256, offset, length) => {
      const info = SHA256.test(sha256) ? await infoOf(sha256) : undefined
      return info && (await piece(info, offset, length))
    },
    remove: async (sha256) => {
      const info = SHA256.test(sha256) ? await infoOf(sha256) : undefined
      if (!info) return false
      const removed = await purge(infoSubject(sha256))
      await purge(chunkSubject(info.nuid))
      return removed > 0
    },
    usage: async () => {
      const infos = await link.steadily('list the blobs', () => readAll(link, stream, `$O.${bucket}.M.>`))
      const stored = infos.map(({ data }) => parseInfo(data)).filter(({ deleted }) => !deleted)
      return { count: stored.length, bytes: stored.reduce((sum, { size }) => sum + size, 0) }
    },
  }
}

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

function parseInfo(data: Uint8Array): ObjectInfo {
  return objectInfo.parse(JSON.parse(new TextDecoder().decode(data)))
}

/** Base64 for file names, with its padding. */
function base64Url(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}

/** The same bytes in chunks of CHUNK_BYTES, the last one shorter. */
async function* inChunks(content: Pieces): AsyncIterable<Uint8Array> {
  let chunk = new Uint8Array(CHUNK_BYTES)
  let filled = 0
  for await (const piece of content)
    for (let start = 0; start < piece.length;) {
      const part = piece.subarray(start, start + CHUNK_BYTES - filled)
      chunk.set(part, filled)
      filled += part.length
      start += part.length
      if (filled < CHUNK_BYTES) continue
      yield chunk
      chunk = new Uint8Array(CHUNK_BYTES)
      filled = 0
    }
  if (filled > 0) yield chunk.subarray(0, filled)
}
