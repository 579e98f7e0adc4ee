import { answer } from '../../messages/answer.ts'
import { workItem } from '../../messages/work.ts'
import type { Answers } from '../../ports/answers.ts'
import type { Clock } from '../../ports/clock.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'
import { createLeasedQueue } from './leased-queue.ts'
import type { QueueCall } from './queue-steps.ts'
import type { WakeUp } from './wake-up.ts'

export interface QueueParts {
  readonly call: QueueCall
  /** This queue's own. */
  readonly changed: WakeUp
  readonly clock: Clock
  /** Names the store in errors. */
  readonly where: string
}

/** The work queue over a store's steps. */
export function createWorkQueueOver(parts: QueueParts): WorkQueue {
  const queue = createLeasedQueue({ ...parts, queue: 'work', schema: workItem })
  return {
    publish: (id, item) => queue.publish(id, item.task_id, item),
    pull: queue.take,
    withdraw: queue.withdraw,
    depth: queue.depth,
    deadLetters: queue.deadLetters,
    replay: queue.replay,
    removeDeadLetter: queue.removeDeadLetter,
  }
}

/** The queue of answers over a store's steps. */
export function createAnswersOver(parts: QueueParts): Answers {
  const queue = createLeasedQueue({ ...parts, queue: 'answers', schema: answer })
  return {
    publish: (id, message) => queue.publish(id, message.task_id, message),
    take: queue.take,
    deadLetters: queue.deadLetters,
    replay: queue.replay,
    removeDeadLetter: queue.removeDeadLetter,
  }
}
