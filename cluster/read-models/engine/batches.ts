/** Groups what `source` has ready into lists of up to `limit`, without waiting for more once something is there. */
export async function* batches<T>(source: AsyncIterable<T>, limit: number): AsyncIterable<readonly T[]> {
  const iterator = source[Symbol.asyncIterator]()
  const pull = () => {
    const result = iterator.next()
    // It is awaited below; until then its failure is not to count as unhandled.
    result.catch(() => undefined)
    return result
  }
  let next = pull()
  for (;;) {
    const first = await next
    if (first.done) return
    const batch = [first.value]
    next = pull()
    const turnEnds = nextTurn()
    while (batch.length < limit) {
      const ready = await Promise.race([next, turnEnds])
      if (!ready || ready.done) break
      batch.push(ready.value)
      next = pull()
    }
    yield batch
  }
}

/** Lets everything else that is due in this thread run first. */
export function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(resolve, undefined))
}
