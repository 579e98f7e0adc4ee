import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { BatchEndpoint } from '../../messages/batch.ts'
import type { UpstreamRequest } from '../../ports/upstreams.ts'
import { createScriptedEngines, scriptedFailure, type Script } from '../memory/engines.ts'
import { createMemorySecrets } from '../memory/secrets.ts'
import { createMemorySmallState } from '../memory/small-state.ts'
import { createEndpointRegistry, type EndpointRegistry } from '../openai/endpoint-registry.ts'
import {
  breaksAfter,
  breaksJson,
  replies,
  says,
  startScriptedEndpoint,
  staysSilentAfter,
  streams,
  type ScriptedEndpoint,
  type Step,
} from '../openai/scripted-endpoint.ts'
import { systemClock } from '../system/clock.ts'
import { createUpstreams, resolveModel, type ManagedUpstreams } from './upstreams.ts'

const never = new AbortController().signal
const LAB = { engine_id: 'lab', model: 'model-a' }
const BUILT_IN = { engine_id: 'embedded', model: 'small' }
const VECTORS = { engine_id: 'embedded', model: 'vectors' }
const KEY = 'sk-test-0123456789abcdef'
const PATIENT_MS = 30_000
const ANSWER = { id: 'c1', object: 'chat.completion', choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } }

let server: ScriptedEndpoint
let endpoints: EndpointRegistry
let upstreams: ManagedUpstreams
let script: Script = () => 'Hello.'

beforeEach(async () => {
  server = await startScriptedEndpoint()
  endpoints = createEndpointRegistry({
    state: createMemorySmallState(),
    secrets: createMemorySecrets(),
    clock: systemClock,
    idleTimeoutMs: PATIENT_MS,
  })
  await endpoints.save(lab(), KEY)
  upstreams = open(PATIENT_MS)
  script = () => 'Hello.'
})

afterEach(async () => {
  await upstreams.stop()
  await server.close()
})

const lab = () => ({
  id: 'lab',
  name: 'Lab',
  base_url: server.url,
  models: ['model-a'],
  parallel: 2,
  allow_substitution: false,
})

function open(idleTimeoutMs: number): ManagedUpstreams {
  const engines = createScriptedEngines(
    (call, tries, signal) => script(call, tries, signal),
    BUILT_IN,
    (text) => [text.length, 0.5],
  )
  const embedders = () => Promise.resolve([{ reference: VECTORS, label: 'Vectors', contextTokens: 512 }])
  return createUpstreams({
    engines: { ...engines, embedders, watch: () => () => undefined },
    endpoints,
    clock: systemClock,
    idleTimeoutMs,
    onFault: (fault) => expect.fail(String(fault)),
  })
}

function chat(model: UpstreamRequest['model'], body: object = {}, timeoutMs = PATIENT_MS): UpstreamRequest {
  const whole = { model: model.model, messages: [{ role: 'user', content: 'Hi' }], ...body }
  return { model, endpoint: '/v1/chat/completions', body: JSON.stringify(whole), timeoutMs }
}

const parsed = (json: string): unknown => JSON.parse(json)
const chatAnswer = z.object({ choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]) })
const saidIn = (body: string): string => chatAnswer.parse(parsed(body)).choices[0].message.content

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  return await text(stream)
}

