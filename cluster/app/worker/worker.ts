import type { Answer } from '../../messages/answer.ts'
import { workId, type ChatMessage, type WorkItem } from '../../messages/work.ts'
import type { Answers } from '../../ports/answers.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Delivery } from '../../ports/delivery.ts'
import { ModelCallError, type Engines, type ModelReply } from '../../ports/engines.ts'
import type { LiveChannel } from '../../ports/live-channel.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'
import { CallAttempts } from './call-attempts.ts'
import { faultInJson } from './json-reply.ts'
import { publishAnswer } from './publish-answer.ts'

export interface WorkerPorts {
  readonly work: WorkQueue
  readonly answers: Answers
  readonly engines: Engines
  readonly live: LiveChannel
  readonly clock: Clock
  /** 0 ≤ x < 1; spreads retries. */
  readonly jitter: () => number
}

export interface WorkerOptions {
  /** Items held at once. Engines queue what they cannot run in parallel. */
  readonly slots: number
  readonly leaseMs: number
  /** How long calls under way may go on when the worker is asked to stop; what is not done by then is handed back. */
  readonly graceMs: number
  /** Told an UndeliveredAnswer where an answer could not be published until the run's deadline or the end of the grace. */
  readonly onFault: (fault: unknown) => void
}

/** An item that was handed out more often is likely to be what ends its workers. */
const MAX_DELIVERIES = 5

/** Executes work items until `signal` aborts: one answer, completed or failed, for each. Never decides anything. */
export async function runWorker(ports: WorkerPorts, options: WorkerOptions, signal: AbortSignal): Promise<void> {
  const ending = new AbortController()
  const slot = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const delivery = await ports.work.pull(options.leaseMs, signal)
        if (delivery) await handle(ports, options, delivery, ending.signal)
      } catch (fault) {
        options.onFault(fault)
        await ports.clock.sleep(1000, signal)
      }
    }
  }
  const done = new AbortController()
  const endAfterGrace = () => void ports.clock.sleep(options.graceMs, done.signal).then(() => ending.abort())
  signal.addEventListener('abort', endAfterGrace, { once: true })
  await Promise.all(Array.from({ length: options.slots }, slot))
  done.abort()
}

async function handle(
  ports: WorkerPorts,
  options: WorkerOptions,
  delivery: Delivery<WorkItem>,
  ending: AbortSignal,
): Promise<void> {
  const item = delivery.message
  const id = workId(item)
  const withdrawn = new AbortController()
  const beat = setInterval(() => {
    // A lost lease ends nothing: the item may be done twice, and its answer counts once.
    delivery.extend().then(
      (hold) => hold === 'gone' && withdrawn.abort(),
      (fault: unknown) => options.onFault(fault),
    )
  }, options.leaseMs / 5)
  const isPoison = delivery.deliveries > MAX_DELIVERIES
  try {
    const answer = isPoison
      ? new CallAttempts(ports, item, ending).failed('internal', handedOutInVain(delivery), null)
      : await execute(ports, item, AbortSignal.any([ending, withdrawn.signal]))
    if (withdrawn.signal.aborted) return
    if (!answer) {
      await delivery.release(0)
      return
    }
    await publishAnswer(ports, options.onFault, item, answer, ending)
    if (isPoison) await delivery.park(handedOutInVain(delivery))
    else await delivery.ack()
  } finally {
    clearInterval(beat)
    ports.live.publish({ kind: 'ended', task_id: item.task_id, id, at: ports.clock.now() })
  }
}

function handedOutInVain({ deliveries }: Delivery<WorkItem>): string {
  return `The item was handed out ${deliveries - 1} times and no worker lived to answer it.`
}

/** The answer to one item; undefined when it was withdrawn or the worker is stopping (then it comes again elsewhere). */
async function execute(ports: WorkerPorts, item: WorkItem, signal: AbortSignal): Promise<Answer | undefined> {
  const attempt = new CallAttempts(ports, item, signal)
  try {
    let reply = await attempt.call(item.messages)
    let repaired = false
    if (item.format) {
      const fault = faultIn(reply, item)
      if (fault !== null) {
        reply = await attempt.repair(repairMessages(reply.text, fault))
        repaired = true
        const again = faultIn(reply, item)
        if (again !== null)
          return attempt.failed(
            'invalid_output',
            `The model did not answer with the JSON asked for, also not on a second try: ${again}`,
            reply.text,
          )
      }
    }
    if (reply.text.trim() === '') return attempt.failed('invalid_output', 'The model answered with an empty text.', null)
    return attempt.completed(reply, repaired)
  } catch (fault) {
    if (signal.aborted) return undefined
    if (fault instanceof ModelCallError) return attempt.failed(fault.failure, fault.message, null)
    return attempt.failed('internal', fault instanceof Error ? fault.message : String(fault), null)
  }
}

/** What keeps a reply from being the JSON that the item asks for; null where nothing does. */
function faultIn({ text, finish }: ModelReply, { format, max_tokens }: WorkItem): string | null {
  const fault = format ? faultInJson(text, format) : null
  return fault !== null && finish === 'length' ? `it ends at the limit of ${max_tokens} tokens: ${fault}` : fault
}

function repairMessages(reply: string, fault: string): ChatMessage[] {
  return [
    { role: 'assistant', content: reply.slice(0, 4000) },
    { role: 'user', content: `That was not the JSON asked for: ${fault} Answer again with only the JSON.` },
  ]
}
