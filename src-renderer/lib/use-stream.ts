import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { useConnection } from './console.tsx'
import { LiveStore, type Live, type LiveSource } from './live-store.ts'

/**
 * Follows a stream of the host while the component is mounted and the window visible. Another `key` is another stream; `source` is
 * read when the key changes. While the connection is down a live value counts as `cached`.
 */
export function useStream<Update, T>(key: string, source: LiveSource<Update, T>): Live<T> & { retry: () => void } {
  const connection = useConnection()
  // The key stands for the source: callers write the source inline, as a new object on every render.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const store = useMemo(() => new LiveStore(source), [key])
  const live = useSyncExternalStore(store.subscribe, store.state)
  const isConnected = connection.kind === 'live'
  // What failed for want of a host need not wait for its next try.
  useEffect(() => {
    if (isConnected && store.state().state === 'failed') store.retry()
  }, [isConnected, store])
  const state = live.state === 'live' && !isConnected ? 'cached' : live.state
  return { ...live, state, retry: store.retry }
}