describe('A request to an endpoint', () => {
  it('is sent as it came, with the key, and its answer passed on with what it used', async () => {
    server.script(replies(200, ANSWER, { 'x-request-id': 'req-1' }))
    const reply = await upstreams.send(chat(LAB, { temperature: 0, made_up: [1] }), never)
    expect(reply).toEqual({
      status: 200,
      body: JSON.stringify(ANSWER),
      requestId: 'req-1',
      retryAfterMs: undefined,
      tokensIn: 7,
      tokensOut: 3,
    })
    expect(server.requests).toEqual([
      {
        path: '/v1/chat/completions',
        authorization: `Bearer ${KEY}`,
        body: { model: 'model-a', messages: [{ role: 'user', content: 'Hi' }], temperature: 0, made_up: [1] },
      },
    ])
  })

  it.each<[BatchEndpoint, string]>([
    ['/v1/completions', '/v1/completions'],
    ['/v1/embeddings', '/v1/embeddings'],
  ])('%s goes to the same name under the base address, with the engine own model name', async (endpoint, path) => {
    server.script(replies(200, { object: 'list', data: [] }))
    await upstreams.send({ model: LAB, endpoint, body: '{"model":"lab/model-a","input":"x"}', timeoutMs: PATIENT_MS }, never)
    expect(server.requests).toMatchObject([{ path, body: { model: 'model-a', input: 'x' } }])
  })

  it.each<[string, Step, object]>([
    ['a refusal with its body', replies(400, { error: { message: 'no' } }), { status: 400, body: '{"error":{"message":"no"}}' }],
    ['when to come again', replies(429, { error: { message: 'slow' } }, { 'retry-after': '2' }), { retryAfterMs: 2000 }],
    [
      'a page of HTML as an error',
      replies(502, '<html>bad gateway</html>'),
      {
        status: 502,
        body: '{"error":{"message":"Lab answered 502 with an HTML page","type":"upstream_error","param":null,"code":null}}',
      },
    ],
    ['a refusal that says it is a success', replies(200, { error: { message: 'no' } }), { status: 502 }],
    [
      'an error without the key',
      replies(401, { error: { message: `bad ${KEY}` } }),
      { body: '{"error":{"message":"bad [key]"}}' },
    ],
  ])('tells %s', async (_what, step, expected) => {
    server.script(step)
    expect(await upstreams.send(chat(LAB), never)).toMatchObject(expected)
  })

  it('gives an answer of many lines in one', async () => {
    server.script((_request, response) => response.end(JSON.stringify(ANSWER, null, 2)))
    expect(await upstreams.send(chat(LAB), never)).toMatchObject({ body: JSON.stringify(ANSWER), tokensOut: 3 })
  })

  it('reads a date after which to come again', async () => {
    server.script(replies(503, { error: {} }, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }))
    const { retryAfterMs } = await upstreams.send(chat(LAB), never)
    expect(retryAfterMs).toBeGreaterThan(50_000)
    expect(retryAfterMs).toBeLessThanOrEqual(60_000)
  })

  it.each<[string, Step, string]>([
    ['half an answer', replies(200, '{"id": "c1", "cho'), 'malformed'],
    ['something else than an object', replies(200, '"Hello"'), 'malformed'],
    ['a connection that is cut', (_request, response) => response.destroy(), 'connection'],
    [
      'an answer that is cut',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"id"')
        setTimeout(() => response.destroy(), 20)
      },
      'connection',
    ],
  ])('fails by name on %s', async (_what, step, reason) => {
    server.script(step)
    await expect(upstreams.send(chat(LAB), never)).rejects.toMatchObject({ name: 'UpstreamError', reason })
  })

  it('says where it was never seen: nobody listens, or there is no such host', async () => {
    await server.close()
    await expect(upstreams.send(chat(LAB), never)).rejects.toMatchObject({ reason: 'unreachable' })
    await endpoints.save({ ...lab(), base_url: 'http://nowhere.invalid/v1' }, undefined)
    await expect(upstreams.send(chat(LAB), never)).rejects.toMatchObject({ reason: 'unreachable' })
  })

  it('is given up when no answer has come in its time', async () => {
    server.script(staysSilentAfter([]))
    await expect(upstreams.send(chat(LAB, {}, 100), never)).rejects.toMatchObject({ name: 'UpstreamError', reason: 'timeout' })
  })

  it('is given up when its answer drips in too slowly to ever be whole', async () => {
    server.script((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const drip = setInterval(() => response.write(' '), 20)
      response.once('close', () => clearInterval(drip))
    })
    await expect(upstreams.send(chat(LAB, {}, 200), never)).rejects.toMatchObject({ reason: 'timeout' })
  })

  it('ends with the reason of who called it off, and the server sees it go', async () => {
    const gone = Promise.withResolvers<null>()
    server.script((_request, response) => void response.once('close', () => gone.resolve(null)))
    const caller = new AbortController()
    const sent = upstreams.send(chat(LAB), caller.signal)
    await expect.poll(() => server.requests.length).toBe(1)
    caller.abort(new Error('enough'))
    await expect(sent).rejects.toThrow('enough')
    await gone.promise
  })

  it('uses a key and an address from the moment they are saved, and none after the endpoint is removed', async () => {
    server.script(replies(200, ANSWER))
    await upstreams.send(chat(LAB), never)
    await endpoints.save(lab(), 'sk-other-key')
    await upstreams.send(chat(LAB), never)
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([`Bearer ${KEY}`, 'Bearer sk-other-key'])
    await endpoints.remove('lab')
    await expect(upstreams.send(chat(LAB), never)).rejects.toMatchObject({ reason: 'unreachable' })
  })

  it('streams as the server streams', async () => {
    server.script(streams(says('Hel', 'lo')))
    const { status, contentType, body } = await upstreams.open(chat(LAB, { stream: true }), never)
    expect([status, contentType]).toEqual([200, 'text/event-stream'])
    const events = (await readAll(body)).split('\n\n')
    expect(events.at(0)).toContain('"content":"Hel"')
    expect(events.at(-2)).toBe('data: [DONE]')
  })

  it('tells a refusal before a stream begins', async () => {
    server.script(replies(404, { error: { message: 'no such model' } }))
    const { status, body } = await upstreams.open(chat(LAB, { stream: true }), never)
    expect([status, await readAll(body)]).toEqual([404, '{"error":{"message":"no such model"}}'])
  })

  it('fails in the middle of a stream that breaks, and passes on what is no JSON as it came', async () => {
    server.script(breaksAfter(says('Hel')), breaksJson)
    const broken = await upstreams.open(chat(LAB, { stream: true }), never)
    await expect(readAll(broken.body)).rejects.toMatchObject({ reason: 'connection' })
    const odd = await upstreams.open(chat(LAB, { stream: true }), never)
    expect(await readAll(odd.body)).toBe('data: {"choices": [{"delta"\n\n')
  })

  it('lets go of the server when the reader of a stream leaves', async () => {
    const gone = Promise.withResolvers<null>()
    server.script((_request, response) => {
      response.once('close', () => gone.resolve(null))
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {}\n\n')
    })
    const { body } = await upstreams.open(chat(LAB, { stream: true }), never)
    for await (const chunk of body) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    await gone.promise
  })
})

