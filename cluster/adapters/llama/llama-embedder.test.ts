import { afterEach, expect, it } from 'vitest'
import type { Clock } from '../../ports/clock.ts'
import type { ForkEngine } from '../../ports/engine-process.ts'
import { createManualClock } from '../memory/clock.ts'
import { systemClock } from '../system/clock.ts'
import { createLlamaEmbedder, type LlamaEmbedder } from './llama-embedder.ts'
import { EMBEDDED_ENGINE_ID } from './llama-engine.ts'
import type { EngineReport, EngineRequest } from './protocol.ts'
import { scriptedProcess } from './scripted-process.ts'

const never = new AbortController().signal
const embedders: LlamaEmbedder[] = []

afterEach(async () => {
  for (const embedder of embedders.splice(0)) await embedder.stop()
})

function open(fork: ForkEngine, clock: Clock = systemClock): LlamaEmbedder {
  const model = { contextTokens: 512, starter: false }
  const embedder = createLlamaEmbedder({
    fork,
    clock,
    models: () =>
      Promise.resolve([
        { id: 'tiny', kind: 'embedding' as const, label: 'Tiny', file: '/tiny.gguf', ...model },
        { id: 'talker', kind: 'chat' as const, label: 'Talker', file: '/talker.gguf', ...model },
      ]),
    threads: 1,
    hungAfterMs: 600,
    idleMs: 1000,
  })
  embedders.push(embedder)
  return embedder
}

const call = (texts: readonly string[], model = 'tiny') => ({ model: { engine_id: EMBEDDED_ENGINE_ID, model }, texts })

/** A process that loads and embeds: the vector of a text is its length. */
function embeds(request: EngineRequest, { report }: { report: (report: EngineReport) => void }): void {
  if (request.type === 'load-embedder') report({ type: 'embedder-loaded', id: request.id })
  if (request.type === 'embed') {
    const vectors = request.texts.map((text) => [text.length])
    report({ type: 'embedded', id: request.id, vectors, tokens: 7, truncated: [1] })
  }
}

it('loads its model with the first call and keeps it for the next', async () => {
  const process = scriptedProcess(embeds)
  const embedder = open(process.fork)
  expect(await embedder.embed(call(['a', 'bcd']), never)).toEqual({
    vectors: [[1], [3]],
    model: 'tiny',
    tokens: 7,
    truncated: [1],
  })
  await embedder.embed(call(['again']), never)
  expect([process.born(), embedder.loadedModel()]).toEqual([1, 'tiny'])
})

it('offers embedding models only, and refuses one that is not on this machine', async () => {
  const embedder = open(scriptedProcess(embeds).fork)
  expect(await embedder.embedders()).toEqual([
    { reference: { engine_id: EMBEDDED_ENGINE_ID, model: 'tiny' }, label: 'Tiny', contextTokens: 512 },
  ])
  for (const model of ['talker', 'gone'])
    await expect(embedder.embed(call(['a'], model), never)).rejects.toMatchObject({ failure: 'model_missing', retryable: false })
})

it('fails a call whose process dies, and starts another for the next one', async () => {
  let dies = true
  const process = scriptedProcess((request, port) => {
    if (request.type === 'embed' && dies) port.die()
    else embeds(request, port)
  })
  const embedder = open(process.fork)
  await expect(embedder.embed(call(['a']), never)).rejects.toMatchObject({ failure: 'engine_crashed', retryable: true })
  dies = false
  expect((await embedder.embed(call(['a']), never)).vectors).toEqual([[1]])
  expect(process.born()).toBe(2)
})

it('ends its process when nothing was asked for a while, and gives the memory back', async () => {
  const clock = createManualClock()
  const embedder = open(scriptedProcess(embeds).fork, clock)
  await embedder.embed(call(['a']), never)
  clock.advance(999)
  expect(embedder.loadedModel()).toBe('tiny')
  clock.advance(1)
  await expect.poll(() => embedder.loadedModel()).toBeNull()
  expect((await embedder.embed(call(['b']), never)).vectors).toEqual([[1]])
})

it('tells the caller of an abort at once and does not let go of a model in use', async () => {
  const process = scriptedProcess((request, port) => {
    if (request.type === 'load-embedder') embeds(request, port)
  })
  const embedder = open(process.fork)
  const cancel = new AbortController()
  const asked = embedder.embed(call(['a']), cancel.signal)
  await expect.poll(() => embedder.loadedModel()).toBe('tiny')
  expect(await embedder.release('tiny')).toBe(false)
  cancel.abort(new Error('enough'))
  await expect(asked).rejects.toThrow('enough')
  expect(await embedder.release('tiny')).toBe(true)
  expect(embedder.loadedModel()).toBeNull()
})
