import { createContext, useCallback, useContext, useSyncExternalStore } from 'react'
import type { LiveView } from './live-buffer.ts'
import type { LiveTexts } from './live-texts.ts'

/** The running calls of the run that the page shows. */
export const LiveContext = createContext<LiveTexts | null>(null)

export function useLiveTexts(): LiveTexts {
  const live = useContext(LiveContext)
  if (live === null) throw new Error('Live texts are only known inside a deliberation page.')
  return live
}

/** State and numbers of one running call; its text never passes through React. */
export function useLiveView(key: string | null): LiveView | undefined {
  const live = useLiveTexts()
  const subscribe = useCallback(
    (listener: () => void) => (key === null ? () => undefined : live.watchView(key, listener)),
    [live, key],
  )
  return useSyncExternalStore(subscribe, () => (key === null ? undefined : live.view(key)))
}
