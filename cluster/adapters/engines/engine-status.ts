import type { ServedModel } from '../../ports/engines.ts'

/** What an engine is doing, for the page. */
export interface EngineStatus {
  /** `embedded` or the id of an endpoint. */
  readonly engineId: string
  readonly name: string
  readonly kind: 'embedded' | 'endpoint'
  readonly baseUrl: string | null
  readonly hasKey: boolean
  /** `unknown`: an endpoint that nobody has asked yet. */
  readonly state: 'absent' | 'stopped' | 'loading' | 'ready' | 'failed' | 'unknown'
  /** Why it is in that state, in plain words. */
  readonly detail: string
  readonly checkedAt: number | null
  readonly running: number
  readonly waiting: number
  readonly parallel: number
  /** Of one call, measured; null before the first answer. */
  readonly tokensPerSecond: number | null
  /** Of all calls side by side, measured. */
  readonly totalTokensPerSecond: number | null
  readonly models: readonly ServedModel[]
}

/** Told that something about an engine changed; whoever cares reads the status again. */
export type ChangeListener = () => void

export interface ChangeNotice {
  notify(): void
  /** Returns the function that ends the subscription. */
  watch(listener: ChangeListener): () => void
}

export function createChangeNotice(): ChangeNotice {
  const listeners = new Set<ChangeListener>()
  return {
    notify() {
      for (const listener of listeners) listener()
    },
    watch(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
