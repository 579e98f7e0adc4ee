import type { Clock } from '../../ports/clock.ts'
import { ModelCallError } from '../../ports/engines.ts'
import type { ModelOnDisk } from '../engines/model-on-disk.ts'
import { startEngine, type EngineLink, type EngineOptions } from './engine-link.ts'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 30_000
/** After so many crashes without an answer in between, waiting calls are told instead of kept. */
const CRASHES_IN_A_ROW = 4

export interface ModelLoaderOptions extends EngineOptions {
  readonly clock: Clock
  /** Models whose files are complete on disk. */
  readonly models: () => Promise<readonly ModelOnDisk[]>
  /** Never the library's default, which all but hangs on a busy machine with two cores. */
  readonly threads: number
  /** Prompt and answer of one call together; a model trained for less gets less. */
  readonly contextTokens: number
  /** Calls at once. */
  readonly sequences: number
}

export interface LoadedIn {
  readonly model: string
  readonly sequences: number
  readonly contextTokens: number
  readonly link: EngineLink
}

export type LoaderState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'loading'; readonly model: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string }

/**
 * Keeps one model loaded in one engine process.
 *
 *   stopped ── load ──▶ loading ──▶ ready ── load another ──▶ loading
 *      ▲                   │  ▲       │
 *      └──── unload ───────┼──┼───────┤
 *                          ▼  │ load  ▼
 *                         failed ◀── crash (the next load waits, longer after each)
 */
export interface ModelLoader {
  readonly loaded: LoadedIn | undefined
  readonly state: LoaderState
  /** Rejects with ModelCallError; `engine_crashed` where trying again is worth it. */
  load(model: string): Promise<void>
  unload(): Promise<void>
  /** An answer came: the next crash is the first again. */
  answered(): void
  stop(): Promise<void>
}

/** `onCrash` hears of every crash, with an error once it is time to tell the calls that wait. */
export function createModelLoader(
  options: ModelLoaderOptions,
  on: { readonly change: () => void; readonly crash: (hopeless: ModelCallError | undefined) => void },
): ModelLoader {
  const { clock } = options
  const stopping = new AbortController()
  let link: EngineLink | undefined
  let ended: Promise<void> = Promise.resolve()
  let loaded: LoadedIn | undefined
  let state: LoaderState = { kind: 'stopped' }
  let crashes = 0
  let notBefore = 0

  function enter(next: LoaderState): void {
    state = next
    on.change()
  }

  function start(): EngineLink {
    let exited: () => void
    ended = new Promise((resolve) => (exited = resolve))
    return startEngine(options, (reason) => {
      link = undefined
      loaded = undefined
      exited()
      if (stopping.signal.aborted) return
      crashes++
      notBefore = clock.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (crashes - 1))
      enter({ kind: 'failed', reason: `The engine process ended: ${reason}.` })
      const hopeless = new ModelCallError(
        'engine_crashed',
        `The embedded engine crashed ${crashes} times in a row (${reason}).`,
        {
          retryable: true,
        },
      )
      on.crash(crashes < CRASHES_IN_A_ROW ? undefined : hopeless)
    })
  }

  async function load(model: string): Promise<void> {
    await clock.sleep(notBefore - clock.now(), stopping.signal)
    stopping.signal.throwIfAborted()
    const found = (await options.models()).find((one) => one.id === model)
    if (!found) {
      const what = `The model ${model} is not on this machine. Download it on the Models page.`
      throw new ModelCallError('model_missing', what, { retryable: false })
    }
    loaded = undefined
    enter({ kind: 'loading', model })
    link ??= start()
    const engine = link
    const { threads, sequences, contextTokens } = options
    const report = await engine.ask({ type: 'load', file: found.file, context_tokens: contextTokens, sequences, threads }).answer
    if (report.type !== 'loaded') throw new Error(`The engine answered a load with ${report.type}.`)
    loaded = { model, sequences: report.sequences, contextTokens: report.context_tokens, link: engine }
    enter({ kind: 'ready' })
  }

  return {
    get loaded() {
      return loaded
    },
    get state() {
      return state
    },
    async load(model) {
      try {
        await load(model)
      } catch (cause) {
        const error =
          cause instanceof ModelCallError ? cause : new ModelCallError('internal', String(cause), { retryable: false, cause })
        if (error.failure !== 'engine_crashed' && !stopping.signal.aborted) enter({ kind: 'failed', reason: error.message })
        throw error
      }
    },
    async unload() {
      const engine = loaded?.link
      loaded = undefined
      await engine?.ask({ type: 'unload' }).answer
      if (state.kind === 'ready') enter({ kind: 'stopped' })
    },
    answered: () => (crashes = 0),
    async stop() {
      stopping.abort(new ModelCallError('cancelled', 'The embedded engine was stopped.', { retryable: true }))
      link?.kill('the console was closed')
      await ended
    },
  }
}
