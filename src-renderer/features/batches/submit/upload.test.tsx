import { expect, test } from 'vitest'
import { CHUNK_BYTES } from '../../../../src-preload/contract/batch.ts'
import type { HostClient } from '../../../lib/console.tsx'
import { uploadFile } from './upload.ts'

const stored = { id: 'file-1' }

/** Keeps what arrives; each chunk takes a moment. `refuseAt`: the offset that it takes no more at. */
function keeper(refuseAt = Infinity) {
  const said: string[] = []
  let bytes = Buffer.alloc(0)
  let [onTheirWay, most] = [0, 0]
  const batch = {
    beginUpload: () => Promise.resolve({ upload_id: 'upload-1' }),
    appendUpload: async ({ offset, base64 }: { offset: number; base64: string }) => {
      most = Math.max(most, ++onTheirWay)
      if (offset >= refuseAt) throw new Error('no room')
      if (offset !== bytes.length) throw new Error(`${offset} is not next`)
      bytes = Buffer.concat([bytes, Buffer.from(base64, 'base64')])
      const received = bytes.length
      await new Promise((resolve) => setTimeout(resolve, 2))
      onTheirWay -= 1
      return { received }
    },
    finishUpload: () => Promise.resolve({ file: stored }),
    abandonUpload: () => {
      said.push('abandoned')
      return Promise.resolve({})
    },
  }
  return { host: { batch } as unknown as HostClient, said, bytes: () => bytes, most: () => most }
}

const content = Buffer.from(Array.from({ length: CHUNK_BYTES * 9 + 77 }, (_, n) => (n * 31) & 255))
const file = { name: 'requests.jsonl', content: new Blob([content]) }
const unending = new AbortController().signal

test('a file arrives whole and in order, a few chunks ahead of their answers, and its progress ends at its size', async () => {
  const { host, bytes, most } = keeper()
  const progress: number[] = []
  expect(await uploadFile(host, file, (sent) => progress.push(sent), unending)).toBe(stored)
  expect(bytes().equals(content)).toBe(true)
  expect([2, 3, 4]).toContain(most())
  expect(progress.at(-1)).toBe(content.length)
})

test('a chunk that is refused ends it, and nothing of the file stays', async () => {
  const { host, said } = keeper(CHUNK_BYTES * 3)
  await expect(uploadFile(host, file, () => undefined, unending)).rejects.toThrow('no room')
  expect(said).toEqual(['abandoned'])
})
