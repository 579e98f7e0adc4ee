import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeBertGguf } from './bert-gguf.ts'
import { safetensors, TINY_BERT, TINY_VOCABULARY } from './tiny-bert.ts'

const never = new AbortController().signal
let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-bert-'))
  await writeFile(join(directory, 'vocab.txt'), TINY_VOCABULARY)
})

afterEach(async () => rm(directory, { recursive: true }))

const writeWeights = (tensors: Readonly<Record<string, readonly number[]>>, dtype = 'F32') =>
  writeFile(join(directory, 'weights'), safetensors(tensors, dtype))

async function convert(): Promise<Buffer> {
  const target = join(directory, 'out.gguf')
  const [weights, vocabulary] = [join(directory, 'weights'), join(directory, 'vocab.txt')]
  await writeBertGguf({ weights, vocabulary, name: 'tiny', target, signal: never })
  return readFile(target)
}

it('writes the tensors under the names of llama.cpp and leaves out what the encoder does not need', async () => {
  await writeWeights(TINY_BERT)
  const file = await convert()
  expect(file.subarray(0, 4).toString()).toBe('GGUF')
  expect([file.readUInt32LE(4), Number(file.readBigUInt64LE(8))]).toEqual([3, 5])
  const text = file.toString('latin1')
  for (const name of [
    'token_embd.weight',
    'position_embd.weight',
    'token_types.weight',
    'token_embd_norm.weight',
    'blk.0.ffn_up.weight',
  ])
    expect(text).toContain(name)
  expect(text).not.toContain('pooler')
})

it('halves matrices and keeps what is added at full width, each on a border of 32 bytes', async () => {
  await writeWeights(TINY_BERT)
  const file = await convert()
  const data = 2 * 64 * 32 + 4 * (4 * 32) + 2 * (7 * 32) + 4 * 32 + 4 * (2 * 32)
  const half = file.subarray(file.length - data, file.length - data + 2 * 64 * 32)
  expect(file.length % 32).toBe(0)
  expect([...new Float16Array(Uint8Array.from(half).buffer).slice(0, 4)]).toEqual([0, 1, 2, 3])
})

it('gives the same bytes each time', async () => {
  await writeWeights(TINY_BERT)
  expect((await convert()).equals(await convert())).toBe(true)
})

it('marks the beginnings of words, where the vocabulary marks their continuations', async () => {
  await writeWeights(TINY_BERT)
  const text = (await convert()).toString('utf8')
  expect(text).toContain('\u2581run')
  expect(text).not.toContain('##')
})

it('refuses weights of another kind and says what is missing', async () => {
  await writeWeights({ 'wte.weight': [2, 2] })
  await expect(convert()).rejects.toThrow('not those of a BERT encoder')
  await writeWeights(TINY_BERT, 'F16')
  await expect(convert()).rejects.toThrow('in F16 where F32 is expected')
  await writeWeights({ ...TINY_BERT, 'embeddings.word_embeddings.weight': [9, 32] })
  await expect(convert()).rejects.toThrow('7 tokens where 9 are expected')
})
