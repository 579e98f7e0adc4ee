import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { scriptedFailure, type Script } from '../memory/engines.ts'
import {
  BUILT_IN,
  chat,
  never,
  openUpstreamsUnderTest,
  PATIENT_MS,
  VECTORS,
  type UpstreamsUnderTest,
} from './upstreams-under-test.ts'

const parsed = (json: string): unknown => JSON.parse(json)
const chatAnswer = z.object({ choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]) })
const saidIn = (body: string): string => chatAnswer.parse(parsed(body)).choices[0].message.content

let world: UpstreamsUnderTest
let upstreams: UpstreamsUnderTest['upstreams']
let script: Script
beforeEach(async () => {
  script = () => 'Hello.'
  world = await openUpstreamsUnderTest((call, tries, signal) => script(call, tries, signal))
  ;({ upstreams } = world)
})
afterEach(() => world.stop())

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
    const events = (await text(body)).trimEnd().split('\n\n')
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
