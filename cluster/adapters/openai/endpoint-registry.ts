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
  /**
   * Why the stored key must not be used at `baseUrl`: it was stored for another origin; null where it may, or where none is stored.
   * A key goes to the scheme, host and port that it was given for, and nowhere else.
   */
  keyRefusal(id: string, baseUrl: string): Promise<string | null>
  /** Stores an endpoint. `key`: undefined keeps the stored one, unless the origin is another one; empty removes it. */
  save(settings: EndpointSettings, key: string | undefined): Promise<void>
  /** False if there was none. Its key goes with it. */
  remove(id: string): Promise<boolean>
  /** Tries settings out without storing anything. `key` undefined: the stored one of `settings.id`, at its own origin only. */
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
    const engine = create(settings, () => keyFor(settings))
    running.set(settings.id, { revision, engine, unwatch: engine.watch(() => changes.notify()) })
    return engine
  }

  async function entries() {
    return (await state.list(STATE_PREFIX)).map(({ value, revision }) => ({ settings: endpointSettings.parse(value), revision }))
  }

  async function connection(id: string): Promise<EndpointConnection | undefined> {
    for (;;) {
      const entry = await state.get(STATE_PREFIX + id)
      if (!entry) return undefined
      const key = await secrets.get(STATE_PREFIX + id)
      // Saved meanwhile: the key may belong to the address after this one.
      if ((await state.get(STATE_PREFIX + id))?.revision !== entry.revision) continue
      return { settings: endpointSettings.parse(entry.value), key, revision: entry.revision }
    }
  }

  /** Settings that were replaced meanwhile, or that nobody stored, get the key only at the origin it is stored for. */
  async function keyFor({ id, base_url }: EndpointSettings): Promise<string | undefined> {
    const stored = await connection(id)
    return stored && isSameOrigin(stored.settings.base_url, base_url) ? stored.key : undefined
  }

  return {
    list: async () => (await entries()).map(({ settings }) => settings),

    async engine(id) {
      const entry = await state.get(STATE_PREFIX + id)
      return entry && engineFor(endpointSettings.parse(entry.value), entry.revision)
    },

    engines: async () => (await entries()).map(({ settings, revision }) => engineFor(settings, revision)),

    connection,

    async keyRefusal(id, baseUrl) {
      const stored = await connection(id)
      if (stored?.key === undefined || isSameOrigin(stored.settings.base_url, baseUrl)) return null
      const { origin } = new URL(stored.settings.base_url)
      return `The stored key is for ${origin}. Type it again to send it to ${new URL(baseUrl).origin}, or delete the stored key.`
    },

    async save(settings, key) {
      const before = await connection(settings.id)
      const isMoved = before !== undefined && !isSameOrigin(before.settings.base_url, settings.base_url)
      // At no time does a key stand beside an address that it was not given for.
      if (key === '' || isMoved) await secrets.remove(STATE_PREFIX + settings.id)
      if (isMoved) await state.put(STATE_PREFIX + settings.id, settings, 'any')
      if (key !== undefined && key !== '') await secrets.set(STATE_PREFIX + settings.id, key)
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
      const apiKey = () => (key === undefined ? keyFor(settings) : Promise.resolve(key || undefined))
      return create(settings, apiKey).testConnection(signal)
    },

    watch: (listener) => changes.watch(listener),
  }
}

function isSameOrigin(one: string, other: string): boolean {
  return new URL(one).origin === new URL(other).origin
}
