import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelCall, ModelCallEvents } from '../../ports/engines.ts'
import type { EndpointSettings } from '../../messages/endpoint.ts'
import { systemClock } from '../system/clock.ts'
import { createOpenAiEngine, type OpenAiEngine } from './openai-engine.ts'
import {
  breaksAfter,
  breaksJson,
  ending,
  endsAfter,
  piece,
  replies,
  says,
  startScriptedEndpoint,
  staysSilentAfter,
  streams,
  type ScriptedEndpoint,
} from './scripted-endpoint.ts'

const KEY = 'sk-test-0123456789abcdef'
const never = new AbortController().signal

let server: ScriptedEndpoint
let engine: OpenAiEngine

beforeEach(async () => {
  server = await startScriptedEndpoint()
  engine = connect()
})

afterEach(async () => server.close())

/** Longer than any test; silence is waited for only where it is the point. */
const PATIENT_MS = 60_000

function connect(settings: Partial<EndpointSettings> = {}, key: string | null = KEY, idleTimeoutMs = PATIENT_MS): OpenAiEngine {
  return createOpenAiEngine({
    settings: { id: 'lab', name: 'Lab', base_url: server.url, models: null, parallel: 2, allow_substitution: false, ...settings },
    apiKey: () => Promise.resolve(key ?? undefined),
    clock: systemClock,
    idleTimeoutMs,
  })
}

function ask(extra: Partial<ModelCall> = {}): ModelCall {
  return {
    model: { engine_id: 'lab', model: 'model-a' },
    messages: [{ role: 'user', content: 'Say hello.' }],
    temperature: 0.7,
    maxTokens: 50,
    seed: 3,
    format: null,
    scoreField: null,
    ...extra,
  }
}

function listen(): ModelCallEvents & { texts: string[]; started: number } {
  const heard = { texts: [] as string[], started: 0 }
  return Object.assign(heard, { onStarted: () => (heard.started += 1), onText: (text: string) => void heard.texts.push(text) })
}

const SCORES = { format: { name: 'scores', schema: { type: 'object' } }, scoreField: { field: 'score', min: 0, max: 10 } }

function token(text: string, alternatives: Record<string, number>): unknown {
  const top_logprobs = Object.entries(alternatives).map(([alternative, p]) => ({
    token: alternative,
    logprob: Math.log(p),
    bytes: null,
  }))
  const own = top_logprobs.find((one) => one.token === text) ?? { token: text, logprob: 0, bytes: null }
  return {
    choices: [{ index: 0, delta: { content: text }, finish_reason: null, logprobs: { content: [{ ...own, top_logprobs }] } }],
  }
}

