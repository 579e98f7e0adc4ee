import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ensureEmbeddingModel } from '../catalogue/ensure-model.ts'
import type { ModelOnDisk } from '../engines/model-on-disk.ts'
import { systemClock } from '../system/clock.ts'
import { forkEngineByNode } from './fork-engine.ts'
import { createLlamaEmbedder, type LlamaEmbedder } from './llama-embedder.ts'
import { EMBEDDED_ENGINE_ID } from './llama-engine.ts'

const REPOSITORY = join(import.meta.dirname, '../../..')
const never = new AbortController().signal

let model: ModelOnDisk
let embedder: LlamaEmbedder

beforeAll(async () => {
  model = await ensureEmbeddingModel(
    join(REPOSITORY, 'resources/models/catalogue.json'),
    join(homedir(), '.cache/signalbox/models'),
  )
  embedder = createLlamaEmbedder({
    fork: forkEngineByNode(join(import.meta.dirname, 'engine-main.ts')),
    clock: systemClock,
    models: () => Promise.resolve([model]),
    threads: 1,
    hungAfterMs: 60_000,
    idleMs: 60_000,
  })
}, 240_000)

afterAll(async () => embedder.stop())

const embed = (texts: readonly string[]) =>
  embedder.embed({ model: { engine_id: EMBEDDED_ENGINE_ID, model: model.id }, texts }, never)

function dot(a: readonly number[] | undefined, b: readonly number[] | undefined): number {
  return (a ?? []).reduce((sum, value, index) => sum + value * (b?.[index] ?? 0), 0)
}

it('gives the cosines that the authors of the model publish for it', { timeout: 60_000 }, async () => {
  const { vectors, truncated } = await embed([
    'The weather is lovely today.',
    "It's so sunny outside!",
    'He drove to the stadium.',
  ])
  const [lovely, sunny, stadium] = vectors
  expect(truncated).toEqual([])
  expect(lovely).toHaveLength(384)
  expect(dot(lovely, lovely)).toBeCloseTo(1, 5)
  expect(dot(lovely, sunny)).toBeCloseTo(0.666, 2)
  expect(dot(lovely, stadium)).toBeCloseTo(0.1046, 2)
  expect(dot(sunny, stadium)).toBeCloseTo(0.1411, 2)
})

it('gives the same vector for the same text, whatever is beside it', { timeout: 60_000 }, async () => {
  const [alone] = (await embed(['Retries need a limit and a pause.'])).vectors
  const beside = (await embed(['Something else.', 'Retries need a limit and a pause.'])).vectors[1]
  expect(beside).toEqual(alone)
})

it('reads the beginning of a text that is too long, and says so', { timeout: 60_000 }, async () => {
  const long = 'The queue is drained before the worker stops. '.repeat(120)
  const { truncated, tokens, vectors } = await embed(['Short.', long])
  expect(truncated).toEqual([1])
  expect(tokens).toBeLessThan(600)
  expect(vectors[1]).toHaveLength(384)
})
