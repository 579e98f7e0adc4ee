import { AckPolicy, connect, nanos, RetentionPolicy } from 'nats.ws'
import type { JetStreamClient, JsMsg, NatsConnection } from 'nats.ws'
import { startNatsServer } from '../../e2e/servers/nats.ts'
import { openNatsContext } from '../adapters/nats/context.ts'
import type { NatsContext } from '../adapters/nats/context.ts'
import type { Answer } from '../messages/answer.ts'
import { deliberationSubject } from '../messages/deliberation-events.ts'
import type { EventEnvelope } from '../messages/envelope.ts'
import { workId } from '../messages/work.ts'
import type { WorkItem } from '../messages/work.ts'
import { median, perSecond, timed } from './report.ts'
import type { Figure } from './report.ts'

const WARM_UP = 300
const ROUNDS = 9
const SINGLE_CALLS_A_ROUND = 600
const CALLS_A_ROUND = 1_500
/** Calls on their way at once, workers and collectors in the rounds. */
const AT_ONCE = 64

/** A call's way through the ports over NATS (work, worker, answer, stored event), against bare JetStream on the same server. */
export async function benchBus(): Promise<readonly Figure[]> {
  const server = await startNatsServer()
  const context = await openNatsContext({ servers: [server.url], prefix: 'ours', onProblem: (problem) => console.error(problem) })
  const connection = await connect({ servers: [server.url], noAsyncTraces: true })
  try {
    const ours = startChain(context)
    const raw = await startRawChain(connection)
    const figures = [await benchOverhead(ours, raw), await benchRate(ours, raw)]
    await ours.stop()
    await raw.stop()
    return figures
  } finally {
    await connection.close()
    await context.close()
    await server.stop()
  }
}

/** One call at a time, ours and theirs in turn; medians of the rounds, so that a neighbour's burst does not decide. */
async function benchOverhead(ours: Chain, raw: RawChain): Promise<Figure> {
  for (let index = 0; index < WARM_UP; index++) {
    await raw.hop()
    await ours.call()
  }
  const rounds: { ours: number; theirs: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const hops: number[] = []
    const calls: number[] = []
    for (let index = 0; index < SINGLE_CALLS_A_ROUND; index++) {
      hops.push(await timed(raw.hop))
      calls.push(await timed(ours.call))
    }
    rounds.push({ ours: percentile(calls, 0.99), theirs: percentile(hops, 0.99) })
  }
  const value = median(rounds.map((round) => round.ours))
  const baseline = median(rounds.map((round) => round.theirs))
  const ratio = median(rounds.map((round) => round.ours / round.theirs))
  return {
    bench: 'bus',
    metric: 'one answer: work published → answered → stored, p99, against one raw publish + pull + ack',
    value,
    unit: 'ms',
    baseline,
    ratio,
    bar: '≤ 3 × raw p99',
    ok: ratio <= 3,
  }
}

/** Many calls at once: the same three messages a call with nothing of ours in between. */
async function benchRate(ours: Chain, raw: RawChain): Promise<Figure> {
  const times: { ours: number; theirs: number }[] = []
  for (const call of [raw.call, ours.call, raw.call, ours.call]) await manyCalls(call)
  for (let round = 0; round < ROUNDS; round++)
    times.push({ theirs: await timed(() => manyCalls(raw.call)), ours: await timed(() => manyCalls(ours.call)) })
  const value = perSecond(CALLS_A_ROUND, median(times.map((time) => time.ours)))
  const baseline = perSecond(CALLS_A_ROUND, median(times.map((time) => time.theirs)))
  const ratio = median(times.map((time) => time.theirs / time.ours))
  return {
    bench: 'bus',
    metric: `answers a second, ${AT_ONCE} at once, against raw JetStream with the same messages`,
    value,
    unit: 'answers/s',
    baseline,
    ratio,
    bar: '≥ 0.8 of raw',
    ok: ratio >= 0.8,
  }
}

