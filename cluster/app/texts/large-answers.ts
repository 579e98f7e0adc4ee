import type { Answer } from '../../messages/answer.ts'
import type { Answers } from '../../ports/answers.ts'
import type { Blobs } from '../../ports/blobs.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Delivery } from '../../ports/delivery.ts'
import { CorruptionError } from '../../ports/errors.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { restoreAnswer, shortenAnswer } from './in-messages.ts'
import { createLargeTexts, isOver, MAX_TEXT_BYTES, type LargeTexts } from './large-texts.ts'
import { createRunBlobs } from './run-blobs.ts'

/** Answers whose large texts go through the blob store: whoever publishes and whoever takes sees them whole. */
export function createLargeAnswers(ports: { answers: Answers; blobs: Blobs; state: SmallState; clock: Clock }): Answers {
  const { answers } = ports
  const texts = createLargeTexts(ports.blobs, createRunBlobs(ports))
  return {
    ...answers,
    publish: async (id, answer) => await answers.publish(id, await shortenAnswer(texts, bounded(answer))),
    async take(leaseMs, signal) {
      const delivery = await answers.take(leaseMs, signal)
      return delivery && (await restored(texts, delivery))
    },
  }
}

async function restored(texts: LargeTexts, delivery: Delivery<Answer>): Promise<Delivery<Answer>> {
  try {
    return { ...delivery, message: await restoreAnswer(texts, delivery.message) }
  } catch (fault) {
    // What is gone or damaged does not come back by waiting.
    if (fault instanceof CorruptionError) await delivery.park(fault.message)
    else await delivery.release(1000)
    throw fault
  }
}

/** An answer over the limit is a failed one: nobody could read it, and no prompt could hold it. */
function bounded(answer: Answer): Answer {
  const longest = answer.kind === 'completed' ? [answer.content, answer.reasoning ?? ''] : [answer.content ?? '']
  if (!longest.some((text) => isOver(text, MAX_TEXT_BYTES))) return answer
  const { task_id, round, phase, agent_id, attempt, role, num_agents, metrics } = answer
  return {
    kind: 'failed',
    ...{ task_id, round, phase, agent_id, attempt, role, num_agents, metrics },
    error: `The answer is larger than ${MAX_TEXT_BYTES / 1024 / 1024} MB. Lower the token limit of the call.`,
    error_type: 'invalid_output',
    content: null,
  }
}
