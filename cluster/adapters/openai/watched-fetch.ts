export interface WatchedFetch {
  readonly fetch: typeof globalThis.fetch
  /** Aborts when nothing at all has come for the idle time, from the request on. */
  readonly idle: AbortSignal
  stop(): void
}

/** A fetch that sees every byte of a streamed answer, also those that carry no data, and knows when they stop. */
export function watchBytes(idleTimeoutMs: number): WatchedFetch {
  const idle = new AbortController()
  const timer = setTimeout(() => idle.abort(), idleTimeoutMs)
  return {
    idle: idle.signal,
    stop: () => clearTimeout(timer),
    async fetch(input, init) {
      timer.refresh()
      const response = await fetch(input, init)
      timer.refresh()
      if (!response.body) return response
      const watch = new TransformStream<Uint8Array, Uint8Array>({
        transform(bytes, controller) {
          timer.refresh()
          controller.enqueue(bytes)
        },
      })
      return new Response(response.body.pipeThrough(watch), response)
    },
  }
}
