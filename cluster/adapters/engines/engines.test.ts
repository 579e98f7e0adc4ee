import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelCall } from '../../ports/engines.ts'
import type { EndpointSettings } from '../../messages/endpoint.ts'
import { createLlamaEmbedder } from '../llama/llama-embedder.ts'
import { createLlamaEngine } from '../llama/llama-engine.ts'
import { createMemorySecrets } from '../memory/secrets.ts'
import { createMemorySmallState } from '../memory/small-state.ts'
import { createEndpointRegistry, type EndpointRegistry } from '../openai/endpoint-registry.ts'
import { replies, startScriptedEndpoint, type ScriptedEndpoint } from '../openai/scripted-endpoint.ts'
import { systemClock } from '../system/clock.ts'
import { createEngines, type WatchedEngines } from './engines.ts'

const never = new AbortController().signal
const state = createMemorySmallState()
const secrets = createMemorySecrets()

let server: ScriptedEndpoint
let endpoints: EndpointRegistry
let engines: WatchedEngines
let lab: EndpointSettings

beforeEach(async () => {
  server = await startScriptedEndpoint()
  lab = { id: 'lab', name: 'Lab', base_url: server.url, models: null, parallel: 2, allow_substitution: false }
  endpoints = createEndpointRegistry({ state, secrets, clock: systemClock, idleTimeoutMs: 60_000 })
  const fork = () => {
    throw new Error('Nothing is loaded here.')
  }
  const llama = createLlamaEngine({
    fork,
    clock: systemClock,
    models: () =>
      Promise.resolve([
        { id: 'starter', kind: 'chat', label: 'Starter', file: '/starter.gguf', contextTokens: 8192, starter: true },
      ]),
    threads: 1,
    contextTokens: 4096,
    sequences: 4,
    hungAfterMs: 1000,
  })
  const embedder = createLlamaEmbedder({
    fork,
    clock: systemClock,
    models: () =>
      Promise.resolve([
        { id: 'starter', kind: 'chat', label: 'Starter', file: '/starter.gguf', contextTokens: 8192, starter: true },
        { id: 'tiny', kind: 'embedding', label: 'Tiny', file: '/tiny.gguf', contextTokens: 512, starter: false },
      ]),
    threads: 1,
    hungAfterMs: 1000,
    idleMs: 1000,
  })
  engines = createEngines({ llama, embedder, endpoints })
})

afterEach(async () => {
  await engines.stop()
  await endpoints.remove('lab')
  await server.close()
})

function call(engine_id: string): ModelCall {
  return {
    model: { engine_id, model: 'model-a' },
    messages: [{ role: 'user', content: 'Hello' }],
    temperature: 0,
    maxTokens: 10,
    seed: 1,
    format: null,
    scoreField: null,
  }
}

const quiet = { onStarted: () => undefined, onText: () => undefined }

describe('The door to all engines', () => {
  it('serves the models of the embedded engine and of every endpoint that answers', async () => {
    await endpoints.save(lab, 'sk-key')
    expect((await engines.served()).map(({ reference }) => reference)).toEqual([
      { engine_id: 'embedded', model: 'starter' },
      { engine_id: 'lab', model: 'model-a' },
    ])
    expect(await engines.status()).toMatchObject([
      { engineId: 'embedded', state: 'stopped' },
      { engineId: 'lab', state: 'ready', hasKey: true, baseUrl: server.url },
    ])
    expect(await engines.complete(call('lab'), quiet, never)).toMatchObject({ text: 'Hello', servedModel: 'model-a' })
    expect(await engines.countTokens({ engine_id: 'lab', model: 'model-a' }, 'one two three')).toBe(6)
  })

  it('refuses a model of an engine that is not there, by name', async () => {
    await expect(engines.complete(call('nowhere'), quiet, never)).rejects.toMatchObject({
      failure: 'model_missing',
      retryable: false,
      message: expect.stringContaining('nowhere') as string,
    })
  })

  it('tells its watchers of a change until they leave', async () => {
    let changes = 0
    const leave = engines.watch(() => changes++)
    await endpoints.save(lab, undefined)
    await engines.complete(call('lab'), quiet, never)
    expect(changes).toBeGreaterThan(2)
    leave()
    const before = changes
    await endpoints.remove('lab')
    expect(changes).toBe(before)
  })
})

