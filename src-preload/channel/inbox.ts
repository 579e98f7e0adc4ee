/** What has arrived of one stream and was not read yet. Bounded: past the limit the rest is dropped and the reader hears of it. */
export class Inbox<T> {
  readonly #waiting: T[] = []
  readonly #limit: number
  #fault: Error | undefined
  #wake = () => {}

  constructor(limit: number) {
    this.#limit = limit
  }

  push(item: T, overflow: () => Error): void {
    if (this.#fault) return
    if (this.#waiting.length >= this.#limit) return this.fail(overflow())
    this.#waiting.push(item)
    this.#wake()
  }

  /** Lets the reader take what has arrived, then throws. The first fault counts. */
  fail(fault: Error): void {
    this.#fault ??= fault
    this.#wake()
  }

  /** The next item, or undefined once the signal aborts. */
  async next(signal: AbortSignal | undefined): Promise<T | undefined> {
    const wake = () => this.#wake()
    signal?.addEventListener('abort', wake)
    try {
      while (!signal?.aborted) {
        const item = this.#waiting.shift()
        if (item !== undefined) return item
        if (this.#fault) throw this.#fault
        await new Promise<void>((resolve) => (this.#wake = resolve))
      }
      return undefined
    } finally {
      signal?.removeEventListener('abort', wake)
    }
  }
}
