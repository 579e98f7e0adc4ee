import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openUploads, type Uploads } from './uploads.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = async (content: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

let folder: string
let uploads: Uploads
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-uploads-'))
  uploads = await openUploads(folder)
})
afterEach(async () => {
  await uploads.stop()
  await rm(folder, { recursive: true, force: true })
})

test('chunks become the whole file, once; nothing of it stays behind', async () => {
  const id = await uploads.begin('a.jsonl', 6)
  await Promise.all([uploads.append(id, 0, bytes('abc')), uploads.append(id, 3, bytes('def'))])
  expect(await uploads.finish(id, async ({ filename, content }) => `${filename} ${await textOf(content)}`)).toBe('a.jsonl abcdef')
  await expect(uploads.finish(id, () => Promise.resolve())).rejects.toMatchObject({ code: 'not-found' })
  expect(await readdir(folder)).toEqual([])
})

test('a chunk that comes twice changes nothing; one that leaves a gap, or is too long, is refused', async () => {
  const id = await uploads.begin('a.jsonl', 6)
  expect(await uploads.append(id, 0, bytes('abc'))).toBe(3)
  expect(await uploads.append(id, 0, bytes('abc'))).toBe(3)
  await expect(uploads.append(id, 4, bytes('x'))).rejects.toMatchObject({ code: 'conflict' })
  await expect(uploads.append(id, 3, bytes('defg'))).rejects.toMatchObject({ code: 'invalid-input' })
  expect(await uploads.append(id, 3, bytes('def'))).toBe(6)
})

test('what is not whole is not handed over, and what is abandoned leaves nothing', async () => {
  const id = await uploads.begin('a.jsonl', 6)
  await uploads.append(id, 0, bytes('abc'))
  await expect(uploads.finish(id, () => Promise.resolve())).rejects.toMatchObject({ code: 'conflict' })
  await uploads.abandon(id)
  expect(await readdir(folder)).toEqual([])
})

test('what an earlier process left is removed', async () => {
  await uploads.begin('a.jsonl', 6)
  uploads = await openUploads(folder)
  expect(await readdir(folder)).toEqual([])
})
