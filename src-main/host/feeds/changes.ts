/** Registers a listener for keys that changed; returns the function that ends it. */
export type Subscribe = (onChanged: (keys: Iterable<string>) => void) => () => void

/**
 * Sets of keys that changed since the last set, at most one every `intervalMs`, until `signal` aborts. Listens from the moment of the
 * call, so that nothing falls between a snapshot and the first set. A slow reader gets one larger set, never a queue of sets.
 */
export function changes(subscribe: Subscribe, intervalMs: number, signal: AbortSignal): AsyncIterable<ReadonlySet<string>> {
  let pending = new Set<string>()
  let wake = (): void => undefined
  const end = subscribe((keys) => {
    for (const key of keys) pending.add(key)
    if (pending.size > 0) wake()
  })
  const stop = (): void => {
    end()
    wake()
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })

  return (async function* () {
    try {
      while (!isAborted(signal)) {
        if (pending.size === 0) {
          await new Promise<void>((resolve) => (wake = resolve))
          continue
        }
        const keys = pending
        pending = new Set()
        yield keys
        await pause(intervalMs, signal)
      }
    } finally {
      end()
    }
  })()
}

const isAborted = (signal: AbortSignal): boolean => signal.aborted

/** One tick every `ms`, until `signal` aborts. */
export async function* ticks(ms: number, signal: AbortSignal): AsyncGenerator<'tick'> {
  for (;;) {
    await pause(ms, signal)
    if (signal.aborted) return
    yield 'tick'
  }
}

/** Resolves after `ms`, or at once when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
