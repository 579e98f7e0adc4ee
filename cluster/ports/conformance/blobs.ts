import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Blobs } from '../blobs.ts'
import { CorruptionError } from '../errors.ts'

export interface BlobsUnderTest {
  readonly blobs: Blobs
  /** Changes a byte of what is stored, behind the store's back. */
  damage(sha256: string): Promise<void>
  /** Closes the store and opens it again from what is durable. */
  readonly reopen?: () => Promise<Blobs>
  close(): Promise<void>
}

const MEGABYTE = 1_000_000

/** What every blob store promises; `open` gives an empty one, `durable` if it can reopen. */
export function blobsConformance(name: string, durable: boolean, open: () => Promise<BlobsUnderTest>): void {
  describe(`${name} as a blob store`, () => {
    let opened: BlobsUnderTest
    let blobs: Blobs
    beforeEach(async () => {
      opened = await open()
      blobs = opened.blobs
    })
    afterEach(() => opened.close())

    it.each([
      ['nothing', new Uint8Array()],
      ['a few bytes', new TextEncoder().encode('a transcript – ünïcode')],
      ['several megabytes', randomBytes(3 * MEGABYTE)],
    ])('gives back %s under its digest and size', async (_, content) => {
      const reference = await blobs.put(content)
      expect(reference).toEqual({ sha256: digest(content), size: content.length })
      expect((await read(blobs, reference.sha256)).equals(content)).toBe(true)
    })

    it('takes a stream of pieces, also large ones and empty ones', async () => {
      const pieces = Array.from({ length: 40 }, (_, index) => randomBytes(index % 3 === 0 ? 0 : 150_000))
      const whole = Buffer.concat(pieces)
      const reference = await blobs.put(stream(pieces))
      expect(reference).toEqual({ sha256: digest(whole), size: whole.length })
      expect(digest(await read(blobs, reference.sha256))).toBe(reference.sha256)
    })

    it('loses nothing when a reader gives its pieces away', async () => {
      const content = randomBytes(MEGABYTE)
      const { sha256 } = await blobs.put(content)
      for await (const { buffer, length } of (await blobs.get(sha256)) ?? [])
        if (buffer instanceof ArrayBuffer && buffer.byteLength === length) structuredClone(buffer, { transfer: [buffer] })
      expect((await read(blobs, sha256)).equals(content)).toBe(true)
    })

    it('keeps nothing of a stream that breaks off', async () => {
      const broken = (async function* () {
        yield await Promise.resolve(randomBytes(100_000))
        throw new Error('the upload broke off')
      })()
      await expect(blobs.put(broken)).rejects.toThrow('the upload broke off')
      expect(await blobs.usage()).toEqual({ count: 0, bytes: 0 })
    })

    it('stores the same content once, also when it is put twice at a time', async () => {
      const content = randomBytes(10_000)
      const references = await Promise.all([blobs.put(content), blobs.put(stream([content])), blobs.put(content)])
      expect(new Set(references.map((reference) => reference.sha256)).size).toBe(1)
      expect(await blobs.usage()).toEqual({ count: 1, bytes: 10_000 })
    })

    it.each(['0'.repeat(64), 'no-digest', '../../etc/passwd', ''])('knows nothing of %j', async (sha256) => {
      const said = [await blobs.get(sha256), await blobs.read(sha256, 0, 1), await blobs.remove(sha256)]
      expect(said).toEqual([undefined, undefined, false])
    })

    it('counts and removes', async () => {
      const first = await blobs.put(randomBytes(100))
      await blobs.put(randomBytes(200))
      expect(await blobs.usage()).toEqual({ count: 2, bytes: 300 })
      expect([await blobs.remove(first.sha256), await blobs.remove(first.sha256)]).toEqual([true, false])
      expect([await blobs.get(first.sha256), await blobs.usage()]).toEqual([undefined, { count: 1, bytes: 200 }])
    })

    it.each([10, 2 * MEGABYTE])('says so when %i stored bytes do not match their digest', async (size) => {
      const { sha256 } = await blobs.put(randomBytes(size))
      await opened.damage(sha256)
      await expect(read(blobs, sha256)).rejects.toBeInstanceOf(CorruptionError)
    })

    it.each([
      ['at the beginning', 0, 10],
      ['in the middle', 131_070, 5],
      ['over several pieces', 100_000, 900_000],
      ['up to the end', 2_999_990, 10],
      ['beyond the end', 2_999_990, 1_000],
      ['of nothing', 3_000_000, 10],
      ['of no length', 5, 0],
    ])('reads a part %s', async (_, offset, length) => {
      const content = randomBytes(3 * MEGABYTE)
      const { sha256 } = await blobs.put(stream([content.subarray(0, 1_000_000), content.subarray(1_000_000)]))
      const part = await blobs.read(sha256, offset, length)
      expect(
        Buffer.from(part ?? expect.unreachable('the blob is stored')).equals(content.subarray(offset, offset + length)),
      ).toBe(true)
    })

    it('reads parts of blobs that were stored side by side', async () => {
      const contents = [1, 2, 3].map(() => randomBytes(MEGABYTE))
      const references = await Promise.all(contents.map((content) => blobs.put(content)))
      for (const [index, { sha256 }] of references.entries())
        for (const offset of [0, 400_000, 999_000]) {
          const part = (await blobs.read(sha256, offset, 1_000)) ?? expect.unreachable('the blob is stored')
          expect(Buffer.from(part).equals(contents[index]?.subarray(offset, offset + 1_000) ?? new Uint8Array())).toBe(true)
        }
    })

    it('lets a reader stop early', async () => {
      const { sha256 } = await blobs.put(randomBytes(MEGABYTE))
      for await (const piece of (await blobs.get(sha256)) ?? []) {
        expect(piece.length).toBeGreaterThan(0)
        break
      }
      expect(await blobs.remove(sha256)).toBe(true)
    })

    if (durable)
      it('has everything again after it was closed and opened', async () => {
        const { sha256 } = await blobs.put(randomBytes(1_000))
        blobs = (await opened.reopen?.()) ?? expect.unreachable('a durable store opens again')
        expect(digest(await read(blobs, sha256))).toBe(sha256)
      })
  })
}

function digest(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

function randomBytes(size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let start = 0; start < size; start += 65_536) crypto.getRandomValues(bytes.subarray(start, start + 65_536))
  return bytes
}

async function* stream(pieces: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(piece)
}

async function read(blobs: Blobs, sha256: string): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of (await blobs.get(sha256)) ?? expect.unreachable('the blob is stored')) pieces.push(piece)
  return Buffer.concat(pieces)
}
