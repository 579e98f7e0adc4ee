import type { Answers } from '../../ports/answers.ts'
import type { Clock } from '../../ports/clock.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'
import { defaultQueueBounds } from '../local/queue-steps.ts'
import type { QueueBounds, QueueCall } from '../local/queue-steps.ts'
import { createAnswersOver, createWorkQueueOver } from '../local/queues.ts'
import type { QueueParts } from '../local/queues.ts'
import { createWakeUp } from '../local/wake-up.ts'
import { systemClock } from '../system/clock.ts'
import { createMemoryQueueStore } from './queue-store.ts'

export interface MemoryQueueOptions {
  readonly clock?: Clock
  readonly bounds?: Partial<QueueBounds>
}

/** A work queue that lives as long as the process. */
export function createMemoryWorkQueue(options: MemoryQueueOptions = {}): WorkQueue {
  return createWorkQueueOver(parts(options))
}

/** A queue of answers that lives as long as the process. */
export function createMemoryAnswers(options: MemoryQueueOptions = {}): Answers {
  return createAnswersOver(parts(options))
}

function parts({ clock = systemClock, bounds = {} }: MemoryQueueOptions): QueueParts {
  const store = createMemoryQueueStore({ ...defaultQueueBounds, ...bounds })
  const call: QueueCall = (step, input) => Promise.resolve(store[step](input))
  return { call, changed: createWakeUp(), clock, where: 'memory' }
}
