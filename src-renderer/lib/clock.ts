import { useSyncExternalStore } from 'react'

/** One timer per step for the whole page, stopped while the window is hidden or nobody looks. */
function ticker(stepMs: number) {
  const listeners = new Set<() => void>()
  let timer: ReturnType<typeof setInterval> | undefined
  let now = Date.now()
  const tick = () => {
    now = Date.now()
    listeners.forEach((listener) => listener())
  }
  const arm = () => {
    const wanted = listeners.size > 0 && document.visibilityState === 'visible'
    if (wanted && timer === undefined) {
      timer = setInterval(tick, stepMs)
      tick()
    } else if (!wanted) {
      clearInterval(timer)
      timer = undefined
    }
  }
  return {
    now: () => (timer === undefined ? (now = Math.floor(Date.now() / stepMs) * stepMs) : now),
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      if (listeners.size === 1) document.addEventListener('visibilitychange', arm)
      arm()
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) document.removeEventListener('visibilitychange', arm)
        arm()
      }
    },
  }
}

const tickers = new Map<number, ReturnType<typeof ticker>>()

/** The time, renewed every `stepMs` while the window is visible. */
export function useNow(stepMs = 1000): number {
  let shared = tickers.get(stepMs)
  if (shared === undefined) {
    shared = ticker(stepMs)
    tickers.set(stepMs, shared)
  }
  return useSyncExternalStore(shared.subscribe, shared.now)
}
