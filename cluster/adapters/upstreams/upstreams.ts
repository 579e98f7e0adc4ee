import type { Engines, ServedModel } from '../../ports/engines.ts'
import type { Clock } from '../../ports/clock.ts'
import { UpstreamError, type ResolvedModel, type Upstreams } from '../../ports/upstreams.ts'
import type { ChangeListener } from '../engines/engine-status.ts'
import { EMBEDDED_ENGINE_ID } from '../llama/llama-engine.ts'
import type { EndpointRegistry } from '../openai/endpoint-registry.ts'
import { createEndpointUpstream, type EngineUpstream } from './endpoint-upstream.ts'
import { createEngineUpstream } from './engine-upstream.ts'

export interface UpstreamsOptions {
  readonly engines: Engines & { watch(listener: ChangeListener): () => void }
  readonly endpoints: Pick<EndpointRegistry, 'connection' | 'watch'>
  readonly clock: Clock
  /** How long a server may send nothing before a request is given up. */
  readonly idleTimeoutMs: number
  readonly onFault: (fault: unknown) => void
}

export interface ManagedUpstreams extends Upstreams {
  /** Ends the requests under way. */
  stop(): Promise<void>
}

/** What another process changed is seen after this long; changes made here at once. */
const FRESH_MS = 5000

/** Every engine of a context in OpenAI's shape. What is known of engines and models is kept, so that a request waits for no look-up. */
export function createUpstreams(options: UpstreamsOptions): ManagedUpstreams {
  const { engines, endpoints, clock, onFault } = options
  const embedded = createEngineUpstream(engines, clock)
  const open = new Map<string, { readonly revision: number; readonly upstream: EngineUpstream; checkedAt: number }>()
  let models: { readonly served: readonly ServedModel[]; readonly at: number } | undefined
  let reading: Promise<readonly ServedModel[]> | undefined
  const ends = [
    engines.watch(() => (models = undefined)),
    endpoints.watch(() => {
      for (const one of open.values()) one.checkedAt = -Infinity
    }),
  ]

  async function upstreamOf(engineId: string): Promise<EngineUpstream> {
    if (engineId === EMBEDDED_ENGINE_ID) return embedded
    const known = open.get(engineId)
    if (known && clock.now() - known.checkedAt < FRESH_MS) return known.upstream
    const connection = await endpoints.connection(engineId)
    // Another request may have looked meanwhile.
    const before = open.get(engineId)
    if (!connection) {
      open.delete(engineId)
      before?.upstream.close().catch(onFault)
      throw new UpstreamError('unreachable', `There is no engine ${engineId} any more. Add it on the Models page.`)
    }
    if (before?.revision === connection.revision) {
      before.checkedAt = clock.now()
      return before.upstream
    }
    before?.upstream.close().catch(onFault)
    const upstream = createEndpointUpstream(connection, options.idleTimeoutMs)
    open.set(engineId, { revision: connection.revision, upstream, checkedAt: clock.now() })
    return upstream
  }

  function read(): Promise<readonly ServedModel[]> {
    reading ??= everyModel(engines)
      .then((served) => {
        models = { served, at: clock.now() }
        return served
      })
      .finally(() => (reading = undefined))
    return reading
  }

  async function served(): Promise<readonly ServedModel[]> {
    if (!models) return await read()
    if (clock.now() - models.at > FRESH_MS) read().catch(onFault)
    return models.served
  }

  return {
    send: async (request, signal) => (await upstreamOf(request.model.engine_id)).send(request, signal),
    open: async (request, signal) => (await upstreamOf(request.model.engine_id)).open(request, signal),
    served,

    async resolve(model, engineId) {
      return resolveModel(await served(), model, engineId)
    },

    async stop() {
      for (const end of ends) end()
      await Promise.all([...open.values()].map(({ upstream }) => upstream.destroy()))
    },
  }
}

/** Calls at once that are worth trying where nobody says. */
const UNKNOWN_PARALLEL = 4

/** Models that write and models that embed: to whoever names one they are alike. */
async function everyModel(engines: Engines): Promise<readonly ServedModel[]> {
  const [writers, embedders] = await Promise.all([engines.served(), engines.embedders()])
  const known = new Set(writers.map(({ reference }) => JSON.stringify(reference)))
  const others = embedders.filter(({ reference }) => !known.has(JSON.stringify(reference)))
  const parallelOf = (engineId: string) => writers.find(({ reference }) => reference.engine_id === engineId)?.parallel
  return [
    ...writers,
    ...others.map((one) => ({
      ...one,
      starter: false,
      embedsOnly: true as const,
      parallel: parallelOf(one.reference.engine_id) ?? UNKNOWN_PARALLEL,
      tokensPerSecond: null,
    })),
  ]
}

/** By the served name, else by `engine/model`. */
export function resolveModel(served: readonly ServedModel[], model: string, engineId?: string): ResolvedModel {
  const offered = engineId === undefined ? served : served.filter(({ reference }) => reference.engine_id === engineId)
  const byName = offered.filter(({ reference }) => reference.model === model)
  const found =
    byName.length > 0 ? byName : offered.filter(({ reference }) => `${reference.engine_id}/${reference.model}` === model)
  const [first] = found
  if (!first) return { kind: 'unknown', known: offered.map(({ reference }) => reference.model) }
  if (found.length > 1) return { kind: 'ambiguous', engines: found.map(({ reference }) => reference.engine_id) }
  return { kind: 'found', served: first }
}
