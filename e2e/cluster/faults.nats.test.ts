import { afterAll, beforeAll, describe, it, type TestContext } from 'vitest'
import { startBreakableProxy, type BreakableProxy } from '../servers/breakable-proxy.ts'
import { openCluster, summaryOf, type Cluster } from '../servers/cluster.ts'
import { startNatsServer, type NatsServer } from '../servers/nats.ts'
import { phaseOf, startScriptedEndpoint, type Behaviour, type ScriptedEndpoint } from '../servers/scripted-endpoint.ts'

// Faults between the processes of an installation; the model behind the workers is scripted, the rest is real.

let shared: NatsServer
beforeAll(async () => {
  shared = await startNatsServer()
}, 300_000)
afterAll(() => shared.stop())

interface World {
  readonly cluster: Cluster
  readonly endpoint: ScriptedEndpoint
  /** Another way to the server, which can be broken. */
  readonly proxy: BreakableProxy
  readonly proxyUrl: string
}

interface Options {
  readonly nats?: NatsServer
  /** How long a message stays with a process that was killed. */
  readonly ackWaitMs?: number
}

async function open({ onTestFinished }: TestContext, { nats = shared, ...rest }: Options = {}): Promise<World> {
  const endpoint = await startScriptedEndpoint()
  const proxy = await startBreakableProxy(nats.webSocketPort)
  const cluster = await openCluster({ natsUrl: nats.url, endpointUrl: endpoint.baseUrl, ...rest })
  onTestFinished(async () => {
    await cluster.close()
    await proxy.stop()
    await endpoint.stop()
  })
  return { cluster, endpoint, proxy, proxyUrl: `ws://127.0.0.1:${proxy.port}` }
}

/** A server of its own, for tests that stop it. */
async function openOnOwnServer(test: TestContext): Promise<World & { nats: NatsServer }> {
  const nats = await startNatsServer()
  test.onTestFinished(() => nats.stop())
  return { nats, ...(await open(test, { nats, ackWaitMs: 2_000 })) }
}

const whole = { ends: ['COMPLETED'], partial: false, calls: 13, distinct: 13, failed: 0 }
const withArchitect = { rounds: 1, options: { selection: 'architect' as const } }
const waiting = { timeout: 30_000, interval: 20 }

/** Answers of a phase that wait until `release`. */
function holdPhase(endpoint: ScriptedEndpoint, phase: string) {
  const released = Promise.withResolvers<true>()
  let held = 0
  endpoint.behave((request): Behaviour => {
    if (phaseOf(request) !== phase) return { kind: 'answer' }
    held += 1
    return { kind: 'answer', after: released.promise }
  })
  return { held: () => held, release: () => released.resolve(true) }
}

describe.concurrent('when nats-server', () => {
  it('is killed and starts again in the middle of a run, the run goes on', async (test) => {
    const { expect } = test
    const { nats, cluster, endpoint } = await openOnOwnServer(test)
    const critiques = holdPhase(endpoint, 'critique')
    await Promise.all([cluster.startController(), cluster.startWorker()])
    const taskId = await cluster.submit(withArchitect)
    await expect.poll(critiques.held, waiting).toBe(3)
    await nats.halt('SIGKILL')
    critiques.release()
    await nats.start()
    expect(summaryOf(await cluster.ended(taskId))).toEqual(whole)
    await expect.poll(() => cluster.notices(), waiting).toEqual({ completed: 1 })
  })

  it('check 8: is stopped for 20 s, workers keep their answers and deliver them afterwards', async (test) => {
    const { expect } = test
    const { nats, cluster, endpoint } = await openOnOwnServer(test)
    const proposals = holdPhase(endpoint, 'propose')
    const [, worker] = await Promise.all([cluster.startController(), cluster.startWorker()])
    const taskId = await cluster.submit(withArchitect)
    await expect.poll(proposals.held, waiting).toBe(3)
    await nats.halt()
    proposals.release()
    await new Promise((resolve) => setTimeout(resolve, 20_000))
    await nats.start()
    expect(summaryOf(await cluster.ended(taskId))).toEqual(whole)
    expect(worker.output()).not.toContain('UndeliveredAnswer')
  })
})

