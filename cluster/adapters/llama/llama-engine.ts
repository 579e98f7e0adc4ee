import { ModelCallError, type ModelCall, type ModelCallEvents, type ModelReply, type ServedModel } from '../../ports/engines.ts'
import { createChangeNotice, type ChangeListener, type EngineStatus } from '../engines/engine-status.ts'
import { createRateMeter, type RateMeter } from '../engines/rate-meter.ts'
import { reasonOf } from '../engines/slots.ts'
import { estimateTokens } from '../engines/token-estimate.ts'
import { createModelLoader, type LoadedIn, type LoaderState, type ModelLoaderOptions } from './model-loader.ts'
import type { Completion } from './protocol.ts'

export const EMBEDDED_ENGINE_ID = 'embedded'

export type LlamaEngineOptions = ModelLoaderOptions

/** The embedded engine: one model at a time in a process of its own that is started on demand and again after a crash. */
export interface LlamaEngine {
  complete(call: ModelCall, events: ModelCallEvents, signal: AbortSignal): Promise<ModelReply>
  served(): Promise<readonly ServedModel[]>
  /** By the model's own tokenizer where it is loaded or the engine is idle, else an upper estimate. */
  countTokens(model: string, text: string): Promise<number>
  status(): Promise<EngineStatus>
  /** The id of the loaded model. */
  loadedModel(): string | null
  /** Tokens per second of one call with the model that is loaded; null before the first answer. */
  measured(): { readonly model: string; readonly tokensPerSecond: number } | null
  /** Lets go of the model's file; false while calls use it. */
  release(model: string): Promise<boolean>
  watch(listener: ChangeListener): () => void
  stop(): Promise<void>
}

interface Waiting {
  readonly model: string
  start(loaded: LoadedIn): void
  fail(error: Error): void
}

