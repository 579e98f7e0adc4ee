import { ModelCallError, type Engines } from '../../ports/engines.ts'
import type { ModelReference } from '../../messages/work.ts'
import type { LlamaEmbedder } from '../llama/llama-embedder.ts'
import type { LlamaEngine } from '../llama/llama-engine.ts'
import { EMBEDDED_ENGINE_ID } from '../llama/llama-engine.ts'
import type { EndpointRegistry } from '../openai/endpoint-registry.ts'
import type { OpenAiEngine } from '../openai/openai-engine.ts'
import type { ChangeListener, EngineStatus } from './engine-status.ts'

/** The engines of a context, and what they are doing. */
export interface WatchedEngines extends Engines {
  status(): Promise<readonly EngineStatus[]>
  /** Told when the status of any engine, or the set of them, has changed. */
  watch(listener: ChangeListener): () => void
  stop(): Promise<void>
}

interface EngineParts {
  readonly llama: LlamaEngine
  readonly embedder: LlamaEmbedder
  readonly endpoints: EndpointRegistry
}

/** Puts the embedded engine and the operator's endpoints behind one door. */
export function createEngines({ llama, embedder, endpoints }: EngineParts): WatchedEngines {
  async function engineOf(model: ModelReference): Promise<Pick<LlamaEngine, 'complete' | 'countTokens'>> {
    return model.engine_id === EMBEDDED_ENGINE_ID ? llama : await endpointOf(model)
  }

  async function endpointOf(model: ModelReference): Promise<OpenAiEngine> {
    const engine = await endpoints.engine(model.engine_id)
    if (engine) return engine
    throw new ModelCallError(
      'model_missing',
      `There is no engine ${model.engine_id} for the model ${model.model}. Add it on the Models page.`,
      {
        retryable: false,
      },
    )
  }

  async function all() {
    return [llama, ...(await endpoints.engines())]
  }

  return {
    complete: async (call, events, signal) => (await engineOf(call.model)).complete(call, events, signal),
    served: async () => (await Promise.all((await all()).map((engine) => engine.served()))).flat(),
    embed: async (call, signal) =>
      (call.model.engine_id === EMBEDDED_ENGINE_ID ? embedder : await endpointOf(call.model)).embed(call, signal),
    embedders: async () =>
      (await Promise.all([embedder, ...(await endpoints.engines())].map((engine) => engine.embedders()))).flat(),
    countTokens: async (model, text) => (await engineOf(model)).countTokens(model.model, text),
    status: async () => Promise.all((await all()).map((engine) => engine.status())),
    watch(listener) {
      const ends = [llama.watch(listener), embedder.watch(listener), endpoints.watch(listener)]
      return () => {
        for (const end of ends) end()
      }
    },
    async stop() {
      await llama.stop()
      await embedder.stop()
    },
  }
}
