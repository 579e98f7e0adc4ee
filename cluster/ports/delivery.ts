/** A message handed out at least once: it comes again unless it is acknowledged within its lease. */
export interface Delivery<T> {
  readonly id: string
  readonly message: T
  /** 1 for the first time it is handed out. */
  readonly deliveries: number
  /** Done: never hand it out again. */
  ack(): Promise<void>
  /** Hand it out again, not before `delayMs` have passed. */
  release(delayMs: number): Promise<void>
  /** Keep the lease for another lease length. */
  extend(): Promise<Hold>
  /** Takes it out of circulation as a dead letter that an operator can see and replay. */
  park(reason: string): Promise<void>
}

/** `lost`: it may be with another reader now; `gone`: it was acknowledged or withdrawn, nobody needs it any more. */
export type Hold = 'held' | 'lost' | 'gone'

/** What became of a publish. A repeated id within the queue's memory is a `duplicate`; a full queue refuses with `overloaded`. */
export type PublishResult = 'accepted' | 'duplicate' | 'overloaded'

/** A message out of circulation. `unreadable`: it is none of the queue's (any more), and can only be removed. */
export type DeadLetter<T> = {
  readonly id: string
  readonly reason: string
  readonly deliveries: number
  readonly at: number
} & ({ readonly message: T; readonly unreadable?: undefined } | { readonly message?: undefined; readonly unreadable: Unreadable })

/** The beginning of its text, and why it cannot be read. */
export interface Unreadable {
  readonly text: string
  readonly fault: string
}

/** Of the text of an unreadable message. */
export const SHOWN_OF_UNREADABLE = 300
