import type { Answer } from '../messages/answer.ts'
import type { DeadLetter, Delivery, PublishResult } from './delivery.ts'

/** What workers report (`agent.response.completed|failed`). Acknowledged only after the state change it causes is stored. */
export interface Answers {
  /** Durable when it resolves to `accepted`. */
  publish(id: string, answer: Answer): Promise<PublishResult>
  /** Waits for the next answer; undefined when `signal` aborts. */
  take(leaseMs: number, signal: AbortSignal): Promise<Delivery<Answer> | undefined>
  deadLetters(): Promise<readonly DeadLetter<Answer>[]>
  /** Hands a dead letter out again, its deliveries counted anew. False if none that can be read has this id (any more). */
  replay(id: string): Promise<boolean>
  /** Throws a dead letter away; its id stays known. False if none has this id (any more). */
  removeDeadLetter(id: string): Promise<boolean>
}
