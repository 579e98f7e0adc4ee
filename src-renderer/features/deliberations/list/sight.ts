/** Pages that are read again when they come back into sight: as many as the host keeps fresh. */
const FRESH_PAGES = 4

/** Which places the window shows. The table reports it; whoever reads pages waits for it. */
export class Sight {
  #first = 0
  #last = 0
  /** The first page comes with the list itself. */
  #fresh: readonly number[] = [0]
  #wake = (): void => undefined

  report(first: number, last: number): void {
    if (first === this.#first && last === this.#last) return
    this.#first = first
    this.#last = last
    this.#wake()
  }

  /** The list was opened anew: only its first page is known. */
  forget(): void {
    this.#fresh = [0]
    this.#wake()
  }

  /** Numbers of pages to read, one after the other: those in sight that were not among the last few. What has passed by is left out. */
  async *pages(size: number, signal: AbortSignal): AsyncGenerator<number> {
    const stop = () => this.#wake()
    signal.addEventListener('abort', stop)
    try {
      while (!signal.aborted) {
        const page = this.#nextPage(size)
        if (page === undefined) {
          await new Promise<void>((resolve) => (this.#wake = resolve))
          continue
        }
        this.#fresh = [...this.#fresh, page].slice(-FRESH_PAGES)
        yield page
      }
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  #nextPage(size: number): number | undefined {
    const last = Math.floor(this.#last / size)
    for (let page = Math.floor(this.#first / size); page <= last; page++) if (!this.#fresh.includes(page)) return page
    return undefined
  }
}