describe('An OpenAI-compatible endpoint', () => {
  it('streams an answer with its usage, under the key it was given', async () => {
    server.script(streams(says('Hello', ' there')))
    const events = listen()
    const reply = await engine.complete(ask(), events, never)
    expect(reply).toMatchObject({
      text: 'Hello there',
      reasoning: null,
      servedModel: 'model-a',
      finish: 'stop',
      tokensIn: 11,
      tokensOut: 2,
      expectedScores: null,
      degraded: null,
    })
    expect(events).toMatchObject({ started: 1, texts: ['Hello', ' there'] })
    expect(server.requests[0]).toMatchObject({
      path: '/v1/chat/completions',
      authorization: `Bearer ${KEY}`,
      body: {
        model: 'model-a',
        temperature: 0.7,
        max_tokens: 50,
        seed: 3,
        stream: true,
        stream_options: { include_usage: true },
      },
    })
  })

  it('sends no authorization where there is no key', async () => {
    await connect({}, null).complete(ask(), listen(), never)
    expect(server.requests).toMatchObject([{ authorization: undefined }])
  })

  it('says when the answer was cut by its length limit', async () => {
    server.script(streams([piece('Hel'), ending('length')]))
    expect(await engine.complete(ask(), listen(), never)).toMatchObject({ text: 'Hel', finish: 'length' })
  })

  it.each([
    ['in a field of its own', [{ choices: [{ delta: { reasoning_content: 'Let me think.' } }] }, ...says('Yes')]],
    ['between think tags cut anywhere', says('<thi', 'nk>Let me ', 'think.</th', 'ink>\n\nYes')],
    ['before an end tag whose begin was in the prompt', says('Let me think.', '</think>', 'Yes')],
  ])('check 9: keeps reasoning apart that comes %s', async (_where, chunks) => {
    server.script(streams(chunks))
    expect(await engine.complete(ask(), listen(), never)).toMatchObject({ text: 'Yes', reasoning: 'Let me think.' })
  })

  describe('fails with a named failure', () => {
    it.each([
      ['408', replies(408, { error: { message: 'slow' } }), 'timeout', true],
      ['429', replies(429, { error: { message: 'slow down' } }), 'rate_limited', true],
      [
        '429 for an empty account',
        replies(429, { error: { message: 'pay', code: 'insufficient_quota' } }),
        'rate_limited',
        false,
      ],
      ['500', replies(500, { error: { message: 'oops' } }), 'server_error', true],
      ['502 from a proxy', replies(502, '<html>Bad gateway</html>'), 'server_error', true],
      ['400', replies(400, { error: { message: 'no' } }), 'rejected', false],
      ['401', replies(401, { error: { message: 'who are you' } }), 'rejected', false],
      ['403', replies(403, { error: { message: 'no' } }), 'rejected', false],
      ['404', replies(404, { error: { message: 'The model `model-a` does not exist.' } }), 'model_missing', false],
      [
        'a prompt over the context',
        replies(400, { error: { message: "This model's maximum context length is 2048 tokens; max_tokens is too large" } }),
        'context_exceeded',
        false,
      ],
      [
        'an error inside the stream',
        streams([piece('He'), { error: { message: 'out of memory', code: 500 } }]),
        'server_error',
        true,
      ],
      ['malformed JSON', breaksJson, 'server_error', true],
      ['a chunk of another shape', streams([{ choices: 'none' }]), 'server_error', true],
      ['a connection that breaks', breaksAfter([piece('He')]), 'connection', true],
      ['a stream without an end', endsAfter([piece('He')]), 'connection', true],
      ['an empty answer', streams([ending('stop')]), 'invalid_output', true],
      ['thinking that eats all tokens', streams([piece('<think>hmm'), ending('length')]), 'invalid_output', false],
      ['a blocked answer', streams([piece('He'), ending('content_filter')]), 'rejected', false],
      ['another model', streams([{ model: 'model-b', choices: [] }]), 'model_mismatch', false],
    ])('on %s', async (_what, step, failure, retryable) => {
      server.script(step)
      await expect(engine.complete(ask(), listen(), never)).rejects.toMatchObject({ name: 'ModelCallError', failure, retryable })
      expect(server.requests).toHaveLength(1)
      expect((await engine.status()).running).toBe(0)
    })

    it.each([
      ['from the start', staysSilentAfter([])],
      ['in the middle', staysSilentAfter([piece('He')])],
    ])('on silence %s', async (_where, step) => {
      const impatient = connect({}, KEY, 300)
      server.script(step)
      await expect(impatient.complete(ask(), listen(), never)).rejects.toMatchObject({ failure: 'timeout', retryable: true })
      expect((await impatient.status()).running).toBe(0)
    })

    it('check 8: when nobody listens', async () => {
      await server.close()
      await expect(engine.complete(ask(), listen(), never)).rejects.toMatchObject({
        failure: 'connection',
        retryable: true,
        message: expect.stringContaining('ECONNREFUSED') as string,
      })
    })
  })

  it('passes on for how long the server asks to be left alone', async () => {
    server.script(replies(429, { error: { message: 'slow down' } }, { 'retry-after': '7' }))
    await expect(engine.complete(ask(), listen(), never)).rejects.toMatchObject({ retryAfterMs: 7000 })
  })

  it('keeps the key out of error texts, whole or in parts', async () => {
    server.script(replies(401, { error: { message: `Incorrect API key provided: ${KEY} (sk-test-****cdef).` } }))
    const error = await engine.complete(ask(), listen(), never).catch((caught: unknown) => String(caught))
    expect(error).toContain('401')
    expect(error).not.toMatch(/sk-test|abcdef/)
  })

  it('gives up with the reason of the caller when it is cancelled', async () => {
    server.script(staysSilentAfter([piece('He')]))
    const cancel = new AbortController()
    const call = engine.complete(
      ask(),
      { onStarted: () => undefined, onText: () => cancel.abort(new Error('enough')) },
      cancel.signal,
    )
    await expect(call).rejects.toThrow('enough')
  })

  it.each([
    ['logprobs', 'logprobs is not supported with this model', /log-probabilities/],
    ['response_format', "'response_format.type' must be 'text'", /JSON schema/],
    ['stream_options', 'Unknown parameter: stream_options', /token counts/],
    ['seed', 'Extra inputs are not permitted: seed', /seed/],
  ])('asks once more without %s where the server refuses it, remembers that, and says so', async (option, message, note) => {
    server.script(replies(400, { error: { message } }), streams(says('{"score": 7}')))
    const reply = await engine.complete(ask(SCORES), listen(), never)
    expect(reply.degraded).toMatch(note)
    await engine.complete(ask(SCORES), listen(), never)
    expect(server.requests.map(({ body }) => option in body)).toEqual([true, false, false])
  })

  it('names the token limit as newer servers want it', async () => {
    server.script(
      replies(400, {
        error: { message: "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", param: 'max_tokens' },
      }),
      streams(says('Hello')),
    )
    expect((await engine.complete(ask(), listen(), never)).degraded).toBeNull()
    expect(server.requests[1]?.body).toMatchObject({ max_completion_tokens: 50 })
  })

  it('answers with another model only where that is allowed, and says so', async () => {
    server.script(streams([{ model: 'model-b', choices: [] }, ...says('Hello')]))
    const reply = await connect({ allow_substitution: true }).complete(ask(), listen(), never)
    expect(reply).toMatchObject({ servedModel: 'model-b', degraded: expect.stringContaining('model_substituted') as string })
  })

  it('weighs scores by the log-probabilities of their own tokens', async () => {
    server.script(
      streams([
        token('{"scores": [{"score": ', {}),
        token('8', { '8': 0.5, '6': 0.5 }),
        token('}, {"score":', {}),
        token(' 9', { ' 9': 0.75, ' 5': 0.25 }),
        token('}, {"score": ', {}),
        token('1', { '1': 0.8, '7': 0.2 }),
        token('0', { '0': 0.5, '}': 0.5 }),
        token('}]}', {}),
        ending('stop'),
      ]),
    )
    const reply = await engine.complete(ask(SCORES), listen(), never)
    expect(reply.expectedScores?.map((score) => score.toFixed(3))).toEqual(['7.000', '8.000', '5.800'])
    expect(server.requests[0]?.body).toMatchObject({ logprobs: true, top_logprobs: 20 })
  })

  it('says so when the log-probabilities it asked for do not come', async () => {
    server.script(streams(says('{"score": 7}')))
    expect(await engine.complete(ask(SCORES), listen(), never)).toMatchObject({
      expectedScores: null,
      degraded: expect.stringContaining('log-probabilities') as string,
    })
  })

  it('runs no more calls at once than it may, first come first served', async () => {
    const held: (() => void)[] = []
    server.script((request, response) => void held.push(() => streams(says('Hello'))(request, response)))
    const granted: number[] = []
    const calls = [0, 1, 2, 3].map((index) =>
      engine.complete(ask(), { onStarted: () => void granted.push(index), onText: () => undefined }, never),
    )
    await expect.poll(() => held.length).toBe(2)
    expect(granted).toEqual([0, 1])
    expect(await engine.status()).toMatchObject({ running: 2, waiting: 2, parallel: 2 })
    server.script(streams(says('Hello')))
    for (const answer of held) answer()
    await Promise.all(calls)
    expect(granted).toEqual([0, 1, 2, 3])
    expect((await engine.status()).tokensPerSecond).toBeGreaterThan(0)
  })

  describe('when its connection is tested', () => {
    it('lists what the server serves, with the context where the server says it', async () => {
      server.listModels(
        replies(200, { data: [{ id: 'a', max_model_len: 4096 }, { id: 'b' }, { id: 'c', meta: { n_ctx_train: 8192 } }] }),
      )
      expect(await engine.testConnection(never)).toMatchObject({
        ok: true,
        models: [
          { model: 'a', contextTokens: 4096 },
          { model: 'b', contextTokens: null },
          { model: 'c', contextTokens: 8192 },
        ],
      })
      expect(await engine.status()).toMatchObject({ state: 'ready', hasKey: true })
    })

    it.each([
      ['a wrong key', replies(401, { error: { message: 'Invalid key' } }), /401 Invalid key/],
      ['a web page', replies(200, '<html>Welcome</html>'), /not what an OpenAI-compatible server sends/],
      ['no model', replies(200, { data: [] }), /serves no model/],
    ])('says what is wrong: %s', async (_what, reply, detail) => {
      server.listModels(reply)
      expect(await engine.testConnection(never)).toMatchObject({
        ok: false,
        detail: expect.stringMatching(detail) as string,
        models: [],
      })
      expect(await engine.served()).toEqual([])
      expect((await engine.status()).state).toBe('failed')
    })

    it('offers the models the operator named where the server does not list any', async () => {
      server.listModels(replies(404, { error: { message: 'Not found' } }))
      const named = connect({ models: ['model-x'] })
      expect(await named.testConnection(never)).toMatchObject({ ok: true })
      expect((await named.served()).map(({ reference }) => reference)).toEqual([{ engine_id: 'lab', model: 'model-x' }])
    })
  })
})