describe('A request to the built-in engine', () => {
  it('is understood, and answered as a chat completion', async () => {
    script = ({ messages, temperature, maxTokens, seed, format }) =>
      JSON.stringify({ messages, temperature, maxTokens, seed, format })
    const schema = { type: 'object', properties: { a: { type: 'integer' } } }
    const reply = await upstreams.send(
      chat(BUILT_IN, {
        messages: [
          { role: 'developer', content: 'Be brief.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'One ' },
              { type: 'text', text: 'two' },
            ],
          },
        ],
        temperature: 0.5,
        max_completion_tokens: 9,
        seed: 4,
        n: 1,
        response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
      }),
      never,
    )
    const answer = parsed(reply.body)
    expect(reply).toMatchObject({ status: 200, tokensIn: 4 })
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: 'small',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant' } }],
      usage: { prompt_tokens: 4, completion_tokens: reply.tokensOut, total_tokens: 4 + reply.tokensOut },
    })
    expect(JSON.parse(saidIn(reply.body))).toEqual({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'One two' },
      ],
      temperature: 0.5,
      maxTokens: 9,
      seed: 4,
      format: { name: 'answer', schema },
    })
  })

  it.each([
    [
      { stop: 'END', top_p: 0.5, top_k: -1 },
      { topP: 0.5, topK: 0, stop: ['END'] },
    ],
    [
      { stop: ['a', 'b'], top_k: 20 },
      { topK: 20, stop: ['a', 'b'] },
    ],
    [{ stop: [], response_format: { type: 'text' } }, {}],
  ])('is sampled and ended as it says: %j', async (body, expected) => {
    script = ({ topP, topK, stop }) => JSON.stringify({ topP, topK, stop })
    expect(JSON.parse(saidIn((await upstreams.send(chat(BUILT_IN, body), never)).body))).toEqual(expected)
  })

  it('that wants a JSON object gets one of any shape', async () => {
    script = ({ format }) => JSON.stringify(format?.schema)
    const { body } = await upstreams.send(chat(BUILT_IN, { response_format: { type: 'json_object' } }), never)
    expect(JSON.parse(saidIn(body))).toEqual({ type: 'object' })
  })

  it('gets as many answers as it wants, each from a seed of its own, and pays for its prompt once', async () => {
    script = ({ seed }) => `seed ${seed}`
    const reply = await upstreams.send(chat(BUILT_IN, { n: 3, seed: 5 }), never)
    expect(parsed(reply.body)).toMatchObject({
      choices: [5, 6, 7].map((seed, index) => ({ index, message: { content: `seed ${seed}` } })),
      usage: { prompt_tokens: reply.tokensIn, completion_tokens: 6 },
    })
    expect([reply.tokensIn, reply.tokensOut]).toEqual([1, 6])
  })

  it('may take the whole context where it sets no limit', async () => {
    script = ({ maxTokens }) => String(maxTokens)
    const { body } = await upstreams.send(chat(BUILT_IN), never)
    expect(saidIn(body)).toBe(String(32_768 - 1 - 24 - 8))
  })

  it('answers a prompt as a completion', async () => {
    const body = JSON.stringify({ model: 'small', prompt: 'Say', max_tokens: 3 })
    const reply = await upstreams.send({ model: BUILT_IN, endpoint: '/v1/completions', body, timeoutMs: PATIENT_MS }, never)
    expect(JSON.parse(reply.body)).toMatchObject({
      object: 'text_completion',
      choices: [{ text: 'Hello.', finish_reason: 'stop' }],
    })
  })

  it.each([
    [{ stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop'],
    [{ n: 17 }, 'n'],
    [{ n: 2, stream: true }, 'n'],
    [{ top_p: 0 }, 'top_p'],
    [{ presence_penalty: 1 }, 'presence_penalty'],
    [{ logprobs: true }, 'logprobs'],
    [{ tools: [{ type: 'function' }] }, 'tools'],
    [{ response_format: { type: 'yaml' } }, 'response_format'],
    [{ temperature: 3 }, 'temperature'],
    [{ messages: [] }, 'messages'],
    [{ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 'messages.0.content'],
  ])('%j is refused by name', async (body, param) => {
    const reply = await upstreams.send(chat(BUILT_IN, body), never)
    expect(reply.status).toBe(400)
    expect(JSON.parse(reply.body)).toMatchObject({ error: { type: 'invalid_request_error', param } })
  })

  it.each([
    ['a prompt that is too long', scriptedFailure('context_exceeded', false), 400],
    ['an empty answer', scriptedFailure('invalid_output', false), 422],
    ['an inner failure', scriptedFailure('internal', true), 500],
  ])('%s has a status', async (_what, failure, status) => {
    script = () => {
      throw failure
    }
    expect(await upstreams.send(chat(BUILT_IN), never)).toMatchObject({ status })
    const streamed = await upstreams.open(chat(BUILT_IN, { stream: true }), never)
    expect(streamed.status).toBe(status)
  })

  it('that kills it fails by name', async () => {
    script = () => {
      throw scriptedFailure('engine_crashed', true)
    }
    await expect(upstreams.send(chat(BUILT_IN), never)).rejects.toMatchObject({ name: 'UpstreamError', reason: 'crashed' })
    await expect(upstreams.open(chat(BUILT_IN, { stream: true }), never)).rejects.toMatchObject({ reason: 'crashed' })
  })

  it('streams in chunks, with what it used at the end where that is wanted', async () => {
    const request = chat(BUILT_IN, { stream: true, stream_options: { include_usage: true } })
    const { contentType, body } = await upstreams.open(request, never)
    const events = (await readAll(body)).trimEnd().split('\n\n')
    expect(contentType).toMatch('text/event-stream')
    expect(events.at(-1)).toBe('data: [DONE]')
    expect(events.slice(0, -1).map((event) => parsed(event.slice(6)))).toMatchObject([
      { object: 'chat.completion.chunk', choices: [{ delta: { role: 'assistant' } }] },
      { choices: [{ delta: { content: 'Hello.' }, finish_reason: null }] },
      { choices: [{ delta: {}, finish_reason: 'stop' }] },
      { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } },
    ])
  })

  it('ends in the engine when whoever asked leaves', async () => {
    const begun = Promise.withResolvers<null>()
    script = (_call, _tries, signal) => {
      begun.resolve(null)
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('heard', { cause: signal.reason }))),
      )
    }
    const caller = new AbortController()
    const opened = upstreams.open(chat(BUILT_IN, { stream: true }), caller.signal)
    await begun.promise
    caller.abort(new Error('gone'))
    await expect(opened).rejects.toMatchObject({ message: 'heard', cause: { message: 'gone' } })
  })
})

