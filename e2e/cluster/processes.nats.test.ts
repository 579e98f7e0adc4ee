import { afterAll, beforeAll, describe, it, type TestContext } from 'vitest'
import { openCluster, summaryOf, type Cluster } from '../servers/cluster.ts'
import { startNatsServer, type NatsServer } from '../servers/nats.ts'
import { phaseOf, startScriptedEndpoint, type Behaviour, type ScriptedEndpoint } from '../servers/scripted-endpoint.ts'

// Controller and workers are processes of their own over a real nats-server; the model behind the workers is scripted.

let nats: NatsServer
beforeAll(async () => {
  nats = await startNatsServer()
}, 300_000)
afterAll(() => nats.stop())

/** Short ones for tests that kill: so long a message stays with who was killed. */
const SHORTLY_MS = 1_500

async function open(
  { onTestFinished }: TestContext,
  ackWaitMs?: number,
): Promise<{ cluster: Cluster; endpoint: ScriptedEndpoint }> {
  const endpoint = await startScriptedEndpoint()
  const cluster = await openCluster({
    natsUrl: nats.url,
    endpointUrl: endpoint.baseUrl,
    ...(ackWaitMs !== undefined && { ackWaitMs }),
  })
  onTestFinished(async () => {
    await cluster.close()
    await endpoint.stop()
  })
  return { cluster, endpoint }
}

/** One round with an architect: 3 × propose, critique, revise and score, and one selection. */
const whole = { ends: ['COMPLETED'], partial: false, calls: 13, distinct: 13, failed: 0 }
const withArchitect = { rounds: 1, options: { selection: 'architect' as const } }
const waiting = { timeout: 30_000, interval: 20 }

describe.concurrent('a deliberation whose agents are workers in other processes', () => {
  it('completes, counts each of its calls once and tells its end once', async (test) => {
    const { expect } = test
    const { cluster, endpoint } = await open(test)
    await Promise.all([cluster.startController(), cluster.startWorker(), cluster.startWorker()])
    const taskId = await cluster.submit(withArchitect)
    expect(summaryOf(await cluster.ended(taskId))).toEqual(whole)
    expect(endpoint.requests).toHaveLength(13)
    await expect.poll(() => cluster.notices(), waiting).toEqual({ completed: 1 })
  })

  it('survives kill -9 of its worker in every phase', async (test) => {
    const { expect } = test
    const { cluster, endpoint } = await open(test, SHORTLY_MS)
    let silentIn: string | undefined
    let held = 0
    endpoint.behave((request): Behaviour => {
      if (phaseOf(request) !== silentIn) return { kind: 'answer' }
      held += 1
      return { kind: 'silence' }
    })
    await cluster.startController()
    const taskId = await cluster.submit(withArchitect)
    for (const phase of ['propose', 'critique', 'revise', 'score', 'select']) {
      silentIn = phase
      held = 0
      const worker = await cluster.startWorker()
      await expect.poll(() => held, waiting).toBe(phase === 'select' ? 1 : 3)
      await worker.kill()
    }
    silentIn = undefined
    await cluster.startWorker()
    expect(summaryOf(await cluster.ended(taskId))).toEqual(whole)
  })

  it('check 5: survives kill -9 of the plane after the second of three answers', async (test) => {
    const { expect } = test
    const { cluster, endpoint } = await open(test)
    const third = Promise.withResolvers<true>()
    let proposals = 0
    endpoint.behave((request): Behaviour => {
      const isThird = phaseOf(request) === 'propose' && ++proposals === 3
      return isThird ? { kind: 'answer', after: third.promise } : { kind: 'answer' }
    })
    const [controller] = await Promise.all([cluster.startController(), cluster.startWorker()])
    const taskId = await cluster.submit(withArchitect)
    await expect.poll(async () => summaryOf(await cluster.events(taskId)).calls, waiting).toBe(2)
    await controller.kill()
    third.resolve(true)
    await cluster.startController()
    expect(summaryOf(await cluster.ended(taskId))).toEqual(whole)
    await expect.poll(() => cluster.notices(), waiting).toEqual({ completed: 1 })
  })

  it('survives kill -9 of plane and worker at once, with critics that revise', async (test) => {
    const { expect } = test
    const { cluster, endpoint } = await open(test, SHORTLY_MS)
    let proposals = 0
    endpoint.behave((request): Behaviour => {
      const isHeld = phaseOf(request) === 'propose' && ++proposals > 1
      return isHeld ? { kind: 'silence' } : { kind: 'answer' }
    })
    const both = await Promise.all([cluster.startController(), cluster.startWorker()])
    const taskId = await cluster.submit({ ...withArchitect, options: { ...withArchitect.options, revision_by: 'critic' } })
    await expect.poll(async () => summaryOf(await cluster.events(taskId)).calls, waiting).toBe(1)
    await Promise.all(both.map((process) => process.kill()))
    endpoint.behave(() => ({ kind: 'answer' }))
    await Promise.all([cluster.startController(), cluster.startWorker()])
    expect(summaryOf(await cluster.ended(taskId))).toEqual(whole)
  })

  it('fails with the causes, and tells that once, when every agent fails', async (test) => {
    const { expect } = test
    const { cluster, endpoint } = await open(test)
    endpoint.behave(() => ({ kind: 'status', status: 503 }))
    await Promise.all([cluster.startController(), cluster.startWorker()])
    const taskId = await cluster.submit({ limits: { max_retries: 0, call_timeout_seconds: 1 } })
    expect(summaryOf(await cluster.ended(taskId))).toMatchObject({ ends: ['FAILED'], calls: 3, failed: 3 })
    await expect.poll(() => cluster.notices(), waiting).toEqual({ failed: 1 })
  })
})

describe('many deliberations at once', () => {
  it('check 12: over several workers lose and double no answer', async (test) => {
    const { expect } = test
    const { cluster, endpoint } = await open(test)
    const workers = Array.from({ length: 3 }, () => cluster.startWorker({ MAX_RUNNING_AGENTS: '64' }))
    await Promise.all([cluster.startController(), ...workers])
    const wanted = { num_agents: 10, rounds: 0, options: { peer_scoring: false } }
    const taskIds = await Promise.all(Array.from({ length: 50 }, () => cluster.submit(wanted)))
    for (const taskId of taskIds)
      expect(summaryOf(await cluster.ended(taskId))).toEqual({
        ends: ['COMPLETED'],
        partial: false,
        calls: 10,
        distinct: 10,
        failed: 0,
      })
    expect(endpoint.requests).toHaveLength(500)
    await expect.poll(() => cluster.notices(), waiting).toEqual({ completed: 50 })
  })
})
