import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openCluster, summaryOf, type Cluster } from '../servers/cluster.ts'
import { startNatsServer, type NatsServer } from '../servers/nats.ts'
import { phaseOf, startScriptedEndpoint, type Behaviour, type ScriptedEndpoint } from '../servers/scripted-endpoint.ts'

// Controller and workers are processes of their own over a real nats-server; the model behind the workers is scripted.

let nats: NatsServer
let endpoint: ScriptedEndpoint
let cluster: Cluster
beforeAll(async () => {
  nats = await startNatsServer()
}, 300_000)
afterAll(() => nats.stop())
beforeEach(async () => {
  endpoint = await startScriptedEndpoint()
  cluster = await openCluster({ natsUrl: nats.url, endpointUrl: endpoint.baseUrl })
})
afterEach(async () => {
  await cluster.close()
  await endpoint.stop()
})

/** Waits for the end of a run and sums it up. */
async function ended(taskId: string, timeout = 60_000) {
  const isOver = async () => (await cluster.events(taskId)).some((event) => event.type === 'deliberation.ended')
  await expect.poll(isOver, { timeout, interval: 50 }).toBe(true)
  return summaryOf(await cluster.events(taskId))
}
const answered = async (taskId: string) => summaryOf(await cluster.events(taskId)).calls

/** One round with an architect: 3 × propose, critique, revise and score, and one selection. */
const whole = { ends: ['COMPLETED'], partial: false, calls: 13, distinct: 13, failed: 0 }
const withArchitect = { rounds: 1, options: { selection: 'architect' as const } }

describe('a deliberation whose agents are workers in other processes', () => {
  it('completes, and each of its calls counts once', async () => {
    await Promise.all([cluster.startController(), cluster.startWorker(), cluster.startWorker()])
    expect(await ended(await cluster.submit(withArchitect))).toEqual(whole)
    expect(endpoint.requests).toHaveLength(13)
  })

  it('survives kill -9 of its worker in every phase', async () => {
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
      await expect.poll(() => held, { timeout: 30_000 }).toBe(phase === 'select' ? 1 : 3)
      await worker.kill()
    }
    silentIn = undefined
    await cluster.startWorker()
    expect(await ended(taskId)).toEqual(whole)
  })

  it('survives kill -9 of the plane after the second of three answers', async () => {
    const third = Promise.withResolvers<true>()
    let proposals = 0
    endpoint.behave((request): Behaviour => {
      const isThird = phaseOf(request) === 'propose' && ++proposals === 3
      return isThird ? { kind: 'answer', after: third.promise } : { kind: 'answer' }
    })
    const [controller] = await Promise.all([cluster.startController(), cluster.startWorker()])
    const taskId = await cluster.submit(withArchitect)
    await expect.poll(() => answered(taskId), { timeout: 30_000, interval: 20 }).toBe(2)
    await controller.kill()
    third.resolve(true)
    await cluster.startController()
    expect(await ended(taskId)).toEqual(whole)
  })

  it('survives kill -9 of plane and worker at once', async () => {
    let proposals = 0
    endpoint.behave((request): Behaviour =>
      phaseOf(request) === 'propose' && ++proposals > 1 ? { kind: 'silence' } : { kind: 'answer' },
    )
    const both = await Promise.all([cluster.startController(), cluster.startWorker()])
    const taskId = await cluster.submit(withArchitect)
    await expect.poll(() => answered(taskId), { timeout: 30_000, interval: 20 }).toBe(1)
    await Promise.all(both.map((process) => process.kill()))
    endpoint.behave(() => ({ kind: 'answer' }))
    await Promise.all([cluster.startController(), cluster.startWorker()])
    expect(await ended(taskId)).toEqual(whole)
  })
})
