/** For tests: a stream that sends what it is given, first of all `first`; opened again, it starts from `next`. */
export function pushed<T>(first: T) {
  let opening = first
  let opened = 0
  const readers = new Set<(item: T) => void>()
  return {
    opened: () => opened,
    next: (item: T) => {
      opening = item
    },
    push: (item: T) => {
      readers.forEach((read) => read(item))
    },
    follow: async function* (signal: AbortSignal): AsyncGenerator<T> {
      opened += 1
      const waiting: T[] = [opening]
      let wake = () => {}
      const read = (item: T) => {
        waiting.push(item)
        wake()
      }
      readers.add(read)
      signal.addEventListener('abort', () => wake())
      try {
        while (!signal.aborted) {
          const item = waiting.shift()
          if (item === undefined) await new Promise<void>((resolve) => (wake = resolve))
          else yield item
        }
      } finally {
        readers.delete(read)
      }
    },
  }
}
