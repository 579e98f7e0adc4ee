/** Items of all `sources` as they come. Ends when the first of them ends, fails when the first fails. The reader must keep up. */
export async function* mergeStreams<T>(...sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const waiting: T[] = []
  let end: { readonly fault: unknown } | 'ended' | undefined
  let wake = (): void => undefined
  const iterators = sources.map((source) => source[Symbol.asyncIterator]())
  const read = async (iterator: AsyncIterator<T>): Promise<void> => {
    try {
      for (;;) {
        const next = await iterator.next()
        if (next.done === true) break
        waiting.push(next.value)
        wake()
      }
      end ??= 'ended'
    } catch (fault) {
      end ??= { fault }
    }
    wake()
  }
  for (const iterator of iterators) void read(iterator)
  for (;;) {
    const item = waiting.shift()
    if (item !== undefined) yield item
    else if (end === 'ended') return
    else if (end) throw end.fault
    else await new Promise<void>((resolve) => (wake = resolve))
  }
}
