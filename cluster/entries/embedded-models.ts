import { cpus } from 'node:os'
import { join } from 'node:path'
import { readCatalogue } from '../adapters/catalogue/catalogue-file.ts'
import { readMachine } from '../adapters/catalogue/machine-fit.ts'
import { createModels, type ModelRecord } from '../adapters/catalogue/models.ts'
import type { EngineStatus } from '../adapters/engines/engine-status.ts'
import { createEngines } from '../adapters/engines/engines.ts'
import { createLlamaEmbedder } from '../adapters/llama/llama-embedder.ts'
import { createLlamaEngine } from '../adapters/llama/llama-engine.ts'
import { createEndpointRegistry } from '../adapters/openai/endpoint-registry.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { createUpstreams } from '../adapters/upstreams/upstreams.ts'
import { readPrice, writePrice, type Price } from '../app/prices.ts'
import { refuse, type Refusal } from '../app/refusal.ts'
import type { EndpointSettings } from '../messages/endpoint.ts'
import type { ModelReference } from '../messages/work.ts'
import type { EngineFailure, ForkEngine } from '../ports/engine-process.ts'
import type { Engines, ServedModel } from '../ports/engines.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { SmallState } from '../ports/small-state.ts'
import type { Upstreams } from '../ports/upstreams.ts'
import { modelView } from './model-view.ts'
import { needsOf } from './needs.ts'

export interface EmbeddedModelsOptions {
  readonly cacheDir: string
  readonly resourcesDir: string
  readonly engineThreads: number | undefined
  readonly forkEngine: ForkEngine
  readonly onEngineFailure?: ((cause: EngineFailure) => void) | undefined
  readonly state: SmallState
  readonly secrets: Secrets
  readonly onFault: (fault: unknown) => void
}

export interface EndpointForm {
  readonly engine_id?: string | undefined
  readonly name: string
  readonly base_url: string
  readonly api_key?: string | undefined
  readonly parallel: number
}

/** In small state once an operator has removed the embedding model: it is not fetched again unasked. */
const NO_EMBEDDING_MODEL = 'models.no-embedding'

export type EmbeddedModels = Awaited<ReturnType<typeof openEmbeddedModels>>

/** Prompt and answer of one embedded call, and how many run side by side. */
const CONTEXT_TOKENS = 4096
const SEQUENCES = 4
const HUNG_AFTER_MS = 120_000
/** A server on a CPU says nothing while it reads a prompt, nor one whose own queue is full; each call has its run's limit besides. */
const ENDPOINT_IDLE_MS = 300_000
const EMBEDDER_IDLE_MS = 60_000

/**
 * Engines, model files and endpoints of this machine, as the page shows them. Downloads the starter model if none that answers is
 * there, and after it the embedding model.
 */
