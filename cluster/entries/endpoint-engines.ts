import { createOpenAiEngine } from '../adapters/openai/openai-engine.ts'
import { systemClock } from '../adapters/system/clock.ts'
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
  return {
    async complete(call, events, signal) {
      const { engine_id, model } = call.model
      if (engine_id !== ENGINE_ID || !models.includes(model))
        throw new ModelCallError(
          'model_missing',
          `This worker calls ${models.join(', ')} of ${ENGINE_ID}, not ${model} of ${engine_id}.`,
          {
            retryable: false,
          },
        )
      return await engine.complete(call, events, signal)
    },
    served: () => engine.served(),
    countTokens: (model, text) => engine.countTokens(model.model, text),
  }
}
