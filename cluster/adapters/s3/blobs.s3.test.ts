import { randomUUID } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startObjectStore } from '../../../e2e/servers/versitygw.ts'
import type { ObjectStore } from '../../../e2e/servers/versitygw.ts'
import { blobsConformance } from '../../ports/conformance/blobs.ts'
import { UnavailableError } from '../../ports/errors.ts'
import { createS3Blobs } from './blobs.ts'
import type { S3Options } from './blobs.ts'

let server: ObjectStore
beforeAll(async () => {
  server = await startObjectStore()
}, 300_000)
afterAll(() => server.stop())

async function bucket(): Promise<S3Options> {
  const name = `b-${randomUUID()}`
  await server.createBucket(name)
  const { endpoint, accessKey, secretKey } = server
  return { endpoint, accessKey, secretKey, bucket: name, region: 'us-east-1' }
}

blobsConformance('S3', true, async () => {
  const options = await bucket()
  return {
    blobs: createS3Blobs(options),
    damage: (sha256) => changeFirstByte(join(server.folderOf(options.bucket), sha256)),
    reopen: () => Promise.resolve(createS3Blobs(options)),
    close: () => Promise.resolve(),
  }
})

describe('An S3 store', () => {
  it('takes an upload of many parts and keeps nothing beside the whole', async () => {
    const blobs = createS3Blobs(await bucket())
    const piece = Buffer.alloc(1_000_000, 'x')
    const reference = await blobs.put(
      (async function* () {
        for (let count = 0; count < 20; count++) yield await Promise.resolve(piece)
      })(),
    )
    expect(reference.size).toBe(20_000_000)
    expect(await blobs.usage()).toEqual({ count: 1, bytes: 20_000_000 })
    expect(Buffer.from((await blobs.read(reference.sha256, 19_999_990, 100)) ?? []).toString()).toBe('x'.repeat(10))
  })

  it.each<[string, Partial<S3Options>, RegExp]>([
    ['a wrong secret', { secretKey: 'wrong' }, /refused the key \(SignatureDoesNotMatch\)\. Enter access key/],
    ['an unknown key', { accessKey: 'nobody' }, /refused the key .*Enter access key/],
    ['no such bucket', { bucket: 'nothing-here' }, /There is no bucket nothing-here at http.*Create it/],
    ['no server', { endpoint: 'http://127.0.0.1:1' }, /127\.0\.0\.1:1.* cannot be reached\. Check that it runs/],
  ])('says what to do where there is %s', async (_, change, message) => {
    const blobs = createS3Blobs({ ...(await bucket()), ...change })
    const put = blobs.put(new Uint8Array(10))
    await expect(put).rejects.toBeInstanceOf(UnavailableError)
    await expect(put).rejects.toThrow(message)
    await expect(blobs.get('0'.repeat(64))).rejects.toThrow(message)
  })
})

async function changeFirstByte(path: string): Promise<void> {
  const file = await open(path, 'r+')
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 0)
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, 0)
  await file.close()
}
