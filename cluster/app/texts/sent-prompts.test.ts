import { describe, expect, it } from 'vitest'
import type { ModelCall } from '../../ports/engines.ts'
import { answersOf, hang, plainly, startPlane } from '../plane-under-test.ts'

describe('the prompt of a call', () => {
  it('is kept as the engine was asked, with the version of the prompts', async () => {
    const asked: ModelCall[] = []
    const world = await startPlane((call, tries, signal) => {
      asked.push(call)
      return plainly(call, tries, signal)
    })
    const taskId = await world.submit({ num_agents: 2 })
    await world.ended(taskId)
    const answers = answersOf(await world.events(taskId))
    const kept = await Promise.all(answers.map(({ data }) => world.plane.prompt(taskId, { ...data, attempt: data.attempt ?? 1 })))
    expect(kept).toHaveLength(8)
    for (const sent of kept) {
      const call = asked.find(({ seed }) => seed === sent?.item.seed)
      expect(sent).toMatchObject({
        prompts_version: world.ports.promptsVersion,
        cut: false,
        item: { messages: call?.messages, temperature: call?.temperature, max_tokens: call?.maxTokens, format: call?.format },
      })
    }
  })

  it('is kept with what followed where the reply was not the JSON asked for, mended or not', async () => {
    const asked: ModelCall[] = []
    const world = await startPlane((call, tries, signal) => {
      asked.push(call)
      const isBad =
        call.format?.name === 'critique' && (call.messages.length === 2 || call.messages[0]?.content.includes('sceptic'))
      return isBad ? 'Looks fine to me.' : plainly(call, tries, signal)
    })
    const taskId = await world.submit({ agents: [{ agent_id: 'ann' }, { agent_id: 'ben', persona: 'A sceptic.' }] })
    await world.ended(taskId)
    const critiqueOf = (agent_id: string) => world.plane.prompt(taskId, { round: 1, phase: 'critique', agent_id, attempt: 1 })
    for (const [agentId, type] of [
      ['ann', 'answered'],
      ['ben', 'call_failed'],
    ] as const) {
      const kept = await critiqueOf(agentId)
      expect(kept?.repair).toMatchObject([
        { role: 'assistant', content: 'Looks fine to me.' },
        { role: 'user', content: expect.stringContaining('it does not parse') as string },
      ])
      expect(asked.map((call) => call.messages)).toContainEqual([...(kept?.item.messages ?? []), ...(kept?.repair ?? [])])
      const outcome = (await world.events(taskId)).find(
        ({ type: which, data }) => which.endsWith(type) && 'agent_id' in data && data.agent_id === agentId && data.round === 1,
      )
      expect(outcome).toBeDefined()
    }
    expect((await world.plane.prompt(taskId, { round: 0, phase: 'propose', agent_id: 'ann', attempt: 1 }))?.repair).toEqual([])
  })

  it('is the same when the call is sent again by the next plane', async () => {
    const first = await startPlane((_call, _tries, signal) => hang(signal))
    const taskId = await first.submit({ num_agents: 1, rounds: 0, limits: { timeout_seconds: 60 } })
    await expect.poll(() => first.ports.work.depth()).toEqual({ waiting: 0, leased: 1 })
    await first.stop()
    const call = { round: 0, phase: 'propose', agent_id: 'agent-001', attempt: 1 } as const
    const before = await first.plane.prompt(taskId, call)
    const second = await startPlane(plainly, first.ports)
    second.engines.countTokens = () => Promise.resolve(100_000)
    await second.ended(taskId)
    expect(await second.plane.prompt(taskId, call)).toEqual(before)
  })

  it('goes with its run; of a call that was never made there is none', async () => {
    const world = await startPlane(plainly)
    const taskId = await world.submit({ num_agents: 1, rounds: 0 })
    await world.ended(taskId)
    const call = { round: 0, phase: 'propose', agent_id: 'agent-001', attempt: 1 } as const
    expect(await world.plane.prompt(taskId, { ...call, agent_id: 'agent-002' })).toBeUndefined()
    await world.plane.expire(taskId, 'retention')
    expect(await world.plane.prompt(taskId, call)).toBeUndefined()
    expect(await world.ports.blobs.usage()).toEqual({ count: 0, bytes: 0 })
  })
})
