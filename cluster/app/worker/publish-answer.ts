import type { Answer } from '../../messages/answer.ts'
import { workId, type WorkItem } from '../../messages/work.ts'
import type { Answers } from '../../ports/answers.ts'
import type { Clock } from '../../ports/clock.ts'
import { UnavailableError } from '../../ports/errors.ts'

/** An answer was there and could not be told to anybody; its item is not acknowledged, so it comes again. */
export class UndeliveredAnswer extends Error {
  override readonly name = 'UndeliveredAnswer'
}

const WAIT_MS = 200
const MAX_WAIT_MS = 5_000

/**
 * Publishes an answer, again and again while the queue is full or away, until the deadline of its run. Rejects with UndeliveredAnswer
 * then, and when `signal` aborts before.
 */
export async function publishAnswer(
  ports: { readonly answers: Answers; readonly clock: Clock },
  onFault: (fault: unknown) => void,
  item: WorkItem,
  answer: Answer,
  signal: AbortSignal,
): Promise<void> {
  const id = workId(item)
  for (let wait = WAIT_MS; ; wait = Math.min(MAX_WAIT_MS, wait * 2)) {
    let cause: unknown
    try {
      if ((await ports.answers.publish(id, answer)) !== 'overloaded') return
    } catch (fault) {
      if (!(fault instanceof UnavailableError)) throw fault
      onFault(fault)
      cause = fault
    }
    const left = item.deadline - ports.clock.now()
    if (left <= 0 || signal.aborted)
      throw new UndeliveredAnswer(
        `The answer ${id} could not be published ${left <= 0 ? 'until the deadline of its run' : 'before the worker had to stop'}: ${
          cause instanceof Error ? cause.message : 'the queue of answers is full.'
        }`,
        { cause },
      )
    await ports.clock.sleep(Math.min(wait, left), signal)
  }
}
