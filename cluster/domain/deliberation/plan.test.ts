import { expect, test } from 'vitest'
import { openCalls, phasePlan } from './plan.ts'
import { completed, failed, goodReply, play, sampleAgent, sampleSpec } from './sample-runs.ts'

test.each([
  { agents: 3, rounds: 0, scoring: true, calls: 6 },
  { agents: 3, rounds: 1, scoring: true, calls: 12 },
  { agents: 3, rounds: 2, scoring: true, calls: 18 },
  { agents: 3, rounds: 0, scoring: false, calls: 3 },
  { agents: 3, rounds: 1, scoring: false, calls: 9 },
  { agents: 3, rounds: 2, scoring: false, calls: 15 },
  { agents: 5, rounds: 1, scoring: true, calls: 20 },
  { agents: 5, rounds: 1, scoring: false, calls: 15 },
  { agents: 1, rounds: 2, scoring: true, calls: 1 },
])('check 2: $agents agents, $rounds rounds, peer scoring $scoring: $calls model calls, one more with an architect', (run) => {
  const spec = sampleSpec({ count: run.agents, rounds: run.rounds, peer_scoring: run.scoring })
  expect(spec.estimate.calls).toBe(run.calls)
  expect(play(spec).calls).toHaveLength(run.calls)
  const withArchitect = sampleSpec({ ...spec, estimate: undefined!, architect: sampleAgent(9, { agent_id: 'architect' }) })
  expect(withArchitect.estimate.calls).toBe(run.calls + 1)
  expect(play(withArchitect).calls).toHaveLength(run.agents > 1 ? run.calls + 1 : run.calls)
})

test('the phases of a run stand in one fixed order', () => {
  const spec = sampleSpec({ rounds: 2, architect: sampleAgent(9) })
  expect(phasePlan(spec).map(({ phase, round }) => `${phase} ${round}`)).toEqual([
    'propose 0',
    'critique 1',
    'revise 1',
    'critique 2',
    'revise 2',
    'check 2',
    'score 2',
    'select 2',
  ])
  expect(phasePlan({ ...spec, peer_review: false, peer_scoring: false, architect: null }).map((each) => each.phase)).toEqual([
    'propose',
    'check',
  ])
})

test('each agent reviews the next one in the ring; an agent that failed leaves it and the neighbours close up', () => {
  const pairs = (lost: string[]) =>
    play(sampleSpec({ count: 4 }), {
      answer: (state, order) =>
        order.phase === 'propose' && lost.includes(order.agent_id)
          ? failed(state, order)
          : order.phase === 'propose'
            ? completed(state, order, goodReply(state, order))
            : undefined,
    })
  const shortId = (id: string): string => id.slice(-1)
  const ringOf = (lost: string[]) =>
    openCalls(pairs(lost).state).map((order) =>
      order.phase === 'critique' ? `${shortId(order.agent_id)}→${shortId(order.target_id)}` : order.phase,
    )
  expect(ringOf([])).toEqual(['1→2', '2→3', '3→4', '4→1'])
  expect(ringOf(['agent-developer-002'])).toEqual(['1→3', '3→4', '4→1'])
  expect(ringOf(['agent-developer-001', 'agent-developer-004'])).toEqual(['2→3', '3→2'])
})

test('the second round reviews the revised text', () => {
  const { calls } = play(sampleSpec({ rounds: 2 }))
  const versions = calls.flatMap((order) =>
    order.phase === 'critique' ? [`round ${order.round}: version ${order.version}`] : [],
  )
  expect(new Set(versions)).toEqual(new Set(['round 1: version 0', 'round 2: version 1']))
})

test('every scorer sees all texts but its own, in an order of its own that the seed fixes', () => {
  const shown = (seed: number) => {
    const { calls } = play(sampleSpec({ count: 5, seed }))
    return calls.flatMap((order) => (order.phase === 'score' ? [{ scorer: order.agent_id, order: order.shown }] : []))
  }
  const once = shown(42)
  expect(shown(42)).toEqual(once)
  expect(shown(43)).not.toEqual(once)
  for (const { scorer, order } of once) {
    expect(order).not.toContain(scorer)
    expect(new Set(order).size).toBe(4)
  }
  const positionsOfFirst = once
    .filter(({ scorer }) => !scorer.endsWith('1'))
    .map(({ order }) => order.findIndex((id) => id.endsWith('1')))
  expect(new Set(positionsOfFirst).size).toBeGreaterThan(1)
})
