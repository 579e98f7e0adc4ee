import { connect } from 'node:net'
import OpenAI, {
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  toFile,
} from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ApiKeys } from '../../../app/api-keys.ts'
import { replies, says, startScriptedEndpoint, type ScriptedEndpoint } from '../../openai/scripted-endpoint.ts'
import type { BatchesUnderTest } from './batches-under-test.ts'
import { openGatewayUnderTest, type GatewayUnderTest } from './gateway-under-test.ts'

const LAB = { engine_id: 'lab', model: 'org/model-a' }
const answer = (content: string) => ({
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: LAB.model,
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
  usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
})

let server: ScriptedEndpoint
let gateway: GatewayUnderTest
let batching: BatchesUnderTest
let keys: ApiKeys
let url: string
let client: OpenAI

beforeEach(async () => {
  server = await startScriptedEndpoint()
  server.script(replies(200, answer('Hello')))
  gateway = await openGatewayUnderTest(server)
  ;({ batching, keys, url } = gateway)
  client = clientWith(gateway.token)
})

afterEach(async () => {
  await gateway.stop()
  await server.close()
})

const clientWith = (apiKey: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 })

const line = (id: string, content: string, model = 'small') =>
  JSON.stringify({
    custom_id: id,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model, messages: [{ role: 'user', content }] },
  })

const upload = async (...lines: string[]) =>
  await client.files.create({ file: await toFile(Buffer.from(`${lines.join('\n')}\n`), 'input.jsonl'), purpose: 'batch' })

const ask = (model: string, extra: object = {}) =>
  client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hi' }], ...extra })

