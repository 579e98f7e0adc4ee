import { describe, expect, it } from 'vitest'
import { scriptedFailure } from '../../adapters/memory/engines.ts'
import { submitDeliberation } from '../../messages/deliberation.ts'
import { answersOf, hang, plainly, startPlane } from '../plane-under-test.ts'

const isSample = (id: string): boolean => id.startsWith('sample-')

describe('a deliberation with a baseline', () => {
  it('draws its samples, checks them, has them scored, and lists them apart from the ranking', async () => {
    const world = await startPlane(plainly)
    const taskId = await world.submit({ rounds: 0, options: { baseline: true } })
    expect(await world.ended(taskId)).toMatchObject({ status: 'COMPLETED', partial: false })
    const events = await world.events(taskId)
    const submitted = events.find((event) => event.type === 'deliberation.submitted')
    const ids = submitted?.data.spec.baseline?.agents.map((agent) => agent.agent_id) ?? []
    const ranked = events.find((event) => event.type === 'deliberation.ranked')?.data
    const checked = events.find((event) => event.type === 'deliberation.checked')?.data
    expect(ids).toEqual(['sample-01', 'sample-02', 'sample-03'])
    expect(answersOf(events)).toHaveLength(9)
    expect(ranked?.samples?.map((place) => [place.agent_id, place.scorers]).toSorted()).toEqual(ids.map((id) => [id, 3]))
    expect(ranked?.ranking.map((place) => place.agent_id).filter(isSample)).toEqual([])
    expect(checked?.results.map((each) => each.agent_id).filter(isSample)).toEqual(ids)
  })

  it('goes on without a sample that failed', async () => {
    const seeds: number[] = []
    const world = await startPlane((call, tries, signal) => {
      if (!seeds.includes(call.seed)) seeds.push(call.seed)
      // Work is taken in the order in which it was asked for: three proposals, then the samples.
      if (seeds.indexOf(call.seed) === 3) throw scriptedFailure('connection', false)
      return plainly(call, tries, signal)
    })
    const taskId = await world.submit({ rounds: 0, options: { baseline: true } })
    expect(await world.ended(taskId)).toMatchObject({ status: 'COMPLETED', partial: false })
    const events = await world.events(taskId)
    const lost = events.filter((event) => event.type === 'deliberation.call_failed').map((event) => event.data.agent_id)
    expect(lost.filter(isSample)).toEqual(lost)
    expect(events.find((event) => event.type === 'deliberation.ranked')?.data.samples).toHaveLength(2)
  })

  it('withdraws the samples with the rest when it is cancelled', async () => {
    const world = await startPlane((_call, _tries, signal) => hang(signal))
    const taskId = await world.submit({ rounds: 0, options: { baseline: true } })
    await expect.poll(() => world.ports.work.depth()).toEqual({ waiting: 0, leased: 6 })
    await world.plane.cancel(taskId, 'spec')
    expect(await world.ports.work.depth()).toEqual({ waiting: 0, leased: 0 })
  })

  it('is refused where an agent has the name of a sample, and over a limit with what it costs', async () => {
    const world = await startPlane(plainly)
    const model = { engine_id: 'scripted', model: 'script' }
    const agents = ['sample-01', 'b'].map((agent_id) => ({ agent_id, model }))
    await expect(world.submit({ agents, options: { baseline: true } })).rejects.toThrow('sample-01 is the name of a sample')
    const estimateOf = async (baseline: boolean) => {
      const estimated = await world.plane.estimate(submitDeliberation.parse({ task: 'T', role: 'DEV', options: { baseline } }))
      return estimated.kind === 'estimated' ? estimated.spec.estimate : expect.unreachable('it can be estimated')
    }
    const without = await estimateOf(false)
    const tokens = without.tokens_in + without.tokens_out
    await expect(world.submit({ limits: { tokens }, options: { baseline: true } })).rejects.toThrow('over-budget')
    expect((await estimateOf(true)).baseline?.calls).toBeGreaterThan(3)
  })
})
