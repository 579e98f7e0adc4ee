import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryBlobs } from '../../adapters/memory/blobs.ts'
import { createManualClock } from '../../adapters/memory/clock.ts'
import { createMemoryAnswers } from '../../adapters/memory/queues.ts'
import { createMemorySmallState } from '../../adapters/memory/small-state.ts'
import { openSqliteContext } from '../../adapters/sqlite/context.ts'
import { sampleAnswer } from '../../ports/conformance/samples.ts'
import { createLargeAnswers } from './large-answers.ts'
import { createLargeTexts } from './large-texts.ts'
import { createRunBlobs } from './run-blobs.ts'

const clock = createManualClock()
const large = `${'é'.repeat(200_000)}end`
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function stores(kind: string) {
  if (kind === 'memory') return { blobs: createMemoryBlobs(), state: createMemorySmallState(), clock }
  const directory = await mkdtemp(join(tmpdir(), 'texts-'))
  const writerModule = new URL('../../adapters/sqlite/writer-thread.ts', import.meta.url)
  const context = await openSqliteContext({ file: join(directory, 'context.db'), writerModule, clock })
  closers.push(async () => {
    await context.close()
    await rm(directory, { recursive: true })
  })
  return { blobs: context.blobs, state: context.state, clock }
}

describe.each(['memory', 'SQLite and a directory'])('large texts over %s', (kind) => {
  async function open() {
    const ports = await stores(kind)
    const owned = createRunBlobs(ports)
    return { ...ports, owned, texts: createLargeTexts(ports.blobs, owned) }
  }

  it('leaves a text up to 64 kB as it is', async () => {
    const { texts, blobs } = await open()
    expect(await texts.shorten('run', 'x'.repeat(64 * 1024))).toEqual({ text: 'x'.repeat(64 * 1024), ref: undefined })
    expect(await blobs.usage()).toEqual({ count: 0, bytes: 0 })
  })

  it('keeps a larger one whole in the blob store and its beginning in its place', async () => {
    const { texts } = await open()
    const { text, ref } = await texts.shorten('run', large)
    expect(ref).toMatchObject({ size: 400_003 })
    expect(large.startsWith(text)).toBe(true)
    expect(text.length).toBe(8_000)
    expect(await texts.restore(text, ref)).toBe(large)
  })

  it('gives a text in bounded pieces that split no character, to readers of its run only', async () => {
    const { texts } = await open()
    const { ref } = await texts.shorten('run', `a${large}`)
    const pieces: string[] = []
    for (let offset: number | null = 0; offset !== null;) {
      const page = await texts.page('run', ref?.sha256 ?? '', offset)
      pieces.push(page?.text ?? '')
      offset = page?.next ?? null
    }
    expect(pieces).toHaveLength(2)
    expect(pieces.join('')).toBe(`a${large}`)
    expect(await texts.page('other', ref?.sha256 ?? '', 0)).toBeUndefined()
  })

  it('goes with its run, but not while another run has the same text', async () => {
    const { texts, owned, blobs } = await open()
    const { text, ref } = await texts.shorten('one', large)
    await texts.shorten('two', large)
    expect(await owned.weigh('one')).toBe(0)
    await owned.drop('one')
    expect(await texts.restore(text, ref)).toBe(large)
    expect(await owned.weigh('two')).toBe(400_003)
    await owned.drop('two')
    expect(await blobs.usage()).toEqual({ count: 0, bytes: 0 })
    await owned.drop('two')
    expect((await owned.owners()).size).toBe(0)
  })

  it('says which text is missing instead of giving its beginning for the whole', async () => {
    const { texts, blobs } = await open()
    const { text, ref } = await texts.shorten('run', large)
    await blobs.remove(ref?.sha256 ?? '')
    await expect(texts.restore(text, ref)).rejects.toThrow(`${ref?.sha256} is no longer in the blob store`)
  })
})

describe('a blob that two runs store and drop at once', () => {
  it('is there in the end for the run that stored it last', async () => {
    const blobs = createMemoryBlobs()
    const state = createMemorySmallState()
    const other = createRunBlobs({ blobs, state, clock })
    const bytes = new TextEncoder().encode('the same bytes')
    let isFirst = true
    const owned = createRunBlobs({
      // The other run stores the bytes just before this one removes them.
      blobs: {
        ...blobs,
        remove: async (sha256) => {
          if (isFirst) await other.put('two', bytes)
          isFirst = false
          return blobs.remove(sha256)
        },
      },
      state,
      clock,
    })
    const { sha256 } = await owned.put('one', bytes)
    await owned.drop('one')
    expect(await blobs.get(sha256)).toBeDefined()
    await other.drop('two')
    expect(await blobs.get(sha256)).toBeUndefined()
  })
})

describe('answers with large texts', () => {
  function open() {
    const answers = createMemoryAnswers({ clock })
    const blobs = createMemoryBlobs()
    return { answers, blobs, whole: createLargeAnswers({ answers, blobs, state: createMemorySmallState(), clock }) }
  }
  const withContent = (content: string) => ({ ...sampleAnswer('run', 'a'), content })
  const signal = new AbortController().signal

  it('travel as references and arrive whole', async () => {
    const { answers, whole } = open()
    await whole.publish('a', withContent(large))
    const travelling = await answers.take(60_000, signal)
    expect(JSON.stringify(travelling?.message).length).toBeLessThan(12_000)
    await travelling?.release(0)
    expect((await whole.take(60_000, signal))?.message).toMatchObject({ content: large })
  })

  it('over 16 MB count as failed, with the reason', async () => {
    const { whole } = open()
    await whole.publish('a', withContent('x'.repeat(17 * 1024 * 1024)))
    expect((await whole.take(60_000, signal))?.message).toMatchObject({
      kind: 'failed',
      error_type: 'invalid_output',
      error: expect.stringContaining('larger than 16 MB') as string,
      content: null,
    })
  })

  it('whose text is gone from the store are parked with the reason', async () => {
    const { whole, blobs } = open()
    await whole.publish('a', withContent(large))
    await blobs.remove(createHash('sha256').update(large).digest('hex'))
    await expect(whole.take(60_000, signal)).rejects.toThrow('no longer in the blob store')
    expect(await whole.deadLetters()).toMatchObject([
      { reason: expect.stringContaining('no longer in the blob store') as string },
    ])
  })
})
