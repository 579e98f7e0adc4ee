import { createOpenAiEngine } from '../adapters/openai/openai-engine.ts'
import { systemClock } from '../adapters/system/clock.ts'
import type { ModelReference } from '../messages/work.ts'
import { ModelCallError, type Engines } from '../ports/engines.ts'
import type { EndpointTarget } from './cluster-settings.ts'

/** The id under which an installation's endpoint stands in work items. */
const ENGINE_ID = 'vllm'

/** The one endpoint of an installation as its engines. */
export function openEndpointEngines({ baseUrl, models, parallel, idleTimeoutMs, apiKey }: EndpointTarget): Engines {
  const engine = createOpenAiEngine({
    settings: {
      id: ENGINE_ID,
      name: new URL(baseUrl).host,
      base_url: baseUrl,
      models: [...models],
      parallel,
      allow_substitution: false,
    },
    apiKey: () => Promise.resolve(apiKey),
    clock: systemClock,
    idleTimeoutMs,
  })
  function refuseOther({ engine_id, model }: ModelReference): void {
    if (engine_id === ENGINE_ID && models.includes(model)) return
    const message = `This worker calls ${models.join(', ')} of ${ENGINE_ID}, not ${model} of ${engine_id}.`
    throw new ModelCallError('model_missing', message, { retryable: false })
  }

  return {
    async complete(call, events, signal) {
      refuseOther(call.model)
      return await engine.complete(call, events, signal)
    },
    async embed(call, signal) {
      refuseOther(call.model)
      return await engine.embed(call, signal)
    },
    embedders: () => engine.embedders(),
    served: () => engine.served(),
    countTokens: (model, text) => engine.countTokens(model.model, text),
  }
}
