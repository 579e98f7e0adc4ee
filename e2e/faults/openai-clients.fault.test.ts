import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { replies, says, startScriptedEndpoint, streams } from '../../cluster/adapters/openai/scripted-endpoint.ts'
import { connectTo } from '../servers/client.ts'
import { startHost } from '../servers/host.ts'

const SCRIPT = fileURLToPath(new URL('../servers/openai_client.py', import.meta.url))
const MODEL = 'org/model-a'
const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const chatAnswer = {
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: MODEL,
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello there.' } }],
  usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
}
const embeddings = {
  object: 'list',
  model: MODEL,
  data: [{ object: 'embedding', index: 0, embedding: [0.5, 1] }],
  usage: { prompt_tokens: 1, total_tokens: 1 },
}

/** An endpoint that answers everything at once. */
async function openEndpoint() {
  const endpoint = await startScriptedEndpoint()
  undo.push(() => endpoint.close())
  endpoint.listModels(replies(200, { data: [{ id: MODEL }] }))
  endpoint.script((request, response) => {
    const isEmbedding = request.path.endsWith('/embeddings')
    const whole = isEmbedding ? replies(200, embeddings) : replies(200, chatAnswer)
    const step = request.body['stream'] === true ? streams(says('Hello ', 'there.')) : whole
    step(request, response)
  })
  return endpoint
}

/** What OpenAI's client for Python got. `keys`: the owner's, and one that may chat ten times a minute. */
async function runPython(url: string, keys: readonly [string, string]): Promise<unknown> {
  const python = process.env['SIGNALBOX_TEST_PYTHON']
  if (python === undefined)
    throw new Error('SIGNALBOX_TEST_PYTHON names no Python with the openai package; `npm test` makes one.')
  const { stdout } = await promisify(execFile)(python, [SCRIPT, `${url}/v1`, ...keys, MODEL])
  return JSON.parse(stdout)
}

const everything = {
  models: expect.arrayContaining([MODEL]) as unknown,
  chat: 'Hello there.',
  stream: 'Hello there.',
  embedding: [0.5, 1],
  unknown_model: ['NotFoundError', 404, 'model_not_found'],
  wrong_key: ['AuthenticationError', 401, 'invalid_api_key'],
  limited: ['RateLimitError', 429, 'rate_limit_exceeded'],
  unknown_file: ['NotFoundError', 404, 'not_found'],
  wrong_scope: ['PermissionDeniedError', 403, 'missing_scope'],
  wrong_window: ['BadRequestError', 400, 'invalid_input'],
  batch: {
    created: ['batch', { team: 'tests' }, null],
    status: 'completed',
    counts: { total: 5, completed: 5, failed: 0 },
    output: Array.from({ length: 5 }, (_, index) => [`row-${index}`, 200, null]),
    listed: true,
    cancelled: ['ConflictError', 409, 'conflict'],
    deleted: true,
  },
}

describe("OpenAI's client for Python, unchanged", () => {
  it('chats, streams, embeds, runs a batch and gets its own exceptions from a running console', async () => {
    const endpoint = await openEndpoint()
    const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-openai-'))
    undo.push(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))
    const running = await startHost(dataDir, {}, ['--gateway-port', '0'])
    undo.push(() => running.kill())
    if (!running.gateway) throw new Error('The line has no gateway.')
    const client = await connectTo(running)
    await client.host.model.saveEndpoint({ name: 'Scripted', base_url: endpoint.url, parallel: 8 })
    const { key } = await client.host.key.create({ name: 'chat only', scopes: ['chat'], tier: 'free' })
    client.close()
    expect(await runPython(running.gateway.url, [running.gateway.token, key])).toEqual(everything)
  })
})