async function manyCalls(call: () => Promise<void>): Promise<void> {
  let left = CALLS_A_ROUND
  const one = async () => {
    while (left-- > 0) await call()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}

interface Chain {
  /** One call from its publishing until its answer is stored in the log. */
  readonly call: () => Promise<void>
  stop(): Promise<void>
}

/** Workers that answer at once, and collectors that store what they are told, over the ports. */
function startChain({ work, answers, log }: NatsContext): Chain {
  const stop = new AbortController()
  const stored = new Map<string, () => void>()
  let serial = 0

  const worker = async () => {
    for (;;) {
      const delivery = await work.pull(30_000, stop.signal)
      if (!delivery) return
      await answers.publish(delivery.id, sampleAnswer(delivery.message))
      await delivery.ack()
    }
  }
  const collector = async () => {
    for (;;) {
      const delivery = await answers.take(30_000, stop.signal)
      if (!delivery) return
      await log.append(deliberationSubject(delivery.message.task_id), 0, [sampleEvent(delivery.id, delivery.message)])
      stored.get(delivery.id)?.()
      stored.delete(delivery.id)
      await delivery.ack()
    }
  }
  const running = Array.from({ length: AT_ONCE }, () => [worker(), collector()]).flat()
  return {
    call: async () => {
      const item = sampleItem(`ours-${serial++}`)
      const id = workId(item)
      const isStored = new Promise<void>((resolve) => stored.set(id, resolve))
      await work.publish(id, item)
      await isStored
    },
    stop: async () => {
      stop.abort()
      await Promise.all(running)
    },
  }
}

interface RawChain extends Chain {
  /** One message published, pulled and acknowledged. */
  readonly hop: () => Promise<void>
}

/** The same with the bare client: streams and consumers alike, ids, explicit and confirmed acknowledgements. */
async function startRawChain(connection: NatsConnection): Promise<RawChain> {
  const js = connection.jetstream()
  const stored = new Map<string, () => void>()
  let serial = 0
  await makeRawStreams(connection)
  const consumers = [
    await consume(js, 'RAW_HOP', async (message) => {
      await message.ackAck()
      done(message)
    }),
    await consume(js, 'RAW_WORK', async (message) => {
      const item = message.json<WorkItem>()
      await js.publish('raw.answers', JSON.stringify(sampleAnswer(item)), { msgID: workId(item) })
      await message.ackAck()
    }),
    await consume(js, 'RAW_ANSWERS', async (message) => {
      const answer = message.json<Answer>()
      const expect = { lastSubjectSequence: 0 }
      await js.publish(`raw.events.${answer.task_id}`, JSON.stringify([sampleEvent('id', answer)]), { expect })
      done(message)
      await message.ackAck()
    }),
  ]

  function done(message: JsMsg): void {
    const id = message.headers?.get('Nats-Msg-Id') ?? ''
    stored.get(id)?.()
    stored.delete(id)
  }

  async function send(subject: string): Promise<void> {
    const item = sampleItem(`raw-${serial++}`)
    const id = workId(item)
    const isDone = new Promise<void>((resolve) => stored.set(id, resolve))
    await js.publish(subject, JSON.stringify(item), { msgID: id })
    await isDone
  }

  return {
    hop: () => send('raw.hop'),
    call: () => send('raw.work'),
    stop: async () => {
      for (const consumer of consumers) await consumer.close()
    },
  }
}

async function makeRawStreams(connection: NatsConnection): Promise<void> {
  const jsm = await connection.jetstreamManager()
  for (const [name, subject] of [
    ['RAW_HOP', 'raw.hop'],
    ['RAW_WORK', 'raw.work'],
    ['RAW_ANSWERS', 'raw.answers'],
  ] as const) {
    await jsm.streams.add({ name, subjects: [subject], retention: RetentionPolicy.Workqueue })
    await jsm.consumers.add(name, { durable_name: 'all', ack_policy: AckPolicy.Explicit, ack_wait: nanos(10_000) })
  }
  await jsm.streams.add({ name: 'RAW_EVENTS', subjects: ['raw.events.>'] })
}

/** The client's own prefetching consumption, which is the fastest it offers. */
async function consume(js: JetStreamClient, stream: string, handle: (message: JsMsg) => Promise<void>) {
  const consumer = await js.consumers.get(stream, 'all')
  return consumer.consume({
    callback: (message) => {
      handle(message).catch((error: unknown) => console.error(error))
    },
  })
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

function sampleItem(taskId: string): WorkItem {
  return {
    task_id: taskId,
    round: 1,
    phase: 'propose',
    agent_id: 'agent-1',
    role: 'developer',
    attempt: 1,
    messages: [{ role: 'user', content: 'x'.repeat(400) }],
    model: { engine_id: 'cluster', model: 'model' },
    temperature: 0.7,
    max_tokens: 512,
    seed: 7,
    timeout_ms: 60_000,
    deadline: 1_700_000_060_000,
    max_retries: 2,
    num_agents: 10,
    diversity: true,
    format: null,
    score_field: null,
  }
}

function sampleAnswer({ task_id, round, phase, agent_id, role, num_agents, model }: WorkItem): Answer {
  return {
    kind: 'completed',
    task_id,
    round,
    phase,
    agent_id,
    role,
    num_agents,
    metrics: { tokens_in: 100, tokens_out: 100, queued_at: 1, started_at: 2, first_token_at: 3, ended_at: 4, attempts: 1 },
    content: 'x'.repeat(400),
    reasoning: null,
    model,
    served_model: 'model',
    finish: 'stop',
    expected_scores: null,
    repaired: false,
    degraded: null,
  }
}

function sampleEvent(id: string, data: unknown): EventEnvelope {
  return { id, type: 'deliberation.answered', at: 1_700_000_000_000, actor: 'worker', tenant: 'local', schema: 1, data }
}
