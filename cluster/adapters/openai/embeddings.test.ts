import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../system/clock.ts'
import { isEmbeddingName } from './embeddings.ts'
import { createOpenAiEngine, type OpenAiEngine } from './openai-engine.ts'
import { replies, startScriptedEndpoint, type ScriptedEndpoint, type Step } from './scripted-endpoint.ts'

const never = new AbortController().signal
let server: ScriptedEndpoint
let engine: OpenAiEngine

beforeEach(async () => {
  server = await startScriptedEndpoint()
  server.listModels(replies(200, { data: [{ id: 'qwen3-4b' }, { id: 'bge-small-en', max_model_len: 10 }] }))
  engine = createOpenAiEngine({
    settings: { id: 'lab', name: 'Lab', base_url: server.url, models: null, parallel: 2, allow_substitution: false },
    apiKey: () => Promise.resolve('sk-test-0123456789abcdef'),
    clock: systemClock,
    idleTimeoutMs: 60_000,
  })
})

afterEach(async () => server.close())

const embed = (texts: readonly string[]) => engine.embed({ model: { engine_id: 'lab', model: 'bge-small-en' }, texts }, never)

/** Gives each text the vector [its place, 1], the last one first. */
const answers: Step = (request, response) => {
  const data = (request.body['input'] as string[]).map((_, index) => ({ index, embedding: [index, 1] })).reverse()
  replies(200, { model: request.body['model'], data, usage: { prompt_tokens: 9 } })(request, response)
}

it('asks for vectors and puts them in the order of the texts', async () => {
  server.script(answers)
  expect(await embed(['one', 'two'])).toEqual({
    vectors: [
      [0, 1],
      [1, 1],
    ],
    model: 'bge-small-en',
    tokens: 9,
    truncated: [],
  })
  expect(server.requests.map(({ path, body }) => [path, body['model'], body['input']])).toEqual([
    ['/v1/embeddings', 'bge-small-en', ['one', 'two']],
  ])
})

it('sends no more than 64 texts at a time', async () => {
  server.script(answers)
  const { vectors, tokens } = await embed(Array.from({ length: 70 }, (_, index) => `text ${index}`))
  expect([vectors.length, tokens, server.requests.length]).toEqual([70, 18, 2])
})

it('cuts a text that may pass what the model reads, and says which', async () => {
  server.script(answers)
  await engine.embedders()
  const { truncated } = await embed(['short', 'a text of many more words than that'])
  expect(truncated).toEqual([1])
  expect(String((server.requests[0]?.body['input'] as string[])[1]).length).toBeLessThanOrEqual(25)
})

it.each([
  ['an error of the server', replies(500, { error: { message: 'out of memory' } }), 'server_error'],
  ['fewer vectors than texts', replies(200, { data: [{ index: 0, embedding: [1] }] }), 'server_error'],
  [
    'another model than was asked for',
    replies(200, { model: 'gte-large', data: [0, 1].map((index) => ({ index, embedding: [1] })) }),
    'model_mismatch',
  ],
])('fails with a name on %s', async (_, step, failure) => {
  server.script(step)
  await expect(embed(['one', 'two'])).rejects.toMatchObject({ failure })
})

it('keeps models that embed out of those an agent can be given', async () => {
  expect((await engine.served()).map(({ label }) => label)).toEqual(['qwen3-4b'])
  expect(await engine.embedders()).toEqual([
    { reference: { engine_id: 'lab', model: 'bge-small-en' }, label: 'bge-small-en', contextTokens: 10 },
  ])
})

it.each([
  ['text-embedding-3-small', true],
  ['BAAI/bge-m3', true],
  ['intfloat/e5-large-v2', true],
  ['all-minilm:latest', true],
  ['gte-small', true],
  ['qwen3-4b-instruct', false],
  ['mistral-large', false],
])('takes %s for a model that embeds: %s', (name, is) => {
  expect(isEmbeddingName(name)).toBe(is)
})