export async function openEmbeddedModels(options: EmbeddedModelsOptions) {
  const { state, secrets, onFault } = options
  const directory = join(options.cacheDir, 'models')
  const process = {
    fork: options.forkEngine,
    clock: systemClock,
    threads: options.engineThreads ?? Math.max(1, cpus().length - 1),
    hungAfterMs: HUNG_AFTER_MS,
    onFailure: options.onEngineFailure,
  }
  const llama = createLlamaEngine({
    ...process,
    models: async () => (await models.onDisk()).filter((model) => model.kind === 'chat'),
    contextTokens: CONTEXT_TOKENS,
    sequences: SEQUENCES,
  })
  const embedder = createLlamaEmbedder({ ...process, models: () => models.onDisk(), idleMs: EMBEDDER_IDLE_MS })
  const models = createModels({
    catalogue: await readCatalogue(join(options.resourcesDir, 'models', 'catalogue.json')),
    directory,
    ownFolders: [],
    state,
    clock: systemClock,
    machine: readMachine,
    engine: {
      loadedModels: () => [llama.loadedModel(), embedder.loadedModel()].filter((model) => model !== null),
      release: async (model) => (await embedder.release(model)) && (await llama.release(model)),
      measured: () => llama.measured(),
    },
  })
  const endpoints = createEndpointRegistry({
    state,
    secrets,
    clock: systemClock,
    idleTimeoutMs: ENDPOINT_IDLE_MS,
  })
  const engines = createEngines({ llama, embedder, endpoints })
  const upstreams = createUpstreams({ engines, endpoints, clock: systemClock, idleTimeoutMs: ENDPOINT_IDLE_MS, onFault })
  const listeners = new Set<() => void>()
  let known: readonly ModelRecord[] = []
  let served: readonly ServedModel[] = []
  let isStopped = false

  async function refresh(): Promise<void> {
    known = await models.list()
    served = await engines.served()
  }
  let refreshing: Promise<void> | undefined
  function changed(): void {
    refreshing ??= refresh()
      .catch(onFault)
      .finally(() => {
        refreshing = undefined
        for (const listener of listeners) listener()
      })
  }
  const ends = [models.watch(changed), engines.watch(changed)]
  await refresh()

  function startDownload(id: string): boolean {
    if (!known.some((one) => one.id === id)) return false
    // An operator who asks for it again wants it again.
    if (known.some((one) => one.id === id && one.kind === 'embedding')) void state.remove(NO_EMBEDDING_MODEL).catch(onFault)
    void models.download(id).catch(onFault)
    return true
  }

  /** The starter first, since nothing goes without it; then the embedding model, unless somebody removed it. */
  async function bringFirstModels(): Promise<void> {
    const starter = known.find((one) => one.starter)
    const canChat = known.some((one) => one.kind === 'chat' && one.state.kind === 'ready')
    if (!canChat && starter && (await models.download(starter.id))?.kind !== 'ready') return
    const embedding = known.find((one) => one.kind === 'embedding')
    const isUnwanted = embedding?.state.kind === 'ready' || (await state.get(NO_EMBEDDING_MODEL)) !== undefined
    if (embedding && !isUnwanted && !isStopped) await models.download(embedding.id)
  }
  void bringFirstModels().catch(onFault)

  async function servedView(one: ServedModel, engine: string) {
    const price = await readPrice(state, one.reference)
    return {
      reference: one.reference,
      label: one.label,
      engine,
      context_tokens: one.contextTokens,
      starter: one.starter,
      parallel: one.parallel,
      tokens_per_second: one.tokensPerSecond,
      price_in: price?.price_in ?? null,
      price_out: price?.price_out ?? null,
    }
  }

  const engineView = async (status: EngineStatus) => ({
    engine_id: status.engineId,
    name: status.name,
    kind: status.kind,
    base_url: status.baseUrl,
    has_key: status.hasKey,
    state: status.state === 'loading' ? ('starting' as const) : status.state,
    detail: status.detail,
    checked_at: status.checkedAt,
    running: status.running,
    waiting: status.waiting,
    parallel: status.parallel,
    tokens_per_second: status.tokensPerSecond,
    models: await Promise.all(status.models.map((one) => servedView(one, status.name))),
  })

  async function keyRefusal({ engine_id, base_url, api_key }: EndpointForm): Promise<Refusal | null> {
    if (engine_id === undefined || api_key !== undefined) return null
    const reason = await endpoints.keyRefusal(engine_id, base_url)
    return reason === null ? null : refuse('invalid-input', reason, { field: 'api_key' })
  }

  return {
    engines: engines as Engines,
    upstreams: upstreams as Upstreams,

    onChanged(listener: () => void): () => void {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },

    async view() {
      await refresh()
      const { cores, memoryBytes, freeMemoryBytes } = readMachine()
      const { modelsBytes, freeBytes } = await models.diskUsage()
      return {
        catalogue: known.map(modelView),
        engines: await Promise.all((await engines.status()).map(engineView)),
        disk: { models_bytes: modelsBytes, free_bytes: freeBytes },
        machine: { cores, memory_bytes: memoryBytes, free_memory_bytes: freeMemoryBytes },
      }
    },

    startDownload,
    cancelDownload: (id: string) => models.cancelDownload(id),
    diskUsage: () => models.diskUsage(),

    async remove(id: string): Promise<{ readonly kind: 'removed'; readonly freedBytes: number } | Refusal> {
      const result = await models.remove(id)
      if (result.kind === 'removed') {
        if (known.some((one) => one.id === id && one.kind === 'embedding')) await state.put(NO_EMBEDDING_MODEL, true, 'any')
        return result
      }
      return result.kind === 'conflict'
        ? refuse('conflict', result.reason)
        : refuse('not-found', `No file of ${id} is on this machine.`)
    },

    async importFile(path: string): Promise<{ readonly kind: 'imported'; readonly id: string } | Refusal> {
      const result = await models.importFile(path)
      return result.kind === 'imported' ? result : refuse('invalid-input', result.reason, { field: 'path' })
    },

    async testEndpoint(form: EndpointForm) {
      const moved = await keyRefusal(form)
      if (moved) return moved
      // Without an id it is an endpoint to come, which has no stored key, whatever its name is.
      const key = form.engine_id === undefined ? (form.api_key ?? '') : form.api_key
      const { ok, detail, latencyMs, models: listed } = await endpoints.test(endpointSettings(form), key)
      return {
        kind: 'tested' as const,
        ok,
        detail,
        latency_ms: latencyMs,
        models: listed.map((one) => ({ model: one.model, context_tokens: one.contextTokens })),
      }
    },

    async saveEndpoint(form: EndpointForm): Promise<{ readonly kind: 'saved'; readonly id: string } | Refusal> {
      const moved = await keyRefusal(form)
      if (moved) return moved
      const taken = new Set((await endpoints.list()).map((one) => one.id))
      const settings = endpointSettings(form)
      const id = form.engine_id ?? firstFree(settings.id, taken)
      await endpoints.save({ ...settings, id }, form.api_key)
      return { kind: 'saved', id }
    },

    removeEndpoint: (id: string) => endpoints.remove(id),
    setPrice: (model: ModelReference, price: Price | null) => writePrice(state, model, price),
    needs: () => needsOf(known, served),

    async stop(): Promise<void> {
      isStopped = true
      for (const end of ends) end()
      await upstreams.stop()
      await models.stop()
      await engines.stop()
    },
  }
}

function endpointSettings({ engine_id, name, base_url, parallel }: EndpointForm): EndpointSettings {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)
  return {
    id: engine_id ?? (slug === '' || slug === 'embedded' ? `endpoint-${slug}` : slug).replace(/-$/, ''),
    name,
    base_url,
    models: null,
    parallel,
    allow_substitution: false,
  }
}

function firstFree(id: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? id : `${id}-${n}`
    if (!taken.has(candidate)) return candidate
  }
}