export function createLlamaEngine(options: LlamaEngineOptions): LlamaEngine {
  const { clock } = options
  const changes = createChangeNotice()
  const meters = new Map<string, RateMeter>()
  const queue: Waiting[] = []
  const loader = createModelLoader(options, {
    change: () => changes.notify(),
    crash(hopeless) {
      if (hopeless) failWaiting(() => true, hopeless)
      pump()
    },
  })
  let running = 0
  let moving: Promise<void> | undefined
  let stopped = false

  function meterOf(model: string): RateMeter {
    const meter = meters.get(model) ?? createRateMeter()
    meters.set(model, meter)
    return meter
  }

  function failWaiting(which: (waiting: Waiting) => boolean, error: Error): void {
    for (const waiting of queue.filter(which)) {
      queue.splice(queue.indexOf(waiting), 1)
      waiting.fail(error)
    }
  }

  /** Loads a model, one at a time. Calls that wait for it fail with it, but a crash is tried again. */
  function move(model: string): Promise<void> {
    moving = loader
      .load(model)
      .catch((error: unknown) => {
        if (!(error instanceof ModelCallError)) throw error
        if (error.failure !== 'engine_crashed') failWaiting((waiting) => waiting.model === model, error)
      })
      .finally(() => {
        moving = undefined
        pump()
      })
    return moving
  }

  /** Grants what can be granted, strictly in order: a call for another model waits until the engine is idle, then swaps. */
  function pump(): void {
    for (;;) {
      const first = queue[0]
      if (moving || stopped || !first) return
      const { loaded } = loader
      if (loaded?.model === first.model) {
        if (running >= loaded.sequences) return
        queue.shift()
        first.start(loaded)
      } else {
        if (running === 0) void move(first.model)
        return
      }
    }
  }

  async function run(call: ModelCall, events: ModelCallEvents, signal: AbortSignal, { link }: LoadedIn): Promise<ModelReply> {
    const meter = meterOf(call.model.model)
    const startedAt = clock.now()
    let tokensOut = 0
    running++
    meter.started(startedAt)
    changes.notify()
    const { id, answer } = link.ask(toRequest(call), (text) => signal.aborted || events.onText(text))
    events.onStarted()
    // The caller hears of its abort at once; the sequence is free when the engine has let go of it.
    let cancel: () => void
    const aborted = new Promise<never>((_resolve, reject) => {
      cancel = () => {
        link.cancel(id)
        reject(reasonOf(signal))
      }
      signal.addEventListener('abort', cancel, { once: true })
    })
    const done = answer.then((report) => {
      if (report.type !== 'completed') throw new Error(`The engine answered a call with ${report.type}.`)
      loader.answered()
      tokensOut = report.completion.tokens_out
      return toReply(call, report.completion)
    })
    const settle = () => {
      signal.removeEventListener('abort', cancel)
      running--
      meter.ended({ startedAt, endedAt: clock.now(), tokensOut })
      changes.notify()
      pump()
    }
    done.then(settle, settle)
    return Promise.race([done, aborted])
  }

  async function served(): Promise<ServedModel[]> {
    const { loaded } = loader
    return (await options.models()).map((model) => {
      const limit = Math.min(options.contextTokens, model.contextTokens ?? options.contextTokens)
      const isLoaded = loaded?.model === model.id
      return {
        reference: { engine_id: EMBEDDED_ENGINE_ID, model: model.id },
        label: model.label,
        contextTokens: isLoaded ? loaded.contextTokens : limit,
        starter: model.starter,
        parallel: isLoaded ? loaded.sequences : options.sequences,
        tokensPerSecond: meters.get(model.id)?.single ?? null,
      }
    })
  }

  return {
    complete(call, events, signal) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted()
        if (stopped) throw stoppedError()
        const leave = () => {
          queue.splice(queue.indexOf(waiting), 1)
          reject(reasonOf(signal))
          changes.notify()
          pump()
        }
        const waiting: Waiting = {
          model: call.model.model,
          start(loaded) {
            signal.removeEventListener('abort', leave)
            run(call, events, signal, loaded).then(resolve, reject)
          },
          fail(error) {
            signal.removeEventListener('abort', leave)
            reject(error)
          },
        }
        signal.addEventListener('abort', leave, { once: true })
        queue.push(waiting)
        changes.notify()
        pump()
      })
    },

    served,

    async countTokens(model, text) {
      await moving
      if (loader.loaded?.model !== model && running === 0 && queue.length === 0) await move(model)
      const { loaded } = loader
      if (loaded?.model !== model) return estimateTokens(text)
      const report = await loaded.link.ask({ type: 'count-tokens', text }).answer.catch(() => undefined)
      return report?.type === 'counted' ? report.tokens : estimateTokens(text)
    },

    async status() {
      const models = await served()
      const { loaded, state } = loader
      const meter = loaded && meters.get(loaded.model)
      return {
        engineId: EMBEDDED_ENGINE_ID,
        name: 'Built-in engine',
        kind: 'embedded',
        baseUrl: null,
        hasKey: false,
        state: models.length === 0 ? 'absent' : state.kind,
        detail: models.length === 0 ? 'No model is on this machine yet.' : describe(state, loaded),
        checkedAt: clock.now(),
        running,
        waiting: queue.length,
        parallel: loaded?.sequences ?? options.sequences,
        tokensPerSecond: meter?.single ?? null,
        totalTokensPerSecond: meter?.overall ?? null,
        models,
      }
    },

    loadedModel: () => loader.loaded?.model ?? null,

    measured() {
      const model = loader.loaded?.model
      const tokensPerSecond = model === undefined ? null : (meters.get(model)?.single ?? null)
      return model === undefined || tokensPerSecond === null ? null : { model, tokensPerSecond }
    },

    async release(model) {
      await moving
      if (queue.some((waiting) => waiting.model === model)) return false
      if (loader.loaded?.model !== model) return true
      if (running > 0) return false
      await loader.unload()
      return true
    },

    watch: (listener) => changes.watch(listener),

    async stop() {
      stopped = true
      failWaiting(() => true, stoppedError())
      await loader.stop()
      await moving
    },
  }
}

function stoppedError(): ModelCallError {
  return new ModelCallError('cancelled', 'The embedded engine was stopped.', { retryable: true })
}

function toRequest(call: ModelCall) {
  return {
    type: 'complete' as const,
    messages: [...call.messages],
    temperature: call.temperature,
    max_tokens: call.maxTokens,
    seed: call.seed,
    format: call.format,
    score_field: call.scoreField,
    top_p: call.topP,
    top_k: call.topK,
    stop: call.stop && [...call.stop],
  }
}

function toReply(call: ModelCall, completion: Completion): ModelReply {
  return {
    text: completion.text,
    reasoning: completion.reasoning,
    servedModel: call.model.model,
    finish: completion.finish,
    tokensIn: completion.tokens_in,
    tokensOut: completion.tokens_out,
    firstTokenAt: completion.first_token_at,
    expectedScores: completion.expected_scores,
    degraded: completion.degraded,
  }
}

function describe(state: LoaderState, loaded: LoadedIn | undefined): string {
  switch (state.kind) {
    case 'stopped':
      return 'Starts with the first call.'
    case 'loading':
      return `Loading ${state.model}.`
    case 'ready':
      return loaded ? `${loaded.model} is loaded, ${loaded.contextTokens} tokens a call.` : 'Nothing is loaded.'
    case 'failed':
      return state.reason
  }
}
