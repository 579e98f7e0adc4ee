import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BatchEndpoint } from '../../messages/batch.ts'
import { breaksAfter, breaksJson, replies, says, staysSilentAfter, streams, type Step } from '../openai/scripted-endpoint.ts'
import { chat, KEY, LAB, never, openUpstreamsUnderTest, PATIENT_MS, type UpstreamsUnderTest } from './upstreams-under-test.ts'

const ANSWER = { id: 'c1', object: 'chat.completion', choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } }

let world: UpstreamsUnderTest
let server: UpstreamsUnderTest['server']
let endpoints: UpstreamsUnderTest['endpoints']
let upstreams: UpstreamsUnderTest['upstreams']
let lab: UpstreamsUnderTest['lab']
beforeEach(async () => {
  world = await openUpstreamsUnderTest(() => 'Hello.')
  ;({ server, endpoints, upstreams, lab } = world)
})
afterEach(() => world.stop())

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
    await endpoints.save({ ...lab, base_url: 'http://nowhere.invalid/v1' }, undefined)
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
    await endpoints.save(lab, 'sk-other-key')
    await upstreams.send(chat(LAB), never)
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([`Bearer ${KEY}`, 'Bearer sk-other-key'])
    await endpoints.remove('lab')
    await expect(upstreams.send(chat(LAB), never)).rejects.toMatchObject({ reason: 'unreachable' })
  })

  it('streams as the server streams', async () => {
    server.script(streams(says('Hel', 'lo')))
    const { status, contentType, body } = await upstreams.open(chat(LAB, { stream: true }), never)
    expect([status, contentType]).toEqual([200, 'text/event-stream'])
    const events = (await text(body)).split('\n\n')
    expect(events.at(0)).toContain('"content":"Hel"')
    expect(events.at(-2)).toBe('data: [DONE]')
  })

  it('tells a refusal before a stream begins', async () => {
    server.script(replies(404, { error: { message: 'no such model' } }))
    const { status, body } = await upstreams.open(chat(LAB, { stream: true }), never)
    expect([status, await text(body)]).toEqual([404, '{"error":{"message":"no such model"}}'])
  })

  it('fails in the middle of a stream that breaks, and passes on what is no JSON as it came', async () => {
    server.script(breaksAfter(says('Hel')), breaksJson)
    const broken = await upstreams.open(chat(LAB, { stream: true }), never)
    await expect(text(broken.body)).rejects.toMatchObject({ reason: 'connection' })
    const odd = await upstreams.open(chat(LAB, { stream: true }), never)
    expect(await text(odd.body)).toBe('data: {"choices": [{"delta"\n\n')
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