describe.concurrent('a worker', () => {
  it('that is killed between its answer and the acknowledgement costs a call and changes nothing', async (test) => {
    const { expect } = test
    const { cluster, endpoint, proxy, proxyUrl } = await open(test, { ackWaitMs: 3_000 })
    const second = Promise.withResolvers<true>()
    let calls = 0
    endpoint.behave((): Behaviour => {
      calls += 1
      if (calls === 2) return { kind: 'answer', after: second.promise }
      return calls === 3 ? { kind: 'silence' } : { kind: 'answer' }
    })
    // From the one that made the queues: now all know that the server has forgotten no id, and publishing takes no question before.
    await cluster.context.answers.publish('none.0.propose.a', { ...lateAnswer, task_id: 'none', agent_id: 'a' })
    const [, worker] = await Promise.all([cluster.startController(), cluster.startWorker({}, proxyUrl)])
    const taskId = await cluster.submit({ rounds: 0 })
    const counted = async () => [calls, summaryOf(await cluster.events(taskId)).calls]
    await expect.poll(counted, waiting).toEqual([3, 1])
    // The answer still gets out; word that it was stored does not come back, so the work is never acknowledged.
    proxy.deafen()
    second.resolve(true)
    await expect.poll(counted, waiting).toEqual([3, 2])
    await worker.kill()
    await cluster.startWorker()
    expect(summaryOf(await cluster.ended(taskId))).toMatchObject({ ends: ['COMPLETED'], calls: 6, distinct: 6, failed: 0 })
    // Three proposals, two of them called again, and three scorings.
    expect(calls).toBeGreaterThanOrEqual(8)
  })

  it('that is cut off keeps its answer until the deadline of the run, and then ends with an error', async (test) => {
    const { expect } = test
    const { cluster, endpoint, proxy, proxyUrl } = await open(test)
    const proposals = holdPhase(endpoint, 'propose')
    const [, worker] = await Promise.all([cluster.startController(), cluster.startWorker({}, proxyUrl)])
    const taskId = await cluster.submit({ num_agents: 1, rounds: 0, limits: { timeout_seconds: 15 } })
    await expect.poll(proposals.held, waiting).toBe(1)
    proxy.break()
    proposals.release()
    expect(await worker.ended).toBe(1)
    expect(worker.output()).toContain('UndeliveredAnswer')
    expect(summaryOf(await cluster.ended(taskId)).ends).toEqual(['TIMEOUT'])
  })

  it('that is asked to stop finishes its call first', async (test) => {
    const { expect } = test
    const { cluster, endpoint } = await open(test)
    const proposals = holdPhase(endpoint, 'propose')
    const [, worker] = await Promise.all([cluster.startController(), cluster.startWorker()])
    const taskId = await cluster.submit({ num_agents: 1, rounds: 0 })
    await expect.poll(proposals.held, waiting).toBe(1)
    const stopped = worker.stop()
    proposals.release()
    expect(await stopped).toBe(0)
    expect(summaryOf(await cluster.ended(taskId))).toMatchObject({ ends: ['COMPLETED'], calls: 1 })
    expect(endpoint.requests).toHaveLength(1)
  })
})

