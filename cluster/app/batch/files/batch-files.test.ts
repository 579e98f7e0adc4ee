import { describe, expect, it } from 'vitest'
import { createMemoryBlobs } from '../../../adapters/memory/blobs.ts'
import { createManualClock } from '../../../adapters/memory/clock.ts'
import { createMemorySmallState } from '../../../adapters/memory/small-state.ts'
import { createBatchFiles, MAX_FILE_BYTES } from './batch-files.ts'

function open() {
  const blobs = createMemoryBlobs()
  const state = createMemorySmallState()
  const clock = createManualClock()
  const needed = new Map<string, string>()
  const used = new Set<string>()
  const files = createBatchFiles({
    blobs,
    state,
    clock,
    neededBy: (id) => Promise.resolve(needed.get(id)),
    isUsed: (id) => Promise.resolve(used.has(id)),
  })
  const create = async (text: string, filename = 'input.jsonl', isDraft = false) => {
    const file = await files.create({ filename, tenant: 'local', content: pieces(text), isDraft })
    return 'id' in file ? file : expect.unreachable(file.message)
  }
  return { blobs, state, clock, needed, used, files, create }
}

describe('The files of batches', () => {
  it('are stored under their digest and read back', async () => {
    const { files, create, clock } = open()
    const file = await create('{"custom_id":"a"}\n', 'nightly.jsonl')
    expect(file).toEqual({
      id: expect.stringMatching(/^file-[0-9a-f]{32}$/) as string,
      filename: 'nightly.jsonl',
      tenant: 'local',
      purpose: 'batch',
      content: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string, size: 18 },
      created_at: clock.now(),
      expires_at: null,
    })
    expect(await files.get(file.id)).toEqual(file)
    expect(await textOf(files.content(file.id))).toBe('{"custom_id":"a"}\n')
  })

  it('are listed newest first', async () => {
    const { files, create, clock } = open()
    const first = await create('1')
    clock.advance(5)
    const second = await create('2')
    expect(await files.list()).toEqual([second, first])
  })

  it.each<[string, AsyncIterable<Uint8Array>, RegExp]>([
    ['is empty', pieces(), /is empty/],
    ['is cut off', cutOff(), /cut off after 9 bytes \(socket hang up\); nothing was kept/],
    ['is too large', tooLarge(), /larger than 200 MB/],
  ])('are refused, with nothing kept, where an upload %s', async (_, content, message) => {
    const { files, blobs } = open()
    expect(await files.create({ filename: 'x', tenant: 'local', content })).toMatchObject({
      kind: 'refused',
      code: 'invalid-input',
      message: expect.stringMatching(message) as string,
    })
    expect([await files.list(), await blobs.usage()]).toEqual([[], { count: 0, bytes: 0 }])
  })

  it('are not removed while a batch needs them', async () => {
    const { files, create, needed } = open()
    const file = await create('1')
    needed.set(file.id, 'batch nightly')
    expect(await files.remove(file.id)).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('needed by batch nightly') as string,
    })
    needed.clear()
    expect(await files.remove(file.id)).toEqual({ kind: 'removed' })
    expect(await files.remove(file.id)).toMatchObject({ code: 'not-found' })
    expect(await files.content(file.id)).toBeUndefined()
  })

  it('share the bytes of the same content until the last of them goes', async () => {
    const { files, create, blobs } = open()
    const [first, second] = [await create('same'), await create('same')]
    await files.remove(first.id)
    expect(await textOf(files.content(second.id))).toBe('same')
    await files.remove(second.id)
    expect(await blobs.usage()).toEqual({ count: 0, bytes: 0 })
  })

  it('are taken in the place of an earlier writing of the same result', async () => {
    const { files, blobs } = open()
    const stored = (text: string) =>
      files.store({
        id: 'file-batch_1-output',
        filename: 'output.jsonl',
        tenant: 'local',
        content: pieces(text),
        expiresAt: null,
      })
    await stored('half')
    expect(await stored('whole')).toMatchObject({ id: 'file-batch_1-output', purpose: 'batch_output' })
    expect([await textOf(files.content('file-batch_1-output')), await blobs.usage()]).toEqual(['whole', { count: 1, bytes: 5 }])
  })

  it('go when their time is over, but not while they are needed', async () => {
    const { files, create, clock, needed } = open()
    const kept = await create('input')
    const result = await files.store({ filename: 'o', tenant: 'local', content: pieces('o'), expiresAt: clock.now() + 3_600_000 })
    clock.advance(3_599_999)
    expect(await files.sweep()).toBe(0)
    clock.advance(1)
    needed.set(result.id, 'a download')
    expect(await files.sweep()).toBe(0)
    needed.clear()
    expect([await files.sweep(), await files.list()]).toEqual([1, [kept]])
  })

  it('go at the time that was said for them', async () => {
    const { files, clock, create } = open()
    const { id } = await create('{}')
    await files.expireAt(id, clock.now() + 3_600_000)
    await files.sweep()
    expect(await files.get(id)).toBeDefined()
    clock.advance(3_600_000)
    await files.sweep()
    expect(await files.get(id)).toBeUndefined()
  })

  it('that were made for a submit go after a day in which no batch named them; others stay', async () => {
    const { files, create, clock, used } = open()
    const [uploaded, submitted] = [await create('1'), await create('2', 'submitted.jsonl', true)]
    await create('3', 'left.jsonl', true)
    used.add(submitted.id)
    clock.advance(86_399_999)
    expect(await files.sweep()).toBe(0)
    clock.advance(1)
    expect(await files.sweep()).toBe(1)
    expect((await files.list()).map(({ id }) => id).sort()).toEqual([uploaded.id, submitted.id].sort())
  })
})

async function* pieces(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(new TextEncoder().encode(text))
}

async function* cutOff(): AsyncIterable<Uint8Array> {
  yield* pieces('half of a')
  throw new Error('socket hang up')
}

async function* tooLarge(): AsyncIterable<Uint8Array> {
  const piece = new Uint8Array(1024 * 1024)
  for (let bytes = 0; bytes <= MAX_FILE_BYTES; bytes += piece.length) yield await Promise.resolve(piece)
}

async function textOf(content: Promise<AsyncIterable<Uint8Array> | undefined>): Promise<string> {
  const all: Uint8Array[] = []
  for await (const piece of (await content) ?? expect.unreachable('the file is there')) all.push(piece)
  return Buffer.concat(all).toString()
}
