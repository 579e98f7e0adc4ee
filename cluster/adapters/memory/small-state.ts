import type { SmallState, StateEntry } from '../../ports/small-state.ts'
import { createChangeFeed } from '../local/change-feed.ts'
import { valueText } from '../local/value-text.ts'

/** Small state that lives as long as the process. */
export function createMemorySmallState(): SmallState {
  const feed = createChangeFeed()
  const stored = new Map<string, { readonly text: string; readonly revision: number }>()
  let lastRevision = 0

  function entry(key: string): StateEntry | undefined {
    const found = stored.get(key)
    return found && { key, value: JSON.parse(found.text), revision: found.revision }
  }

  return {
    get: (key) => Promise.resolve(entry(key)),
    list: (prefix) => {
      const keys = [...stored.keys()].filter((key) => key.startsWith(prefix)).sort()
      return Promise.resolve(keys.flatMap((key) => entry(key) ?? []))
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- a refused value rejects, it does not throw
    put: async (key, value, expected) => {
      const text = valueText(key, value)
      const actual = stored.get(key)?.revision ?? 0
      if (expected !== 'any' && expected !== actual) return { kind: 'conflict', actual }
      const revision = ++lastRevision
      stored.set(key, { text, revision })
      feed.publish({ kind: 'put', entry: { key, value: JSON.parse(text), revision } })
      return { kind: 'stored', revision }
    },
    remove: (key) => {
      const isRemoved = stored.delete(key)
      if (isRemoved) feed.publish({ kind: 'removed', key })
      return Promise.resolve(isRemoved)
    },
    watch: feed.watch,
  }
}
