/** A bounded number of places, handed out in the order they were asked for. */
export interface Slots {
  /** Waits for a place and returns the function that gives it back. Rejects with the signal's reason when aborted. */
  take(signal: AbortSignal): Promise<() => void>
  readonly running: number
  readonly waiting: number
}

export function createSlots(size: number): Slots {
  const queue: (() => void)[] = []
  let running = 0

  function grant(): void {
    while (running < size) {
      const first = queue.shift()
      if (!first) return
      running++
      first()
    }
  }

  function release(): () => void {
    let held = true
    return () => {
      if (!held) return
      held = false
      running--
      grant()
    }
  }

  return {
    take(signal) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted()
        const granted = () => {
          signal.removeEventListener('abort', leave)
          resolve(release())
        }
        const leave = () => {
          queue.splice(queue.indexOf(granted), 1)
          reject(reasonOf(signal))
        }
        signal.addEventListener('abort', leave, { once: true })
        queue.push(granted)
        grant()
      })
    },
    get running() {
      return running
    },
    get waiting() {
      return queue.length
    },
  }
}

/** What an aborted signal was aborted with, as an Error. */
export function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(`Aborted: ${String(signal.reason)}`)
}