describe('The registry of endpoints', () => {
  it('keeps the key among the secrets, out of small state, and uses a new one at once', async () => {
    await endpoints.save(lab, 'sk-first')
    expect(JSON.stringify(await state.list(''))).not.toContain('sk-first')
    await engines.complete(call('lab'), quiet, never)
    await endpoints.save(lab, undefined)
    await engines.complete(call('lab'), quiet, never)
    await endpoints.save(lab, 'sk-second')
    await engines.complete(call('lab'), quiet, never)
    await endpoints.save(lab, '')
    await engines.complete(call('lab'), quiet, never)
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([
      'Bearer sk-first',
      'Bearer sk-first',
      'Bearer sk-second',
      undefined,
    ])
  })

  it('follows changed settings', async () => {
    await endpoints.save({ ...lab, base_url: 'http://127.0.0.1:9' }, undefined)
    await expect(engines.complete(call('lab'), quiet, never)).rejects.toMatchObject({ failure: 'connection' })
    await endpoints.save(lab, undefined)
    expect(await engines.complete(call('lab'), quiet, never)).toMatchObject({ text: 'Hello' })
  })

  it('shows an endpoint that refuses a call as failed, and keeps its models for when it is back', async () => {
    const gone = await startScriptedEndpoint()
    await endpoints.save({ ...lab, base_url: gone.url }, undefined)
    const engine = await endpoints.engine('lab')
    await engine?.testConnection(never)
    expect(await engine?.status()).toMatchObject({ state: 'ready' })
    await gone.close()
    await expect(engine?.complete(call('lab'), quiet, never)).rejects.toMatchObject({ failure: 'connection', engineAway: true })
    expect(await engine?.status()).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('cannot be reached') as string,
    })
    expect(await engine?.served()).toHaveLength(1)
  })

  it('tries settings out without storing them, with the stored key unless another is given', async () => {
    await endpoints.save(lab, 'sk-stored')
    const seen: (string | undefined)[] = []
    server.listModels((request, response) => {
      seen.push(request.authorization)
      replies(200, { data: [{ id: 'model-a' }] })(request, response)
    })
    expect(await endpoints.test({ ...lab, name: 'Other' }, undefined)).toMatchObject({ ok: true })
    expect(await endpoints.test(lab, 'sk-new')).toMatchObject({ ok: true })
    expect(seen).toEqual(['Bearer sk-stored', 'Bearer sk-new'])
    expect((await endpoints.list()).map(({ name }) => name)).toEqual(['Lab'])
  })

  it('sends a stored key to the origin it was stored for and nowhere else', async () => {
    const other = await startScriptedEndpoint()
    try {
      await endpoints.save(lab, 'sk-stored')
      const moved = { ...lab, base_url: other.url }
      const seen: (string | undefined)[] = []
      other.listModels((request, response) => {
        seen.push(request.authorization)
        replies(200, { data: [{ id: 'model-a' }] })(request, response)
      })
      expect(await endpoints.keyRefusal('lab', `${server.url}/v2`)).toBeNull()
      expect(await endpoints.keyRefusal('lab', other.url)).toContain(`The stored key is for ${new URL(server.url).origin}.`)
      await endpoints.test(moved, undefined)
      await endpoints.save(moved, undefined)
      await engines.complete(call('lab'), quiet, never)
      expect([...seen, ...other.requests.map(({ authorization }) => authorization)].filter(Boolean)).toEqual([])
      expect(await endpoints.keyRefusal('lab', server.url)).toBeNull()
      await endpoints.save(moved, 'sk-other')
      await engines.complete(call('lab'), quiet, never)
      expect(other.requests.at(-1)?.authorization).toBe('Bearer sk-other')
    } finally {
      await other.close()
    }
  })

  it('forgets the key with the endpoint', async () => {
    await endpoints.save(lab, 'sk-stored')
    expect([await endpoints.remove('lab'), await endpoints.remove('lab')]).toEqual([true, false])
    expect(await secrets.has('endpoint.lab')).toBe(false)
  })
})
