import type { StateChange } from '../../ports/small-state.ts'
import { createWakeUp } from './wake-up.ts'

/** Passes changes of small state on to watchers in this process; a slow one gets the latest of each key. */
export interface ChangeFeed {
  readonly publish: (change: StateChange) => void
  readonly watch: (prefix: string, signal: AbortSignal) => AsyncIterable<StateChange>
}

/** A feed nobody watches yet. */
export function createChangeFeed(): ChangeFeed {
  const watchers = new Set<(change: StateChange) => void>()

  return {
    publish: (change) => {
      for (const watcher of [...watchers]) watcher(change)
    },
    watch: (prefix, signal) => {
      const changed = createWakeUp()
      const unread = new Map<string, StateChange>()
      const receive = (change: StateChange) => {
        const key = change.kind === 'put' ? change.entry.key : change.key
        if (!key.startsWith(prefix)) return
        unread.delete(key)
        unread.set(key, change)
        changed.notify()
      }
      watchers.add(receive)
      signal.addEventListener('abort', () => watchers.delete(receive), { once: true })

      const isAborted = () => signal.aborted
      return (async function* () {
        try {
          while (!isAborted()) {
            const seen = changed.count
            for (const [key, change] of unread) {
              unread.delete(key)
              yield change
              if (isAborted()) return
            }
            await changed.wait(seen, signal)
          }
        } finally {
          watchers.delete(receive)
        }
      })()
    },
  }
}