describe.concurrent('messages', () => {
  it('that all come three times count once', async (test) => {
    const { expect } = test
    const { cluster, endpoint } = await open(test)
    const { connection, prefix } = cluster
    // As they are, but without the ids by which the server would know them.
    for (const subject of ['agent.work.>', 'agent.response.completed', 'agent.response.failed'])
      connection.subscribe(`${prefix}.${subject}`, {
        callback: (_, message) => {
          if (!message.headers?.has('Nats-Msg-Id')) return
          for (let copy = 0; copy < 2; copy++) connection.publish(message.subject, message.data)
        },
      })
    await connection.flush()
    await Promise.all([cluster.startController(), cluster.startWorker(), cluster.startWorker()])
    const taskId = await cluster.submit(withArchitect)
    expect(summaryOf(await cluster.ended(taskId))).toEqual(whole)
    expect(endpoint.requests.length).toBeGreaterThan(13)
    await expect.poll(() => cluster.notices(), waiting).toEqual({ completed: 1 })
  })

  it('that come late are kept as late; those of no run become dead letters, again after a replay', async (test) => {
    const { expect } = test
    const { cluster, endpoint } = await open(test)
    const { answers } = cluster.context
    let calls = 0
    endpoint.behave(() => (++calls === 1 ? { kind: 'answer' } : { kind: 'silence' }))
    const [, worker] = await Promise.all([cluster.startController(), cluster.startWorker()])
    const taskId = await cluster.submit({ num_agents: 2, rounds: 0, limits: { timeout_seconds: 8 } })
    await expect.poll(async () => [calls, summaryOf(await cluster.events(taskId)).calls], waiting).toEqual([2, 1])
    await worker.kill()
    const events = await cluster.ended(taskId)
    expect(summaryOf(events)).toMatchObject({ ends: ['TIMEOUT'], partial: true, calls: 1 })

    const given = events.flatMap((event) => (event.type === 'deliberation.answered' ? [event.data.agent_id] : []))
    const missing = ['agent-001', 'agent-002'].find((id) => !given.includes(id)) ?? ''
    const late = { ...lateAnswer, task_id: taskId, agent_id: missing }
    await answers.publish(`${taskId}.0.propose.${missing}`, late)
    await expect.poll(async () => (await cluster.events(taskId)).at(-1)?.type, waiting).toBe('deliberation.late_answer')
    expect(summaryOf(await cluster.events(taskId)).ends).toEqual(['TIMEOUT'])

    await answers.publish('dlb-unknown.0.propose.a', { ...lateAnswer, task_id: 'dlb-unknown', agent_id: 'a' })
    const letters = async () => (await answers.deadLetters()).map(({ id, reason }) => ({ id, reason }))
    const unknown = [{ id: 'dlb-unknown.0.propose.a', reason: 'No run has this id.' }]
    await expect.poll(letters, waiting).toEqual(unknown)
    expect(await answers.replay('dlb-unknown.0.propose.a')).toBe(true)
    await expect.poll(letters, waiting).toEqual(unknown)
    expect(await cluster.notices()).toMatchObject({ completed: 1, 'dead-letter': 1 })
  })

  it('that are none are parked with their text and the reason, and hold nothing up', async (test) => {
    const { expect } = test
    const { cluster } = await open(test)
    const { connection, prefix } = cluster
    for (const subject of ['agent.work.developer.x', 'agent.response.completed'])
      connection.publish(`${prefix}.${subject}`, '{ no JSON')
    await Promise.all([cluster.startController(), cluster.startWorker()])
    const taskId = await cluster.submit({ rounds: 0 })
    expect(summaryOf(await cluster.ended(taskId))).toMatchObject({ ends: ['COMPLETED'], calls: 6 })
    await expect.poll(async () => (await cluster.notices())['dead-letter'], waiting).toBe(2)
    const jsm = await connection.jetstreamManager()
    const letter = await jsm.streams.getMessage(`${prefix}_DELIBERATIONS`, { last_by_subj: `${prefix}.deliberation.dead-letter` })
    expect(letter.json()).toMatchObject({
      message: '{ no JSON',
      reason: expect.stringContaining('parked') as string,
      deliveries: 1,
    })
  })
})

const lateAnswer = {
  kind: 'completed' as const,
  round: 0,
  phase: 'propose' as const,
  role: 'developer',
  num_agents: 2,
  metrics: { tokens_in: 1, tokens_out: 1, queued_at: 1, started_at: 1, first_token_at: null, ended_at: 2, attempts: 1 },
  content: 'Too late.',
  reasoning: null,
  model: { engine_id: 'vllm', model: 'scripted-7b' },
  served_model: 'scripted-7b',
  finish: 'stop' as const,
  expected_scores: null,
  repaired: false,
  degraded: null,
}
