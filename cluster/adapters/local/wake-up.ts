/** Lets loops in this process sleep until something changed, without missing a change between looking and falling asleep. */
export interface WakeUp {
  /** Changes so far: read it before looking, pass it to `wait`. */
  readonly count: number
  notify(): void
  /** Resolves as soon as `count` is no longer `seen`, or when `signal` aborts. */
  wait(seen: number, signal: AbortSignal): Promise<void>
}

/** A wake-up nobody waits for yet. */
export function createWakeUp(): WakeUp {
  let count = 0
  const waiting = new Set<() => void>()

  return {
    get count() {
      return count
    },
    notify: () => {
      count += 1
      for (const wake of [...waiting]) wake()
    },
    wait: (seen, signal) =>
      new Promise((resolve) => {
        if (count !== seen || signal.aborted) return resolve()
        const wake = () => {
          waiting.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        waiting.add(wake)
        signal.addEventListener('abort', wake)
      }),
  }
}
