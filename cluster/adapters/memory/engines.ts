import type { ModelReference } from '../../messages/work.ts'
import { type Engines, type ModelCall, ModelCallError, type ModelReply } from '../../ports/engines.ts'

/** What a scripted engine does with a call: text, JSON, or a failure it throws. `tries` counts the calls with this prompt so far, from 1. */
export type Script = (call: ModelCall, tries: number, signal: AbortSignal) => Promise<string> | string

/** What a scripted embedding model makes of a text. */
export type ScriptedEmbedding = (text: string) => readonly number[] | Promise<readonly number[]>

const EMBEDDER: ModelReference = { engine_id: 'scripted', model: 'vectors' }

/**
 * A stand-in for engines in specs: answers come from the script, token counts from word counts. Never chosen by an entry.
 */
export function createScriptedEngines(
  script: Script,
  model: ModelReference = { engine_id: 'scripted', model: 'script' },
  embed: ScriptedEmbedding | null = null,
): Engines {
  const tries = new Map<string, number>()
  const words = (text: string): number => text.split(/\s+/).filter(Boolean).length
  return {
    async complete(call, events, signal) {
      const prompt = JSON.stringify(call.messages)
      const nth = (tries.get(prompt) ?? 0) + 1
      tries.set(prompt, nth)
      signal.throwIfAborted()
      events.onStarted()
      const text = await script(call, nth, signal)
      signal.throwIfAborted()
      events.onText(text)
      const reply: ModelReply = {
        text,
        reasoning: null,
        servedModel: call.model.model,
        finish: words(text) < call.maxTokens ? 'stop' : 'length',
        tokensIn: call.messages.reduce((sum, message) => sum + words(message.content), 0),
        tokensOut: words(text),
        firstTokenAt: null,
        expectedScores: null,
        degraded: null,
      }
      return reply
    },
    served: () =>
      Promise.resolve([
        { reference: model, label: model.model, contextTokens: 32_768, starter: false, parallel: 4, tokensPerSecond: 100 },
      ]),
    embedders: () => Promise.resolve(embed ? [{ reference: EMBEDDER, label: EMBEDDER.model, contextTokens: 512 }] : []),
    async embed(call, signal) {
      signal.throwIfAborted()
      if (!embed) throw scriptedFailure('model_missing', false)
      const vectors = await Promise.all(call.texts.map(async (text) => embed(text)))
      return { vectors, model: call.model.model, tokens: words(call.texts.join(' ')), truncated: [] }
    },
    countTokens: (_model, text) => Promise.resolve(words(text)),
  }
}

/** A failure as an engine would report it. */
export function scriptedFailure(failure: ConstructorParameters<typeof ModelCallError>[0], retryable: boolean): ModelCallError {
  return new ModelCallError(failure, `scripted ${failure}`, { retryable })
}
