import { openApiKeys, type ApiKeys } from '../../../app/api-keys.ts'
import { createPathJobs } from '../../../app/batch/intake/path-jobs.ts'
import type { ApiScope } from '../../../messages/api-keys.ts'
import type { Decision } from '../../../ports/decision-log.ts'
import { createJobFolders } from '../../directory/job-folders.ts'
import { createScriptedEngines } from '../../memory/engines.ts'
import { createMemorySecrets } from '../../memory/secrets.ts'
import { createMemorySmallState } from '../../memory/small-state.ts'
import { createEndpointRegistry } from '../../openai/endpoint-registry.ts'
import { systemClock } from '../../system/clock.ts'
import { systemKeyMaker } from '../../system/key-maker.ts'
import { createUpstreams } from '../../upstreams/upstreams.ts'
import { createGatewayApp } from '../gateway-app.ts'
import { createBatchesUnderTest, type BatchesUnderTest } from './batches-under-test.ts'

export interface GatewayUnderTest {
  /** Without `/v1`. */
  readonly url: string
  /** The owner's. */
  readonly token: string
  readonly app: ReturnType<typeof createGatewayApp>
  readonly keys: ApiKeys
  readonly batching: BatchesUnderTest
  readonly decisions: readonly Decision[]
  keyFor(scopes: ApiScope[], tier?: 'free' | 'owner'): Promise<string>
  stop(): Promise<void>
}

const TOKEN = 'the-owners-token'

/** A gateway on a port of its own, before one endpoint under two names (`lab`, `lab-2`) and a built-in engine that says what it hears. */
export async function openGatewayUnderTest(endpoint: { readonly url: string }): Promise<GatewayUnderTest> {
  const onFault = (fault: unknown): never => {
    throw fault
  }
  const state = createMemorySmallState()
  const endpoints = createEndpointRegistry({ state, secrets: createMemorySecrets(), clock: systemClock, idleTimeoutMs: 30_000 })
  const settings = { name: 'Lab', base_url: endpoint.url, parallel: 2, allow_substitution: false }
  await endpoints.save({ ...settings, id: 'lab', models: ['org/model-a', 'twice'] }, undefined)
  await endpoints.save({ ...settings, id: 'lab-2', models: ['twice'] }, undefined)
  const builtIn = createScriptedEngines(({ messages }) => `Echo: ${messages.at(-1)?.content ?? ''}`, {
    engine_id: 'embedded',
    model: 'small',
  })
  const served = async () => [
    ...(await builtIn.served()),
    ...(await Promise.all((await endpoints.engines()).map((engine) => engine.served()))).flat(),
  ]
  const engines = { ...builtIn, served, watch: () => () => undefined }
  const upstreams = createUpstreams({ engines, endpoints, clock: systemClock, idleTimeoutMs: 30_000, onFault })
  const keys = await openApiKeys({ state, clock: systemClock, keys: systemKeyMaker, onFault })
  keys.setOwner(TOKEN)
  const batching = createBatchesUnderTest(upstreams)
  const jobs = await createPathJobs({ ...batching, state, folders: createJobFolders([]), onFault })
  const decisions: Decision[] = []
  const hosts = Promise.withResolvers<readonly string[]>()
  const app = createGatewayApp({
    dispatch: () => Promise.reject(new Error('Not asked here.')),
    watch: () => onFault(new Error('Not followed here.')),
    metrics: () => Promise.reject(new Error('Not scraped here.')),
    access: keys,
    openAi: {
      upstreams,
      batching: { ...batching, jobs },
      decisions: { add: (one) => void decisions.push(one), recent: () => decisions, stop: () => Promise.resolve() },
    },
    hosts: hosts.promise,
    version: '1.2.3',
    onRefused: () => undefined,
    onFault,
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  hosts.resolve([new URL(url).host])
  return {
    url,
    token: TOKEN,
    app,
    keys,
    batching,
    decisions,
    async keyFor(scopes, tier = 'owner') {
      const made = await keys.create({ name: `key ${keys.list().length}`, scopes, tier })
      if (made.kind !== 'created') throw new Error(made.message)
      return made.key
    },
    async stop() {
      await app.close()
      keys.stop()
      await upstreams.stop()
    },
  }
}
