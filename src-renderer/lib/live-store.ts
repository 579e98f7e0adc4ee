import type * as z from 'zod'
import { ConsoleError } from '../../src-preload/contract/errors.ts'
import { readPicture, writePicture } from './picture-cache.ts'

/** What a view knows of one stream. `at`: when `value` was last heard of. */
export interface Live<T> {
  readonly value: T | null
  readonly at: number | null
  /** `cached`: an earlier picture, not confirmed by the host yet. */
  readonly state: 'waiting' | 'cached' | 'live' | 'failed'
  readonly error: ConsoleError | null
}

export interface LiveSource<Update, T> {
  readonly open: (signal: AbortSignal) => AsyncIterable<Update>
  /** The next value. A stream begins with a snapshot, so `value` may be from before a break. */
  readonly fold: (value: T | null, update: Update) => T
  /** Keeps the last value across starts. */
  readonly cache?: { readonly name: string; readonly schema: z.ZodType<T> } | undefined
  /** Goes on while the window is hidden: for what the operator is told of there too. */
  readonly whileHidden?: boolean
}

/** No more than ten renders a second, whatever the host sends. */
const renderEveryMs = 100
const storeEveryMs = 5_000
const firstRetryMs = 1_000
const maxRetryMs = 30_000
/** Asking again cannot change these answers. */
const finalCodes = new Set(['invalid-input', 'forbidden', 'unauthorized', 'not-found', 'expired'])

/** Follows one stream while somebody looks: started by the first listener, stopped by the last, paused while the window is hidden. */
export class LiveStore<Update, T> {
  readonly #source: LiveSource<Update, T>
  readonly #listeners = new Set<() => void>()
  #state: Live<T> = { value: null, at: null, state: 'waiting', error: null }
  #running: AbortController | undefined
  #renderTimer: ReturnType<typeof setTimeout> | undefined
  #renderedAt = 0
  #next: Live<T> | undefined
  #storedAt = 0

  constructor(source: LiveSource<Update, T>) {
    this.#source = source
    const picture = source.cache && readPicture(source.cache.name, source.cache.schema)
    if (picture) this.#state = { value: picture.value, at: picture.at, state: 'cached', error: null }
  }

  /** The same object until it changes. */
  readonly state = (): Live<T> => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) {
      document.addEventListener('visibilitychange', this.#follow)
      this.#follow()
    }
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      document.removeEventListener('visibilitychange', this.#follow)
      this.#pause()
    }
  }

  /** Asks again now, after a failure. */
  readonly retry = (): void => {
    this.#pause()
    this.#follow()
  }

  readonly #follow = (): void => {
    if (document.visibilityState === 'hidden' && this.#source.whileHidden !== true) return this.#pause()
    if (this.#running || this.#listeners.size === 0) return
    this.#running = new AbortController()
    void this.#run(this.#running.signal)
  }

  #pause(): void {
    this.#running?.abort()
    this.#running = undefined
    clearTimeout(this.#renderTimer)
    this.#renderTimer = undefined
    this.#flush()
    if (this.#state.state === 'live') this.#state = { ...this.#state, state: 'cached' }
    this.#store(true)
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let delay = firstRetryMs; !signal.aborted; delay = Math.min(maxRetryMs, delay * 2)) {
      try {
        for await (const update of this.#source.open(signal)) {
          // Aborted while this item was on its way: the view no longer wants it.
          if (isAborted(signal)) return
          delay = firstRetryMs
          this.#set({ value: this.#source.fold(this.#latest().value, update), at: Date.now(), state: 'live', error: null })
        }
        return
      } catch (fault) {
        if (isAborted(signal)) return
        const error = fault instanceof ConsoleError ? fault : new ConsoleError('internal', String(fault), {}, { cause: fault })
        this.#set({ ...this.#latest(), state: 'failed', error })
        if (finalCodes.has(error.code)) return
        await wait(delay, signal)
      }
    }
  }

  #latest(): Live<T> {
    return this.#next ?? this.#state
  }

  #set(next: Live<T>): void {
    this.#next = next
    if (this.#renderTimer !== undefined) return
    const due = this.#renderedAt + renderEveryMs - Date.now()
    if (due <= 0) this.#flush()
    else {
      this.#renderTimer = setTimeout(() => {
        this.#renderTimer = undefined
        this.#flush()
      }, due)
    }
  }

  #flush(): void {
    if (!this.#next) return
    this.#state = this.#next
    this.#next = undefined
    this.#renderedAt = Date.now()
    this.#store(false)
    this.#listeners.forEach((listener) => listener())
  }

  #store(now: boolean): void {
    const { cache } = this.#source
    const { value, at } = this.#state
    if (!cache || value === null || at === null || at <= this.#storedAt) return
    if (!now && at - this.#storedAt < storeEveryMs) return
    this.#storedAt = at
    writePicture(cache.name, { at, value })
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
