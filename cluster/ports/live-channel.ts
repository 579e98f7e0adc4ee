import type { LiveMessage } from '../messages/live.ts'

/** The lossy channel beside the log: token deltas and the state of calls. Bounded, latest wins, nothing is stored. */
export interface LiveChannel {
  publish(message: LiveMessage): void
  /** Returns the function that ends the subscription. */
  subscribe(listener: (message: LiveMessage) => void): () => void
}
