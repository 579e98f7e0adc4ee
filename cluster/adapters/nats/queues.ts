import { answer } from '../../messages/answer.ts'
import { ANSWER_SUBJECTS, workSubject, workSubjectsOf } from '../../messages/subjects.ts'
import { workItem } from '../../messages/work.ts'
import type { Answers } from '../../ports/answers.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'
import type { Bodies } from './bodies.ts'
import { ensureConsumer } from './consumers.ts'
import type { ConsumerFound, SharedConsumer } from './consumers.ts'
import type { DeadLetters } from './dead-letters.ts'
import { createKnownIds } from './known-ids.ts'
import type { Link } from './link.ts'
import type { Names } from './names.ts'
import { createPuller } from './puller.ts'
import { createNatsQueue } from './queue.ts'
import { answerAgeMs, ID_SUBJECTS, STREAMS, WORK_AGE_MS } from './streams.ts'
import type { Difference } from './streams.ts'

export interface QueueParts {
  readonly link: Link
  readonly names: Names
  readonly bodies: Bodies
  readonly letters: DeadLetters
  readonly ackWaitMs: number
  readonly longestTimeoutMs: number
  /** The server that runs since before the queues were made; undefined if they were there already. */
  readonly freshOn: string | undefined
}

export interface OpenedQueue<Q> {
  readonly queue: Q
  readonly differences: readonly Difference[]
  close(): void
}

const WORKERS = 'agent-workers'
const MAX_ITEMS_IN_HAND = 10_000
const MAX_ANSWERS_IN_HAND = 1_000

/** The work queue: the stream AGENT_WORK, which all workers pull from through one consumer. */
export async function openWorkQueue(parts: QueueParts): Promise<OpenedQueue<WorkQueue>> {
  const { link, names } = parts
  const stream = names.stream(STREAMS.work)
  const consumer = { name: WORKERS, filter: names.subject('agent.work.>'), maxInHand: MAX_ITEMS_IN_HAND }
  const { differences, ackWaitMs } = await ensureConsumer(link, stream, consumer, parts.ackWaitMs)
  const puller = createPuller(link, stream, [consumer.name], ackWaitMs / 2)
  const queue = createNatsQueue({
    ...parts,
    queue: 'work',
    stream,
    schema: workItem,
    subjectOf: (id, item) => names.subject(workSubject(item.role, item.task_id, id)),
    puller,
    ackWaitMs,
    knownIds: createKnownIds({
      ...parts,
      stream: names.stream(STREAMS.workIds),
      ids: ID_SUBJECTS.work,
      rememberMs: WORK_AGE_MS,
    }),
  })

  return {
    queue: {
      publish: queue.publish,
      pull: queue.take,
      withdraw: (taskId, id) =>
        link.steadily(`withdraw the work of ${taskId}`, async () => {
          const filter = names.subject(workSubjectsOf(taskId, id))
          return (await link.manage((jsm) => jsm.streams.purge(stream, { filter }))).purged
        }),
      // An item that is held back after its release counts as in hand: the server does not tell the two apart.
      depth: () =>
        link.steadily('count the work', async () => {
          const { num_pending, num_ack_pending } = await link.manage((jsm) => jsm.consumers.info(stream, consumer.name))
          return { waiting: num_pending, leased: num_ack_pending }
        }),
      deadLetters: queue.deadLetters,
      replay: queue.replay,
      removeDeadLetter: queue.removeDeadLetter,
    },
    differences,
    close: () => puller.close(),
  }
}

/** The answers: the stream AGENT_RESPONSES, which all collectors pull from through one consumer a kind of answer. */
export async function openAnswers(parts: QueueParts): Promise<OpenedQueue<Answers>> {
  const { link, names } = parts
  const stream = names.stream(STREAMS.answers)
  const consumers = Object.entries(ANSWER_SUBJECTS).map(([kind, subject]): SharedConsumer => ({
    name: `deliberation-collector-${kind}`,
    filter: names.subject(subject),
    maxInHand: MAX_ANSWERS_IN_HAND,
  }))
  const found: ConsumerFound[] = []
  for (const consumer of consumers) found.push(await ensureConsumer(link, stream, consumer, parts.ackWaitMs))
  const ackWaitMs = Math.min(...found.map((one) => one.ackWaitMs))
  const puller = createPuller(
    link,
    stream,
    consumers.map(({ name }) => name),
    ackWaitMs / 2,
  )
  return {
    queue: createNatsQueue({
      ...parts,
      queue: 'answers',
      stream,
      schema: answer,
      subjectOf: (_id, { kind }) => names.subject(ANSWER_SUBJECTS[kind]),
      puller,
      ackWaitMs,
      knownIds: createKnownIds({
        ...parts,
        stream: names.stream(STREAMS.answerIds),
        ids: ID_SUBJECTS.answers,
        rememberMs: answerAgeMs(parts.longestTimeoutMs),
      }),
    }),
    differences: found.flatMap(({ differences }) => differences),
    close: () => puller.close(),
  }
}