describe('The official client', () => {
  it('lists models and finds one, also where its name has a slash', async () => {
    const listed = (await client.models.list()).data.map(({ id, owned_by }) => `${owned_by}: ${id}`)
    expect(listed).toEqual(['embedded: small', 'lab: org/model-a', 'lab: lab/twice', 'lab-2: lab-2/twice'])
    expect(await client.models.retrieve('org/model-a')).toMatchObject({ id: 'org/model-a', object: 'model' })
    await expect(client.models.retrieve('none')).rejects.toBeInstanceOf(NotFoundError)
  })

  it('chats with an endpoint and with the built-in engine; each is recorded', async () => {
    expect((await ask('org/model-a')).choices[0]?.message.content).toBe('Hello')
    expect((await ask('embedded/small')).choices[0]?.message.content).toBe('Echo: Hi')
    expect(gateway.decisions).toMatchObject([
      { caller: 'owner', model: 'org/model-a', engine: 'lab', status: 200, tokens_in: 5, tokens_out: 2, stream: false },
      { caller: 'owner', model: 'small', engine: 'embedded', status: 200 },
    ])
  })

  it('hears each piece of a stream when it comes, and its use of tokens is recorded', async () => {
    const second = Promise.withResolvers<null>()
    const events = says('Hel', 'lo').map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
    server.script((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(events[0])
      void second.promise.then(() => response.end(`${events.slice(1).join('')}data: [DONE]\n\n`))
    })
    const stream = await client.chat.completions.create({
      model: 'org/model-a',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      stream_options: { include_usage: true },
    })
    const heard: string[] = []
    for await (const chunk of stream) {
      heard.push(chunk.choices[0]?.delta.content ?? '')
      second.resolve(null)
    }
    expect(heard.join('')).toBe('Hello')
    await expect.poll(() => gateway.decisions).toMatchObject([{ stream: true, status: 200, tokens_in: 11, tokens_out: 2 }])
  })

  it('reads the manifest of a batch once it has ended, and none before', async () => {
    batching.hold(true)
    const { id } = await client.batches.create({
      input_file_id: (await upload(line('a', 'one'))).id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    })
    await expect(client.get(`/batches/${id}/manifest`)).rejects.toThrow(/404 .*once it has ended/)
    await client.batches.cancel(id)
    expect(await client.get(`/batches/${id}/manifest`)).toMatchObject({ batch_id: id, counts: { total: 1 } })
  })

  it('streams from the built-in engine', async () => {
    const stream = await client.chat.completions.create({
      model: 'small',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
    })
    let heard = ''
    for await (const chunk of stream) heard += chunk.choices[0]?.delta.content ?? ''
    expect(heard).toBe('Echo: Hi')
  })

  it('leaves the server alone when it hangs up', async () => {
    const gone = Promise.withResolvers<null>()
    server.script((_request, response) => {
      response.once('close', () => gone.resolve(null))
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`data: ${JSON.stringify(says('x')[0])}\n\n`)
    })
    const stream = await client.chat.completions.create({
      model: 'org/model-a',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
    })
    for await (const _chunk of stream) break
    await gone.promise
  })

  it('gets completions and embeddings', async () => {
    expect((await client.completions.create({ model: 'small', prompt: 'Say' })).choices[0]?.text).toBe('Echo: Say')
    server.script(
      replies(200, {
        object: 'list',
        model: LAB.model,
        data: [{ object: 'embedding', index: 0, embedding: [0.5, 1] }],
        usage: { prompt_tokens: 2, total_tokens: 2 },
      }),
    )
    const { data } = await client.embeddings.create({ model: 'org/model-a', input: 'Hi', encoding_format: 'float' })
    expect(data[0]?.embedding).toEqual([0.5, 1])
  })

  it.each<[string, () => Promise<unknown>, new (...args: never[]) => Error, object]>([
    ['an unknown model', () => ask('none'), NotFoundError, { status: 404, code: 'model_not_found', param: 'model' }],
    ['a model that several engines serve', () => ask('twice'), BadRequestError, { code: 'ambiguous_model' }],
    ['what the engine cannot honour', () => ask('small', { logprobs: true }), BadRequestError, { param: 'logprobs' }],
    ['an unknown key', () => clientWith('nonsense').models.list(), AuthenticationError, { code: 'invalid_api_key' }],
    ['an unknown file', () => client.files.retrieve('file-none'), NotFoundError, { code: 'not_found' }],
    ['an unknown batch', () => client.batches.retrieve('batch_none'), NotFoundError, { param: 'batch_id' }],
    [
      'a window that is none',
      () => client.batches.create({ input_file_id: 'f', endpoint: '/v1/chat/completions', completion_window: 'soon' as '24h' }),
      BadRequestError,
      { param: 'completion_window' },
    ],
    [
      'an endpoint that is not for batches',
      () => client.batches.create({ input_file_id: 'f', endpoint: '/v1/responses', completion_window: '24h' }),
      BadRequestError,
      { param: 'endpoint' },
    ],
  ])('is told by its own exceptions of %s', async (_what, act, type, details) => {
    const fault: unknown = await act().catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(type)
    expect(fault).toMatchObject(details)
  })

  it('is told what the endpoint said, with when to come again', async () => {
    server.script(replies(429, { error: { message: 'slow down', type: 'x', param: null, code: 'c' } }, { 'retry-after': '7' }))
    const fault: unknown = await ask('org/model-a').catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(RateLimitError)
    expect(fault).toMatchObject({ code: 'c', status: 429 })
    expect((fault as RateLimitError).headers.get('retry-after')).toBe('7')
    server.script((_request, response) => response.destroy())
    await expect(ask('org/model-a')).rejects.toBeInstanceOf(InternalServerError)
  })

  it('says with a file how long it is kept, and is refused what is too short', async () => {
    const send = async (seconds: number) =>
      await client.files.create({
        file: await toFile(Buffer.from(line('a', 'one')), 'kept.jsonl'),
        purpose: 'batch',
        expires_after: { anchor: 'created_at', seconds },
      })
    const file = await send(3600)
    expect(file.expires_at).toBe(file.created_at + 3600)
    const before = (await client.files.list()).data.length
    await expect(send(60)).rejects.toMatchObject({ status: 400, param: 'expires_after' })
    expect((await client.files.list()).data).toHaveLength(before)
  })

  it('check 1: uploads, creates, polls, downloads and removes', async () => {
    const file = await upload(line('a', 'one'), line('b', 'two'))
    expect(file).toMatchObject({ object: 'file', purpose: 'batch', filename: 'input.jsonl' })
    const created = await client.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      metadata: { team: 'x' },
    })
    expect(created).toMatchObject({ object: 'batch', input_file_id: file.id, metadata: { team: 'x' }, errors: null })
    await expect.poll(async () => (await client.batches.retrieve(created.id)).status).toBe('completed')
    const done = await client.batches.retrieve(created.id)
    expect(done.request_counts).toEqual({ total: 2, completed: 2, failed: 0 })
    expect(done.completed_at).toBeGreaterThan(1_700_000_000)
    expect(done.completed_at).toBeLessThan(10_000_000_000)
    const lines = (await (await client.files.content(done.output_file_id ?? '')).text()).trimEnd().split('\n')
    const output = lines.map((text) => JSON.parse(text) as { custom_id: string; response: { body: ReturnType<typeof answer> } })
    expect(output.map(({ custom_id, response }) => [custom_id, response.body.choices[0]?.message.content])).toEqual([
      ['a', 'Echo: one'],
      ['b', 'Echo: two'],
    ])
    expect((await client.files.list()).data.map(({ id }) => id)).toContain(file.id)
    expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true })
    await expect(client.files.delete(file.id)).rejects.toBeInstanceOf(NotFoundError)
  })

  it('check 1: pages through batches, cancels one, and is told when it is too late', async () => {
    batching.hold(true)
    const file = await upload(line('a', 'one'))
    const wanted = { input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' } as const
    const ids: string[] = []
    for (let index = 0; index < 3; index++) ids.push((await client.batches.create(wanted)).id)
    const listed: string[] = []
    for await (const one of client.batches.list({ limit: 2 })) listed.push(one.id)
    expect(listed).toEqual(ids.toReversed())
    expect((await client.batches.retrieve(ids[0]!)).status).toBe('in_progress')
    expect(await client.batches.cancel(ids[0]!)).toMatchObject({ status: 'cancelled' })
    await expect(client.batches.cancel(ids[0]!)).rejects.toBeInstanceOf(ConflictError)
    batching.hold(false)
  })
})

