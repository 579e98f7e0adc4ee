import { describe, expect, it } from 'vitest'
import { createScriptedEngines, scriptedFailure, type ScriptedEmbedding } from '../../adapters/memory/engines.ts'
import { createMemorySmallState } from '../../adapters/memory/small-state.ts'
import { submitDeliberation } from '../../messages/deliberation.ts'
import type { Engines } from '../../ports/engines.ts'
import { deliberationSubject } from '../../messages/deliberation-events.ts'
import { takeMeasure } from './measure.ts'
import { tombstoneOf } from './tombstone.ts'
import { plainly, startPlane, type World } from '../plane-under-test.ts'
import { writePrice } from '../prices.ts'

const model = { engine_id: 'scripted', model: 'script' }
const agents = ['a1', 'a2'].map((agent_id) => ({ agent_id, model }))
const alike: ScriptedEmbedding = () => [1, 0]

const measuresOf = async (world: World, taskId: string) => {
  await world.ended(taskId)
  return (await world.events(taskId)).flatMap((event) => (event.type === 'deliberation.measured' ? [event.data] : []))
}

describe('a run', () => {
  it('is measured beside its checks, and the model is named', async () => {
    const apart: ScriptedEmbedding = (text) => (text.startsWith('Proposal') ? [text.length % 2, 1] : [0, 1])
    const world = await startPlane(plainly, undefined, true, apart)
    const [measured, ...more] = await measuresOf(world, await world.submit({ agents, rounds: 0 }))
    expect(more).toEqual([])
    expect(measured).toMatchObject({ at: 'check', embedding_model: 'vectors', truncated: 0, reason: null })
    expect(measured?.diversity).toBe(measured?.first_diversity)
    expect(measured?.relevance).toBeGreaterThan(0.5)
  })

  it('ends as ever where there is no embedding model, and says why it was not measured', async () => {
    const world = await startPlane(plainly)
    const taskId = await world.submit({ agents, rounds: 0 })
    expect(await measuresOf(world, taskId)).toMatchObject([
      {
        embedding_model: null,
        diversity: null,
        relevance: null,
        reason: expect.stringContaining('No embedding model is here') as string,
      },
    ])
    expect((await world.ended(taskId)).status).toBe('COMPLETED')
  })

  it('ends as ever where the embedding model fails', async () => {
    const world = await startPlane(plainly, undefined, true, () => {
      throw scriptedFailure('server_error', true)
    })
    const taskId = await world.submit({ agents, rounds: 0 })
    expect(await measuresOf(world, taskId)).toMatchObject([
      { embedding_model: 'vectors', diversity: null, reason: 'The embedding model failed: scripted server_error' },
    ])
    expect((await world.ended(taskId)).status).toBe('COMPLETED')
  })

  it('holds no round once its texts agree at the cosine asked for', async () => {
    const world = await startPlane(plainly, undefined, true, alike)
    const options = { ...submitDeliberation.parse({ task: 'x' }).options, consensus_stop: true, consensus_cosine: 0.95 }
    const taskId = await world.submit({ agents, rounds: 2, options })
    expect((await measuresOf(world, taskId)).map(({ at, round, diversity }) => [at, round, diversity])).toEqual([
      ['round', 0, 0],
      ['check', 2, 0],
    ])
    const stopped = (await world.events(taskId)).find((event) => event.type === 'deliberation.rounds_stopped')
    expect(stopped?.data).toMatchObject({ round: 0, reason: 'agreed', mean_cosine: 1 })
  })

  it('keeps what its measures cost after it is purged', async () => {
    const world = await startPlane(plainly, undefined, true, alike)
    await writePrice(world.ports.state, { engine_id: 'scripted', model: 'vectors' }, { price_in: 1_000_000, price_out: 0 })
    const taskId = await world.submit({ agents, rounds: 0, options: { peer_scoring: false } })
    const [measured] = await measuresOf(world, taskId)
    expect(measured).toMatchObject({ counted: true, cost_micro_usd: measured?.tokens })
    const entries = await world.ports.log.readSubject(deliberationSubject(taskId))
    expect(tombstoneOf('COMPLETED', entries).calls).toContainEqual(
      expect.objectContaining({ call: '0.measure.check', tokens_out: 0, cost_micro_usd: measured?.tokens }),
    )
  })

  it.each([
    [null, true, 'unavailable'],
    [alike, false, 'invalid-input'],
  ])('is refused a cosine that cannot count (%s, %s)', async (embed, consensus_stop, code) => {
    const world = await startPlane(plainly, undefined, true, embed)
    const run = submitDeliberation.parse({
      task: 'Retry.',
      role: 'developer',
      agents,
      options: { consensus_stop, consensus_cosine: 0.9 },
    })
    const reply = await world.plane.submit('c-1', 'ann', run)
    expect(reply).toMatchObject({ kind: 'refused', code, field: 'options.consensus_cosine' })
  })
})

const portsOf = (engines: Engines) => ({ engines, state: createMemorySmallState() })

describe('taking a measure', () => {
  const order = {
    at: 'check' as const,
    round: 1,
    task: 'Retry.',
    finals: [{ agent_id: 'a', content: 'word '.repeat(4000) }],
    firsts: [{ agent_id: 'a', content: 'Once.' }],
  }

  it('counts texts that were not read to their end, and says that one text has no diversity', async () => {
    expect(await takeMeasure(portsOf(createScriptedEngines(() => '', undefined, alike)), order)).toMatchObject({
      diversity: null,
      relevance: 1,
      truncated: 1,
      reason: 'Diversity is between texts; there is only one.',
    })
  })

  it('costs what the endpoint of the embedding model does, and nothing where that runs on this machine', async () => {
    const engines = createScriptedEngines(() => '', undefined, alike)
    const ports = portsOf(engines)
    const counted = await takeMeasure(ports, order)
    expect(counted).toMatchObject({ counted: true, cost_micro_usd: 0 })
    const [embedder] = await engines.embedders()
    await writePrice(ports.state, embedder?.reference ?? expect.unreachable(), { price_in: 20_000, price_out: 0 })
    expect((await takeMeasure(ports, order)).cost_micro_usd).toBe(Math.ceil(counted.tokens * 0.02))
    const embedders = () =>
      Promise.resolve([{ reference: { engine_id: 'embedded', model: 'v' }, label: 'v', contextTokens: 512 }])
    expect(await takeMeasure({ ...ports, engines: { ...engines, embedders } }, order)).toMatchObject({
      counted: false,
      cost_micro_usd: 0,
      tokens: counted.tokens,
    })
  })

  it('is given up after a while', async () => {
    const engines = createScriptedEngines(() => '', undefined, alike)
    const slow = {
      ...engines,
      embed: (_: unknown, signal: AbortSignal) =>
        new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    }
    expect(await takeMeasure(portsOf(slow), order, 20)).toMatchObject({
      embedding_model: 'vectors',
      reason: 'The embedding model did not answer within 0.02 s.',
    })
  })

  it('is left for later where the engines are being stopped', async () => {
    const engines = createScriptedEngines(
      () => '',
      undefined,
      () => {
        throw scriptedFailure('cancelled', true)
      },
    )
    await expect(takeMeasure(portsOf(engines), order)).rejects.toThrow('cancelled')
  })
})