describe('A request for embeddings to the built-in engine', () => {
  const ask = (body: object) =>
    upstreams.send(
      { model: VECTORS, endpoint: '/v1/embeddings', body: JSON.stringify({ model: 'vectors', ...body }), timeoutMs: PATIENT_MS },
      never,
    )

  it('finds its model, and gives a vector for each text', async () => {
    expect(await upstreams.resolve('vectors')).toMatchObject({ kind: 'found', served: { reference: VECTORS } })
    const { status, body, tokensIn } = await ask({ input: ['one', 'three'] })
    expect([status, tokensIn]).toEqual([200, 2])
    expect(parsed(body)).toEqual({
      object: 'list',
      data: [
        { object: 'embedding', index: 0, embedding: [3, 0.5] },
        { object: 'embedding', index: 1, embedding: [5, 0.5] },
      ],
      model: 'vectors',
      usage: { prompt_tokens: 2, total_tokens: 2 },
    })
  })

  it('gives them as base64 of 32-bit floats where that is asked for', async () => {
    const { body } = await ask({ input: 'one', encoding_format: 'base64' })
    expect(body).toContain(`"embedding":"${Buffer.from(Float32Array.of(3, 0.5).buffer).toString('base64')}"`)
  })

  it.each([
    [{ input: [[1, 2]] }, 'input'],
    [{ input: '' }, 'input'],
    [{ input: 'a', dimensions: 64 }, 'dimensions'],
  ])('%j is refused by name', async (body, param) => {
    const reply = await ask(body)
    expect(reply.status).toBe(400)
    expect(parsed(reply.body)).toMatchObject({ error: { param } })
  })
})

describe('A model name', () => {
  const at = (engine_id: string, model: string) => ({
    reference: { engine_id, model },
    label: model,
    contextTokens: null,
    starter: false,
    parallel: 1,
    tokensPerSecond: null,
  })
  const served = [at('a', 'one'), at('b', 'one'), at('b', 'org/two'), at('org', 'two')]

  it.each([
    ['a served name', 'org/two', undefined, { kind: 'found', served: served[2] }],
    ['an engine and a name', 'a/one', undefined, { kind: 'found', served: served[0] }],
    ['a name with its engine beside it', 'one', 'b', { kind: 'found', served: served[1] }],
    ['a name that several serve', 'one', undefined, { kind: 'ambiguous', engines: ['a', 'b'] }],
    ['a name that nobody serves', 'three', 'b', { kind: 'unknown', known: ['one', 'org/two'] }],
  ])('is %s', (_what, model, engineId, expected) => {
    expect(resolveModel(served, model, engineId)).toEqual(expected)
  })
})
