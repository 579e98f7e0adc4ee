/** How long a deed that cannot be undone can be called off after it was confirmed. */
export const CANCEL_WINDOW_MS = 8000

/** A deed that was confirmed and is not done yet. */
interface Deed {
  /** The same id replaces: a deed is done once. */
  readonly id: string
  /** What is about to happen, e.g. `Deleting nightly`. */
  readonly title: string
  readonly act: () => Promise<void>
}

export interface WaitingDeed extends Deed {
  readonly until: number
}

/** Confirmed deeds, each with a moment in which it can be called off. They go on from page to page; closing the window calls them off. */
export class CancelWindows {
  readonly #listeners = new Set<() => void>()
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()
  readonly #onFailure: (deed: Deed, fault: unknown) => void
  #waiting: readonly WaitingDeed[] = []

  constructor(onFailure: (deed: Deed, fault: unknown) => void) {
    this.#onFailure = onFailure
  }

  readonly waiting = (): readonly WaitingDeed[] => this.#waiting

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  readonly open = (deed: Deed): void => {
    this.callOff(deed.id)
    const done = async () => {
      this.callOff(deed.id)
      try {
        await deed.act()
      } catch (fault) {
        this.#onFailure(deed, fault)
      }
    }
    this.#timers.set(
      deed.id,
      setTimeout(() => void done(), CANCEL_WINDOW_MS),
    )
    this.#change([...this.#waiting, { ...deed, until: Date.now() + CANCEL_WINDOW_MS }])
  }

  readonly callOff = (id: string): void => {
    clearTimeout(this.#timers.get(id))
    if (this.#timers.delete(id)) this.#change(this.#waiting.filter((deed) => deed.id !== id))
  }

  #change(waiting: readonly WaitingDeed[]): void {
    this.#waiting = waiting
    this.#listeners.forEach((listener) => listener())
  }
}
