/** Listeners by key. */
export interface Listeners<L> {
  readonly add: (key: string, listener: L) => () => void
  readonly call: (key: string, tell: (listener: L) => void) => void
}

export function createListeners<L>(): Listeners<L> {
  const byKey = new Map<string, Set<L>>()
  return {
    add(key, listener) {
      const set = byKey.get(key) ?? new Set()
      byKey.set(key, set.add(listener))
      return () => {
        set.delete(listener)
        if (set.size === 0) byKey.delete(key)
      }
    },
    call(key, tell) {
      byKey.get(key)?.forEach(tell)
    },
  }
}
