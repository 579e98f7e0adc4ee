import type { Clock } from '../../ports/clock.ts'
import type { Secrets } from '../../ports/secrets.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { endpointSettings, type EndpointSettings } from '../../messages/endpoint.ts'
import { createChangeNotice, type ChangeListener } from '../engines/engine-status.ts'
import { createOpenAiEngine, type ConnectionTest, type OpenAiEngine } from './openai-engine.ts'

const STATE_PREFIX = 'endpoint.'

export interface EndpointRegistryOptions {
  readonly state: SmallState
  readonly secrets: Secrets
  readonly clock: Clock
  readonly idleTimeoutMs: number
}

export interface EndpointConnection {
  readonly settings: EndpointSettings
  readonly key: string | undefined
  readonly revision: number
}

/** The operator's endpoints: settings in small state, keys among the secrets, one engine each. */
export interface EndpointRegistry {
  list(): Promise<readonly EndpointSettings[]>
  engine(id: string): Promise<OpenAiEngine | undefined>
  engines(): Promise<readonly OpenAiEngine[]>
  /** What it takes to reach one: for whoever sends requests in OpenAI's shape. `revision` grows with every save, also of the key alone. */
  connection(id: string): Promise<EndpointConnection | undefined>
  /** Stores an endpoint. `key`: undefined keeps the stored one, empty removes it. */
  save(settings: EndpointSettings, key: string | undefined): Promise<void>
  /** False if there was none. Its key goes with it. */
  remove(id: string): Promise<boolean>
  /** Tries settings out without storing anything. `key` undefined: the stored one of `settings.id`. */
  test(settings: EndpointSettings, key: string | undefined, signal?: AbortSignal): Promise<ConnectionTest>
  watch(listener: ChangeListener): () => void
}

export function createEndpointRegistry({ state, secrets, clock, idleTimeoutMs }: EndpointRegistryOptions): EndpointRegistry {
  const changes = createChangeNotice()
  const running = new Map<string, { revision: number; engine: OpenAiEngine; unwatch: () => void }>()

  function create(settings: EndpointSettings, apiKey: () => Promise<string | undefined>): OpenAiEngine {
    return createOpenAiEngine({ settings, apiKey, clock, idleTimeoutMs })
  }

  /** The engine for what is stored now: changed settings get a new one, calls under way end on the old one. */
  function engineFor(settings: EndpointSettings, revision: number): OpenAiEngine {
    const known = running.get(settings.id)
    if (known?.revision === revision) return known.engine
    known?.unwatch()
    const engine = create(settings, () => secrets.get(STATE_PREFIX + settings.id))
    running.set(settings.id, { revision, engine, unwatch: engine.watch(() => changes.notify()) })
    return engine
  }

  async function entries() {
    return (await state.list(STATE_PREFIX)).map(({ value, revision }) => ({ settings: endpointSettings.parse(value), revision }))
  }

  return {
    list: async () => (await entries()).map(({ settings }) => settings),

    async engine(id) {
      const entry = await state.get(STATE_PREFIX + id)
      return entry && engineFor(endpointSettings.parse(entry.value), entry.revision)
    },

    engines: async () => (await entries()).map(({ settings, revision }) => engineFor(settings, revision)),

    async connection(id) {
      const entry = await state.get(STATE_PREFIX + id)
      if (!entry) return undefined
      const key = await secrets.get(STATE_PREFIX + id)
      return { settings: endpointSettings.parse(entry.value), key, revision: entry.revision }
    },

    async save(settings, key) {
      if (key === '') await secrets.remove(STATE_PREFIX + settings.id)
      else if (key !== undefined) await secrets.set(STATE_PREFIX + settings.id, key)
      await state.put(STATE_PREFIX + settings.id, settings, 'any')
      changes.notify()
    },

    async remove(id) {
      running.get(id)?.unwatch()
      running.delete(id)
      await secrets.remove(STATE_PREFIX + id)
      const removed = await state.remove(STATE_PREFIX + id)
      changes.notify()
      return removed
    },

    test(settings, key, signal = new AbortController().signal) {
      const apiKey = () => (key === undefined ? secrets.get(STATE_PREFIX + settings.id) : Promise.resolve(key || undefined))
      return create(settings, apiKey).testConnection(signal)
    },

    watch: (listener) => changes.watch(listener),
  }
}
