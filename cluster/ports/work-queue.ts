import type { WorkItem } from '../messages/work.ts'
import type { DeadLetter, Delivery, PublishResult } from './delivery.ts'

/** Work for agents (`agent.work.<role>`). The message id is the item's natural key: (task, round, phase, agent). */
export interface WorkQueue {
  /** Durable when it resolves to `accepted`. An id seen before, also one already done, is a `duplicate`. */
  publish(id: string, item: WorkItem): Promise<PublishResult>
  /** Waits for the next item of any role; undefined when `signal` aborts. The lease lasts `leaseMs` and can be extended. */
  pull(leaseMs: number, signal: AbortSignal): Promise<Delivery<WorkItem> | undefined>
  /** Withdraws everything of one run that is not yet acknowledged, or one item of it; a worker that holds an item loses its lease. */
  withdraw(taskId: string, id?: string): Promise<number>
  /** Items waiting and items handed out. */
  depth(): Promise<{ readonly waiting: number; readonly leased: number }>
  deadLetters(): Promise<readonly DeadLetter<WorkItem>[]>
  /** Hands a dead letter out again, its deliveries counted anew. False if none that can be read has this id (any more). */
  replay(id: string): Promise<boolean>
  /** Throws a dead letter away; its id stays known. False if none has this id (any more). */
  removeDeadLetter(id: string): Promise<boolean>
}
