import type { Live } from './live-store.ts'
import { useStream } from './use-stream.ts'

/** Asks again every `everyMs` while the component is mounted and the window visible, one request at a time. Another `key` is another question. */
export function usePoll<T>(key: string, ask: (signal: AbortSignal) => Promise<T>, everyMs: number): Live<T> {
  return useStream(key, { open: (signal) => answers(ask, everyMs, signal), fold: (_: T | null, answer: T) => answer })
}

async function* answers<T>(ask: (signal: AbortSignal) => Promise<T>, everyMs: number, signal: AbortSignal): AsyncGenerator<T> {
  while (!signal.aborted) {
    yield await ask(signal)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, everyMs)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}
