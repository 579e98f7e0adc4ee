/** One server of the gateway benchmark in a process of its own: `mock`, `bare UPSTREAM` or `ours UPSTREAM FOLDER`. Tells its parent where it listens. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fastify } from 'fastify'
import { Registry } from 'prom-client'
import { Pool } from 'undici'
import { createDecisionLog } from '../adapters/directory/decision-log.ts'
import { createMemorySecrets } from '../adapters/memory/secrets.ts'
import { createMemorySmallState } from '../adapters/memory/small-state.ts'
import { createScriptedEngines } from '../adapters/memory/engines.ts'
import { countDecisions } from '../adapters/metrics/decision-counters.ts'
import { createEndpointRegistry } from '../adapters/openai/endpoint-registry.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { systemKeyMaker } from '../adapters/system/key-maker.ts'
import { createUpstreams } from '../adapters/upstreams/upstreams.ts'
import { openApiKeys } from '../app/api-keys.ts'
import { startGateway } from '../entries/gateway.ts'

const [kind = '', upstream = '', folder = ''] = process.argv.slice(2)
const onFault = (fault: unknown): never => {
  throw fault
}

switch (kind) {
  case 'mock':
    await startMock()
    break
  case 'bare':
    await startBare()
    break
  case 'ours':
    await startOurs()
    break
  default:
    throw new Error(`There is no server ${kind}.`)
}

/** Answers at once with a chat completion of 330 bytes. */
async function startMock(): Promise<void> {
  const answer = {
    id: 'chatcmpl-0',
    object: 'chat.completion',
    created: 1,
    model: 'mock',
    choices: [{ index: 0, message: { role: 'assistant', content: '' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: 24, total_tokens: 33 },
  }
  const bare = JSON.stringify(answer).length
  answer.choices[0] = { index: 0, message: { role: 'assistant', content: 'x'.repeat(330 - bare) }, finish_reason: 'stop' }
  const body = JSON.stringify(answer)
  const models = JSON.stringify({ object: 'list', data: [{ id: 'mock' }] })
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      const text = request.url?.endsWith('/models') ? models : body
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length }).end(text)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  process.send?.({ url: `http://127.0.0.1:${port}`, key: '' })
}

/** As little as a proxy can do with the same parts: the body in, the answer out. */
async function startBare(): Promise<void> {
  const pool = new Pool(upstream)
  const app = fastify({ logger: false })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => done(null, body))
  app.post('/v1/chat/completions', async (request, reply) => {
    const answer = await pool.request({
      method: 'POST',
      path: request.url,
      headers: { 'content-type': 'application/json' },
      body: String(request.body),
    })
    return reply
      .code(answer.statusCode)
      .type('application/json')
      .send(await answer.body.text())
  })
  process.send?.({ url: await app.listen({ host: '127.0.0.1', port: 0 }), key: '' })
}

/** The gateway with everything on: a key with scopes, a record of each decision in a file, figures for Prometheus. */
async function startOurs(): Promise<void> {
  const state = createMemorySmallState()
  const endpoints = createEndpointRegistry({ state, secrets: createMemorySecrets(), clock: systemClock, idleTimeoutMs: 60_000 })
  await endpoints.save(
    { id: 'mock', name: 'Mock', base_url: `${upstream}/v1`, models: null, parallel: 64, allow_substitution: false },
    'sk-upstream',
  )
  const scripted = createScriptedEngines(() => '')
  const served = async () => (await Promise.all((await endpoints.engines()).map((engine) => engine.served()))).flat()
  const engines = { ...scripted, served, watch: (listener: () => void) => endpoints.watch(listener) }
  const upstreams = createUpstreams({ engines, endpoints, clock: systemClock, idleTimeoutMs: 60_000, onFault })
  const keys = await openApiKeys({ state, clock: systemClock, keys: systemKeyMaker, onFault })
  const made = await keys.create({ name: 'bench', scopes: ['chat'], tier: 'owner' })
  const registry = new Registry()
  const decisions = countDecisions(registry, createDecisionLog({ file: join(folder, 'decisions.jsonl'), onFault }))
  const gateway = await startGateway({
    dispatch: () => Promise.reject(new Error('Not asked here.')),
    watch: () => onFault(new Error('Not followed here.')),
    access: keys,
    metrics: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    openAi: { upstreams, decisions },
    version: 'bench',
    onRefused: () => undefined,
    onFault,
    port: 0,
  })
  process.send?.({ url: gateway.url, key: made.kind === 'created' ? made.key : '' })
}
