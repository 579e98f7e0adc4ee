import { describe, expect, it } from 'vitest'
import { createManualClock } from '../adapters/memory/clock.ts'
import { scriptedFailure, type Script } from '../adapters/memory/engines.ts'
import { submitDeliberation } from '../messages/deliberation.ts'
import { answersOf, byPhase, hang, plainly, startPlane } from './plane-under-test.ts'
import { readRoles, writeRole } from './library/roles.ts'

describe('a deliberation, end to end over its ports', () => {
  it.each([
    { num_agents: 3, rounds: 0, peer_scoring: true, calls: 6 },
    { num_agents: 3, rounds: 1, peer_scoring: true, calls: 12 },
    { num_agents: 3, rounds: 2, peer_scoring: true, calls: 18 },
    { num_agents: 3, rounds: 0, peer_scoring: false, calls: 3 },
    { num_agents: 3, rounds: 1, peer_scoring: false, calls: 9 },
    { num_agents: 3, rounds: 2, peer_scoring: false, calls: 15 },
    { num_agents: 5, rounds: 1, peer_scoring: true, calls: 20 },
    { num_agents: 5, rounds: 1, peer_scoring: false, calls: 15 },
  ])(
    'check 2: with $num_agents agents, $rounds rounds, peer scoring $peer_scoring makes $calls calls, ranks everyone and ends once',
    async ({ num_agents, rounds, peer_scoring, calls }) => {
      const world = await startPlane(plainly)
      const taskId = await world.submit({ num_agents, rounds, options: { peer_scoring } })
      expect(await world.ended(taskId)).toMatchObject({ status: 'COMPLETED', reason: 'ranked', partial: false })
      const events = await world.events(taskId)
      const ranked = events.find((event) => event.type === 'deliberation.ranked')
      expect({
        calls: answersOf(events).length,
        ranks: ranked?.data.ranking.map((one) => one.rank),
        ends: events.filter((event) => event.type === 'deliberation.ended').length,
      }).toEqual({ calls, ranks: Array.from({ length: num_agents }, (_, index) => index + 1), ends: 1 })
    },
  )

  it.each([
    [undefined, (checks: number, rubric: number) => (checks + rubric) / 2],
    [0.2, (checks: number, rubric: number) => 0.8 * checks + 0.2 * rubric],
    [1, (_: number, rubric: number) => rubric],
  ])('weighs the scores of peers against the checks by its rubric_weight of %s', async (rubric_weight, total) => {
    const world = await startPlane(plainly)
    const taskId = await world.submit({ rounds: 0, options: { rubric_weight } })
    await world.ended(taskId)
    const ranked = (await world.events(taskId)).find((event) => event.type === 'deliberation.ranked')
    for (const { score, checks_score, rubric_score } of ranked?.data.ranking ?? expect.unreachable())
      expect(score).toBeCloseTo(total(checks_score ?? 0, rubric_score ?? 0), 10)
  })

  it('lets an architect pick among the best, with a reason', async () => {
    const world = await startPlane(plainly)
    const taskId = await world.submit({ options: { selection: 'architect' } })
    await world.ended(taskId)
    const events = await world.events(taskId)
    expect(answersOf(events)).toHaveLength(13)
    expect(events.find((event) => event.type === 'deliberation.selected')?.data.selection).toMatchObject({
      by: 'architect',
      architect_error: null,
    })
  })

  it('check 10: ranks first and says so where the architect fails', async () => {
    const world = await startPlane((call, tries, signal) => {
      if (call.format?.name.includes('select')) throw scriptedFailure('server_error', false)
      return plainly(call, tries, signal)
    })
    const taskId = await world.submit({ options: { selection: 'architect' } })
    const { winner_id, status } = await world.ended(taskId)
    const events = await world.events(taskId)
    const ranked = events.find((event) => event.type === 'deliberation.ranked')
    const selected = events.find((event) => event.type === 'deliberation.selected')
    expect(status).toBe('COMPLETED')
    expect(winner_id).toBe(ranked?.data.ranking[0]?.agent_id)
    expect(selected?.data.selection).toMatchObject({ by: 'rank', architect_error: expect.stringContaining('scripted') as string })
  })

  it('check 6: goes on without an agent that failed, and names it with its cause', async () => {
    let failing: number | undefined
    const world = await startPlane((call, tries, signal) => {
      failing ??= call.seed
      if (call.seed === failing) throw scriptedFailure('connection', false)
      return plainly(call, tries, signal)
    })
    const taskId = await world.submit({})
    expect(await world.ended(taskId)).toMatchObject({ status: 'COMPLETED', partial: true })
    const events = await world.events(taskId)
    expect(events.filter((event) => event.type === 'deliberation.call_failed').map((event) => event.data.error_type)).toEqual([
      'connection',
    ])
    expect(events.find((event) => event.type === 'deliberation.ranked')?.data.ranking).toHaveLength(2)
  })

  it('closes each phase at its quorum and ends without the agent that never answers', async () => {
    let hanging: number | undefined
    const world = await startPlane((call, tries, signal) => {
      hanging ??= call.seed
      return call.seed === hanging ? hang(signal) : plainly(call, tries, signal)
    })
    const taskId = await world.submit({ options: { quorum: 2 } })
    expect(await world.ended(taskId)).toMatchObject({ status: 'COMPLETED', reason: 'ranked', partial: true })
    expect((await world.events(taskId)).find((event) => event.type === 'deliberation.ranked')?.data.ranking).toHaveLength(2)
  })

  it('frees the slot of an engine of what the quorum went on without', async () => {
    let hanging: number | undefined
    const freed = Promise.withResolvers<null>()
    const world = await startPlane(async (call, tries, signal) => {
      hanging ??= call.seed
      if (call.seed === hanging && !call.format) {
        signal.addEventListener('abort', () => freed.resolve(null))
        return await hang(signal)
      }
      if (call.format?.name.includes('critique')) await freed.promise
      return await plainly(call, tries, signal)
    })
    const taskId = await world.submit({ options: { quorum: 2 } })
    expect(await world.ended(taskId)).toMatchObject({ status: 'COMPLETED', reason: 'ranked' })
  })

  it('refuses a quorum that its agents cannot reach', async () => {
    const world = await startPlane(plainly)
    await expect(world.submit({ num_agents: 2, options: { quorum: 3 } })).rejects.toThrow(
      'A quorum of 3 answers can never be reached by 2 agents; ask for at most 2.',
    )
  })

  it('refuses more to judge than the context of a scorer holds', async () => {
    const world = await startPlane(plainly)
    const served = await world.engines.served()
    world.engines.served = () => Promise.resolve(served.map((model) => ({ ...model, contextTokens: 8192 })))
    const requirements = Array.from({ length: 20 }, (_, index) => `Says what happens in case ${index + 1}.`)
    await expect(world.submit({ num_agents: 15, constraints: { requirements } })).rejects.toThrow(
      /^invalid-input: To score 14 texts on \d+ criteria and 20 requirements agent-001 may write \d+ tokens/,
    )
  })

  it('holds every final text against the sections that the run, or else its role, requires, and tells the agents', async () => {
    const world = await startPlane(plainly)
    const developer = (await readRoles(world.ports.state, world.ports.shippedRoles)).find(({ name }) => name === 'developer')
    await writeRole(world.ports.state, { ...(developer ?? expect.unreachable()), required_sections: ['Risks'] })
    const lintOf = async (run: Parameters<typeof world.submit>[0]) => {
      const taskId = await world.submit({ num_agents: 1, rounds: 0, ...run })
      await world.ended(taskId)
      const events = await world.events(taskId)
      const checked = events.find((event) => event.type === 'deliberation.checked')
      const sent = await world.plane.prompt(taskId, { round: 0, phase: 'propose', agent_id: 'agent-001', attempt: 1 })
      const told = JSON.stringify(sent?.item.messages).match(/exactly this name: ([^"\\]*)/)?.[1]
      return [told, checked?.data.results[0]?.checks.find(({ check }) => check === 'lint')]
    }
    expect(await lintOf({})).toMatchObject([
      'Risks',
      {
        status: 'failed',
        details: { errors: [{ rule: 'section-missing', message: 'The section “Risks” is missing: no heading has this name.' }] },
      },
    ])
    expect(await lintOf({ constraints: { required_sections: [] } })).toMatchObject([undefined, { status: 'skipped' }])
  })

  it('has every requirement judged by the peers', async () => {
    const world = await startPlane(plainly)
    const taskId = await world.submit({ constraints: { requirements: ['Names a limit.', 'Backs off.'] } })
    await world.ended(taskId)
    const events = await world.events(taskId)
    const { ranking = [] } = events.find((event) => event.type === 'deliberation.ranked')?.data ?? {}
    expect(ranking.map((place) => place.requirements.map(({ requirement_id, judged }) => [requirement_id, judged]))).toEqual(
      Array.from({ length: 3 }, () => [
        ['R1', 2],
        ['R2', 2],
      ]),
    )
  })

  it('check 6: is FAILED, with each cause, when every agent failed', async () => {
    const world = await startPlane(() => {
      throw scriptedFailure('server_error', false)
    })
    const taskId = await world.submit({})
    const end = await world.ended(taskId)
    expect(end).toMatchObject({ status: 'FAILED', winner_id: null })
    for (const agent of ['agent-001', 'agent-002', 'agent-003']) expect(end.message).toContain(agent)
  })

  it('tries a call again that failed for a passing reason, within its bound', async () => {
    const world = await startPlane((call, tries, signal) => {
      if (tries <= 1) throw scriptedFailure('rate_limited', true)
      return plainly(call, tries, signal)
    })
    const taskId = await world.submit({ num_agents: 1, rounds: 0, options: { peer_scoring: false } })
    expect(await world.ended(taskId)).toMatchObject({ status: 'COMPLETED', partial: false })
    expect(answersOf(await world.events(taskId)).map((event) => event.data.metrics.attempts)).toEqual([2])
  })

  it('check 9: asks once more for JSON that does not parse, then records the loss and leaves the proposal as it was', async () => {
    const world = await startPlane((call, tries, signal) =>
      call.format?.name.includes('critique') ? 'no JSON at all' : plainly(call, tries, signal),
    )
    const taskId = await world.submit({})
    expect(await world.ended(taskId)).toMatchObject({ status: 'COMPLETED' })
    const events = await world.events(taskId)
    const lost = events.filter((event) => event.type === 'deliberation.call_failed')
    expect(lost.map((event) => [event.data.phase, event.data.error_type, event.data.content])).toEqual(
      Array.from({ length: 3 }, () => ['critique', 'invalid_output', 'no JSON at all']),
    )
    expect(answersOf(events).filter(byPhase('revise'))).toEqual([])
  })

  it('can be cancelled at any time; its work is withdrawn and the run stays CANCELLED', async () => {
    const world = await startPlane((_call, _tries, signal) => hang(signal))
    const taskId = await world.submit({})
    await expect.poll(() => world.ports.work.depth()).toEqual({ waiting: 0, leased: 3 })
    expect(await world.plane.cancel(taskId, 'spec')).toEqual({ kind: 'cancelled' })
    expect(await world.ended(taskId)).toMatchObject({ status: 'CANCELLED' })
    expect(await world.ports.work.depth()).toEqual({ waiting: 0, leased: 0 })
    expect(await world.plane.cancel(taskId, 'spec')).toMatchObject({ kind: 'refused', code: 'conflict' })
  })

  it('check 7: ends as TIMEOUT at its deadline with the answers that had arrived, ranked', async () => {
    const clock = createManualClock()
    const script: Script = (call, tries, signal) =>
      call.temperature === 0.7 && !call.format ? hang(signal) : plainly(call, tries, signal)
    const world = await startPlane(script, { clock })
    const taskId = await world.submit({ limits: { timeout_seconds: 60 } })
    await expect.poll(async () => answersOf(await world.events(taskId)).length).toBe(2)
    clock.advance(60_000)
    expect(await world.ended(taskId)).toMatchObject({ status: 'TIMEOUT', partial: true })
    expect((await world.events(taskId)).find((event) => event.type === 'deliberation.ranked')?.data.ranking).toHaveLength(2)
  })

  it('check 5: counts the same answer once, however often it is delivered', async () => {
    const world = await startPlane(plainly, undefined, false)
    const taskId = await world.submit({ num_agents: 2, rounds: 0, options: { peer_scoring: false } })
    await expect.poll(() => world.ports.work.depth()).toEqual({ waiting: 2, leased: 0 })
    const metrics = { tokens_in: 1, tokens_out: 1, queued_at: 1, started_at: 1, first_token_at: 1, ended_at: 2, attempts: 1 }
    const base = {
      kind: 'completed',
      task_id: taskId,
      round: 0,
      phase: 'propose',
      role: 'developer',
      num_agents: 2,
      metrics,
    } as const
    const reply = {
      content: 'Text',
      reasoning: null,
      model: { engine_id: 'scripted', model: 'script' },
      served_model: 'script',
      finish: 'stop',
      expected_scores: null,
      repaired: false,
      degraded: null,
    } as const
    for (let copy = 0; copy < 5; copy++)
      await world.ports.answers.publish(`copy-${copy}`, { ...base, ...reply, agent_id: 'agent-001' })
    await world.ports.answers.publish('other', { ...base, ...reply, agent_id: 'agent-002' })
    expect(await world.ended(taskId)).toMatchObject({ status: 'COMPLETED' })
    expect(answersOf(await world.events(taskId)).filter(byPhase('propose'))).toHaveLength(2)
  })

  it('parks an answer for a run that nobody knows', async () => {
    const world = await startPlane(plainly, undefined, false)
    const metrics = { tokens_in: 0, tokens_out: 0, queued_at: 1, started_at: 1, first_token_at: null, ended_at: 2, attempts: 1 }
    await world.ports.answers.publish('x', {
      kind: 'failed',
      task_id: 'dlb-none',
      round: 0,
      phase: 'propose',
      agent_id: 'a',
      role: 'r',
      num_agents: 1,
      metrics,
      error: 'e',
      error_type: 'internal',
      content: null,
    })
    await expect.poll(async () => (await world.ports.answers.deadLetters()).length).toBe(1)
  })

  it('is taken up by the next plane where the first one stopped', async () => {
    let hold = true
    const first = await startPlane((call, tries, signal) => (hold && call.format ? hang(signal) : plainly(call, tries, signal)))
    const taskId = await first.submit({ limits: { timeout_seconds: 60 } })
    await expect.poll(async () => answersOf(await first.events(taskId)).length).toBe(3)
    await first.stop()
    hold = false
    const second = await startPlane(plainly, first.ports)
    expect(await second.ended(taskId)).toMatchObject({ status: 'COMPLETED', partial: false })
    expect(answersOf(await second.events(taskId))).toHaveLength(12)
  })
})

describe('submitting', () => {
  it('gives a repeated command the first answer', async () => {
    const world = await startPlane(plainly)
    const input = submitDeliberation.parse({ task: 'T', role: 'DEV' })
    const results = await Promise.all([1, 2, 3].map(() => world.plane.submit('command-same', 'spec', input)))
    const ids = new Set(results.map((result) => (result.kind === 'accepted' ? result.taskId : result.message)))
    expect(ids.size).toBe(1)
  })

  it('lets in as many runs as the bound allows, however many come at once, and tells the others when to try again', async () => {
    const world = await startPlane((_call, _tries, signal) => hang(signal), { maxRuns: 2 })
    const run = submitDeliberation.parse({ task: 'Design a retry policy.', role: 'DEV' })
    const results = await Promise.all([1, 2, 3, 4, 5].map((nth) => world.plane.submit(`command-${nth}`, 'spec', run)))
    expect(results.map(({ kind }) => kind).sort()).toEqual(['accepted', 'accepted', 'refused', 'refused', 'refused'])
    for (const result of results)
      if (result.kind === 'refused') expect(result).toMatchObject({ code: 'overloaded', retryAfterMs: 10_000 })
    const first = results.find((result) => result.kind === 'accepted')
    await world.plane.cancel(first?.taskId ?? '', 'spec')
    expect(await world.plane.submit('command-6', 'spec', run)).toMatchObject({ kind: 'accepted' })
  })

  it.each([
    ['an unknown role', { role: 'NOBODY' }, 'invalid-input', 'role'],
    ['a model that is not served', { model: { engine_id: 'x', model: 'y' } }, 'unavailable', 'model'],
    ['more tokens than the limit allows', { limits: { tokens: 10 } }, 'over-budget', 'limits.tokens'],
    ['a rubric without weights', { constraints: { rubric: '{a: -1}' } }, 'invalid-input', 'constraints.rubric'],
    [
      'two agents of one id',
      { agents: [1, 2].map(() => ({ agent_id: 'a', model: { engine_id: 'scripted', model: 'script' } })) },
      'invalid-input',
      'agents',
    ],
  ])('refuses %s, naming the field', async (_name, run, code, field) => {
    const world = await startPlane(plainly)
    const input = submitDeliberation.parse({ task: 'T', role: 'DEV', ...run })
    expect(await world.plane.submit('command-x', 'spec', input)).toMatchObject({ kind: 'refused', code, field })
  })

  it('refuses a limit of cost while a model has no price, and says so of a run without one', async () => {
    const world = await startPlane(plainly)
    const limited = submitDeliberation.parse({ task: 'T', role: 'DEV', limits: { cost_micro_usd: 900_000_000 } })
    expect(await world.plane.submit('command-x', 'spec', limited)).toMatchObject({
      kind: 'refused',
      field: 'limits.cost_micro_usd',
      message: expect.stringContaining('No price is set for') as string,
    })
    const free = await world.plane.estimate(submitDeliberation.parse({ task: 'T', role: 'DEV' }))
    expect(free.kind === 'estimated' && free.warnings[0]).toContain('what it costs is not counted and shows as $0')
    await world.ports.state.put('price.scripted.script', { price_in: 1, price_out: 1 }, 'any')
    expect(await world.plane.submit('command-y', 'spec', limited)).toMatchObject({ kind: 'accepted' })
  })

  it('keeps the cluster that manifests are meant for', async () => {
    const world = await startPlane(plainly)
    const cluster_spec = { kubernetes_version: '1.33', namespace: 'signalbox', allowed_kinds: ['Deployment', 'Service'] }
    const [submitted] = await world.events(await world.submit({ role: 'DEVOPS', constraints: { cluster_spec } }))
    expect(submitted?.type === 'deliberation.submitted' && submitted.data.spec.cluster_spec).toEqual(cluster_spec)
  })

  it.each([
    ['kubernetes_version', { kubernetes_version: 'latest' }],
    ['namespace', { namespace: 'Not a label' }],
    ['allowed_kinds', { allowed_kinds: ['deployment'] }],
    ['colour', { colour: 'red' }],
  ])('refuses a cluster whose %s makes no sense', (field, cluster_spec) => {
    const read = submitDeliberation.safeParse({ task: 'T', role: 'DEV', constraints: { cluster_spec } })
    expect(read.error?.message).toContain(field)
  })

  it('names an unknown field', () => {
    expect(submitDeliberation.safeParse({ task: 'T', role: 'DEV', colour: 'red' }).error?.message).toContain('colour')
  })

  it('check 7: lets retention expire an ended run, and tells expired from unknown', async () => {
    const world = await startPlane(plainly)
    const taskId = await world.submit({ num_agents: 1, rounds: 0 })
    await world.ended(taskId)
    expect(await world.plane.expire(taskId, 'retention')).toEqual({ kind: 'expired' })
    expect(await world.plane.cancel(taskId, 'spec')).toMatchObject({ code: 'expired' })
    expect(await world.plane.cancel('dlb-none', 'spec')).toMatchObject({ code: 'not-found' })
  })
})
