import { expect } from 'vitest'
import type { UpstreamRequest } from '../../ports/upstreams.ts'
import { createScriptedEngines, type Script } from '../memory/engines.ts'
import { createMemorySecrets } from '../memory/secrets.ts'
import { createMemorySmallState } from '../memory/small-state.ts'
import { createEndpointRegistry, type EndpointRegistry } from '../openai/endpoint-registry.ts'
import type { EndpointSettings } from '../../messages/endpoint.ts'
import { startScriptedEndpoint, type ScriptedEndpoint } from '../openai/scripted-endpoint.ts'
import { systemClock } from '../system/clock.ts'
import { createUpstreams, type ManagedUpstreams } from './upstreams.ts'

export const never = new AbortController().signal
export const LAB = { engine_id: 'lab', model: 'model-a' }
export const BUILT_IN = { engine_id: 'embedded', model: 'small' }
export const VECTORS = { engine_id: 'embedded', model: 'vectors' }
export const KEY = 'sk-test-0123456789abcdef'
export const PATIENT_MS = 30_000

/** An endpoint that answers by script, and a built-in engine that answers by another, behind one door. */
export interface UpstreamsUnderTest {
  readonly server: ScriptedEndpoint
  readonly endpoints: EndpointRegistry
  readonly upstreams: ManagedUpstreams
  /** How the endpoint is entered. */
  readonly lab: EndpointSettings
  stop(): Promise<void>
}

export async function openUpstreamsUnderTest(script: Script): Promise<UpstreamsUnderTest> {
  const server = await startScriptedEndpoint()
  const endpoints = createEndpointRegistry({
    state: createMemorySmallState(),
    secrets: createMemorySecrets(),
    clock: systemClock,
    idleTimeoutMs: PATIENT_MS,
  })
  const lab = {
    id: 'lab',
    name: 'Lab',
    base_url: server.url,
    models: ['model-a'],
    parallel: 2,
    allow_substitution: false,
  }
  await endpoints.save(lab, KEY)
  const engines = createScriptedEngines(script, BUILT_IN, (text) => [text.length, 0.5])
  const embedders = () => Promise.resolve([{ reference: VECTORS, label: 'Vectors', contextTokens: 512 }])
  const upstreams = createUpstreams({
    engines: { ...engines, embedders, watch: () => () => undefined },
    endpoints,
    clock: systemClock,
    idleTimeoutMs: PATIENT_MS,
    onFault: (fault) => expect.fail(String(fault)),
  })
  return {
    server,
    endpoints,
    upstreams,
    lab,
    async stop() {
      await upstreams.stop()
      await server.close()
    },
  }
}

export function chat(model: UpstreamRequest['model'], body: object = {}, timeoutMs = PATIENT_MS): UpstreamRequest {
  const whole = { model: model.model, messages: [{ role: 'user', content: 'Hi' }], ...body }
  return { model, endpoint: '/v1/chat/completions', body: JSON.stringify(whole), timeoutMs }
}
