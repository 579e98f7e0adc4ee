/** What either source gives, as it comes, until both have ended or one fails. A source is asked again when its last item was taken. */
export async function* merged<A, B>(first: AsyncIterable<A>, second: AsyncIterable<B>): AsyncGenerator<A | B> {
  const sources: readonly AsyncIterator<A | B>[] = [first[Symbol.asyncIterator](), second[Symbol.asyncIterator]()]
  const ask = async (source: AsyncIterator<A | B>) => ({ source, result: await source.next() })
  const asked = new Map(sources.map((source) => [source, ask(source)]))
  while (asked.size > 0) {
    const { source, result } = await Promise.race(asked.values())
    asked.delete(source)
    if (result.done === true) continue
    yield result.value
    asked.set(source, ask(source))
  }
}
