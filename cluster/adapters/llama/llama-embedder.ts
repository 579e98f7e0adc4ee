import type { Clock } from '../../ports/clock.ts'
import { ModelCallError, type Embedder, type EmbeddingCall, type Embeddings } from '../../ports/engines.ts'
import { createChangeNotice, type ChangeListener } from '../engines/engine-status.ts'
import type { ModelOnDisk } from '../engines/model-on-disk.ts'
import { createSlots, reasonOf } from '../engines/slots.ts'
import { startEngine, type EngineLink, type EngineOptions } from './engine-link.ts'
import { EMBEDDED_ENGINE_ID } from './llama-engine.ts'

export interface LlamaEmbedderOptions extends EngineOptions {
  readonly clock: Clock
  /** Models whose files are complete on disk. */
  readonly models: () => Promise<readonly ModelOnDisk[]>
  readonly threads: number
  /** An engine that has been asked nothing for so long is ended and gives its memory back. */
  readonly idleMs: number
}

/** The embedded engine for embeddings: an engine process of its own, so that nobody waits behind a model that is writing. */
export interface LlamaEmbedder {
  /** One call at a time. Rejects with ModelCallError; with the signal's reason when aborted. */
  embed(call: EmbeddingCall, signal: AbortSignal): Promise<Embeddings>
  embedders(): Promise<readonly Embedder[]>
  loadedModel(): string | null
  /** Lets go of the model's file; false while a call uses it. */
  release(model: string): Promise<boolean>
  watch(listener: ChangeListener): () => void
  stop(): Promise<void>
}

/** Texts longer than what sentence encoders were trained for are cut by the model's own context. */
const LONGEST_CONTEXT_TOKENS = 2048
const ANY_CONTEXT_TOKENS = 512

interface Loaded {
  readonly model: string
  readonly link: EngineLink
}

export function createLlamaEmbedder(options: LlamaEmbedderOptions): LlamaEmbedder {
  const { clock } = options
  const changes = createChangeNotice()
  const turns = createSlots(1)
  let running: { readonly link: EngineLink; readonly ended: Promise<void> } | undefined
  let loaded: Loaded | undefined
  let idle = new AbortController()
  let isStopped = false

  function start(): EngineLink {
    let exited: () => void
    const ended = new Promise<void>((resolve) => (exited = resolve))
    const link = startEngine(options, () => {
      if (running?.link === link) running = undefined
      if (loaded?.link === link) loaded = undefined
      exited()
      changes.notify()
    })
    running = { link, ended }
    return link
  }

  async function end(reason: string): Promise<void> {
    idle.abort()
    const process = running
    running = undefined
    loaded = undefined
    process?.link.kill(reason)
    await process?.ended
  }

  async function ensureLoaded(model: string, signal: AbortSignal): Promise<Loaded> {
    if (loaded?.model === model) return loaded
    const found = (await modelsOfKind()).find((one) => one.id === model)
    if (!found)
      throw new ModelCallError(
        'model_missing',
        `The embedding model ${model} is not on this machine. Download it on the Models page.`,
        { retryable: false },
      )
    const link = running?.link ?? start()
    const context_tokens = Math.min(LONGEST_CONTEXT_TOKENS, found.contextTokens ?? ANY_CONTEXT_TOKENS)
    const { answer } = link.ask({ type: 'load-embedder', file: found.file, context_tokens, threads: options.threads })
    await abortable(answer, signal)
    loaded = { model, link }
    changes.notify()
    return loaded
  }

  async function endWhenIdle(): Promise<void> {
    idle.abort()
    const mine = new AbortController()
    idle = mine
    await clock.sleep(options.idleMs, mine.signal)
    if (!mine.signal.aborted && turns.running === 0) await end('nothing to embed')
  }

  async function modelsOfKind(): Promise<readonly ModelOnDisk[]> {
    return (await options.models()).filter((model) => model.kind === 'embedding')
  }

  return {
    async embed(call, signal) {
      const release = await turns.take(signal)
      idle.abort()
      try {
        if (isStopped) throw stoppedError()
        if (call.texts.length === 0) return { vectors: [], model: call.model.model, tokens: 0, truncated: [] }
        const { link } = await ensureLoaded(call.model.model, signal)
        const { id, answer } = link.ask({ type: 'embed', texts: [...call.texts] })
        const report = await abortable(answer, signal, () => link.cancel(id))
        if (report.type !== 'embedded') throw new Error(`The engine answered an embedding call with ${report.type}.`)
        return { vectors: report.vectors, model: call.model.model, tokens: report.tokens, truncated: report.truncated }
      } catch (fault) {
        // What ended with the engine is no failure of the model.
        if (isStopped) throw stoppedError()
        throw fault
      } finally {
        release()
        if (!isStopped) void endWhenIdle()
      }
    },

    async embedders() {
      return (await modelsOfKind()).map(({ id, label, contextTokens }) => ({
        reference: { engine_id: EMBEDDED_ENGINE_ID, model: id },
        label,
        contextTokens,
      }))
    },

    loadedModel: () => loaded?.model ?? null,

    async release(model) {
      if (loaded?.model !== model) return true
      if (turns.running > 0) return false
      await end('its model was removed')
      return true
    },

    watch: (listener) => changes.watch(listener),

    async stop() {
      isStopped = true
      await end('the console was closed')
    },
  }
}

function stoppedError(): ModelCallError {
  return new ModelCallError('cancelled', 'The embedded engine was stopped.', { retryable: true })
}

/** The caller hears of its abort at once; `onAbort` tells the engine. */
function abortable<T>(answer: Promise<T>, signal: AbortSignal, onAbort: () => void = () => undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      onAbort()
      reject(reasonOf(signal))
    }
    if (signal.aborted) return leave()
    signal.addEventListener('abort', leave, { once: true })
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