describe('A list of batches', () => {
  it('is filtered by metadata as the client writes it, and says which filter it does not know', async () => {
    const list = (query: Record<string, unknown>) => client.get<{ data: unknown[] }>('/batches', { query })
    const file = await upload(line('a', 'one'))
    const wanted = { input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' } as const
    await client.batches.create({ ...wanted, metadata: { team: 'search' } })
    await client.batches.create({ ...wanted, metadata: { team: 'ads' } })
    expect((await list({ metadata: { team: 'ads' } })).data).toMatchObject([{ metadata: { team: 'ads' } }])
    await expect(list({ teams: { of: 'ads' } })).rejects.toThrow('teams')
  })
})

describe('A key', () => {
  it('opens what its scopes say, and sees and uses its own files and batches only', async () => {
    const own = clientWith(await gateway.keyFor(['batches', 'files']))
    await expect(own.chat.completions.create({ model: 'small', messages: [] })).rejects.toBeInstanceOf(PermissionDeniedError)
    const file = await own.files.create({ file: await toFile(Buffer.from(line('a', 'one')), 'a.jsonl'), purpose: 'batch' })
    const wanted = { input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' } as const
    const [mine, theirs] = [await own.batches.create(wanted), await client.batches.create(wanted)]
    expect((await own.batches.list()).data.map(({ id }) => id)).toEqual([mine.id])
    expect((await client.batches.list()).data).toHaveLength(2)
    await expect(own.batches.retrieve(theirs.id)).rejects.toBeInstanceOf(NotFoundError)
    await expect(own.batches.cancel(theirs.id)).rejects.toBeInstanceOf(NotFoundError)

    const foreign = await upload(line('a', 'one'))
    expect((await own.files.list({ purpose: 'batch' })).data.map(({ id }) => id)).toEqual([file.id])
    expect((await client.files.list({ purpose: 'batch' })).data).toHaveLength(2)
    await expect(own.files.retrieve(foreign.id)).rejects.toBeInstanceOf(NotFoundError)
    await expect(own.files.content(foreign.id)).rejects.toBeInstanceOf(NotFoundError)
    await expect(own.files.delete(foreign.id)).rejects.toBeInstanceOf(NotFoundError)
    await expect(own.batches.create({ ...wanted, input_file_id: foreign.id })).rejects.toBeInstanceOf(NotFoundError)
    await expect(own.post('/batches/validate', { body: { input_file_id: foreign.id } })).rejects.toBeInstanceOf(NotFoundError)
    await expect(own.post(`/files/${foreign.id}/cost-estimate`, { body: {} })).rejects.toBeInstanceOf(NotFoundError)
    expect((await client.files.retrieve(foreign.id)).id).toBe(foreign.id)
  })

  it('finds nothing of another at any address of a batch or of operations', async () => {
    batching.hold(true)
    const own = clientWith(await gateway.keyFor(['batches', 'files', 'read']))
    const { id } = await client.batches.create({
      input_file_id: (await upload(line('a', 'one'))).id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    })
    for (const change of ['pause', 'resume', 'cancel', 'retry', 'retry-requests'])
      await expect(own.post(`/batches/${id}/${change}`, { body: { custom_ids: ['a'] } }), change).rejects.toBeInstanceOf(
        NotFoundError,
      )
    for (const part of ['sla', 'analytics', 'results', 'errors', 'manifest'])
      await expect(own.get(`/batches/${id}/${part}`), part).rejects.toBeInstanceOf(NotFoundError)
    await ask('small')
    await expect(own.get(`${url}/jobs/${id}`), 'jobs').rejects.toBeInstanceOf(NotFoundError)
    expect(await own.get(`${url}/queue`)).toEqual({ jobs: [] })
    expect(await own.get(`${url}/sla/status`)).toEqual({ jobs: [] })
    expect(await own.get(`${url}/debug/worker`)).toEqual({ batches: [] })
    expect(await own.get(`${url}/debug/decisions`)).toEqual({ decisions: [] })
  })

  it('may put its batches behind those of others, and not before them', async () => {
    const own = clientWith(await gateway.keyFor(['files', 'batches']))
    const { id } = await own.files.create({ file: await toFile(Buffer.from(line('a', 'one')), 'own.jsonl'), purpose: 'batch' })
    const create = (priority_offset: number) =>
      own.post('/batches', { body: { input_file_id: id, endpoint: '/v1/chat/completions', settings: { priority_offset } } })
    await expect(create(1)).rejects.toMatchObject({ status: 403, code: 'missing_scope', param: 'settings.priority_offset' })
    expect(await create(-1)).toMatchObject({ object: 'batch' })
  })

  it('is held to its limits, and told what is left', async () => {
    const own = clientWith(await gateway.keyFor(['chat'], 'free'))
    const { response } = await own.models.list().withResponse()
    expect(response.headers.get('x-ratelimit-limit-requests')).toBe('10')
    expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('9')
    for (let index = 0; index < 9; index++) await own.models.list()
    const fault: unknown = await own.models.list().then(
      () => expect.fail('let through'),
      (error: unknown) => error,
    )
    expect(fault).toBeInstanceOf(RateLimitError)
    expect(Number((fault as RateLimitError).headers.get('retry-after'))).toBeGreaterThan(50)
  })

  it('opens nothing once it is revoked', async () => {
    const made = await gateway.keyFor(['chat'])
    await clientWith(made).models.list()
    await keys.revoke(keys.list()[0]!.id)
    await expect(clientWith(made).models.list()).rejects.toBeInstanceOf(AuthenticationError)
  })
})

it('An upload that is cut off leaves no file', async () => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const head = `POST /v1/files HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${gateway.token}\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 100000\r\n\r\n`
  socket.write(`${head}--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n`)
  socket.write(`--b\r\ncontent-disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n${line('a', 'one')}\n`)
  await new Promise((resolve) => setTimeout(resolve, 100))
  socket.destroy()
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect((await client.files.list()).data).toEqual([])
})
