import { expect, test } from 'vitest'
import { decideAnswer, decideCancel, decideChecks, decideSubmit, decideTime } from './decide.ts'
import { openCalls, type CallOrder } from './plan.ts'
import { completed, DEADLINE, failed, goodReply, passedChecks, play, sampleAgent, sampleSpec } from './sample-runs.ts'
import { applyEvents, currentText, finalTexts, type RunState } from './state.ts'
import type { Answer, RunEvent, RunSpec } from './types.ts'

const FIRST = 'agent-developer-001'
const good = (state: RunState, order: CallOrder): Answer => completed(state, order, goodReply(state, order))

/** Plays until the named phase is open with nothing answered in it. */
function until(spec: RunSpec, phase: string): RunState {
  return play(spec, { answer: (state, order) => (order.phase === phase ? undefined : good(state, order)) }).state
}

const typesOf = (events: readonly RunEvent[]): string[] => events.map((event) => event.type.replace('deliberation.', ''))

test('a submitted run is pending and asks every agent for a proposal', () => {
  const spec = sampleSpec()
  const events = decideSubmit(spec)
  expect(typesOf(events)).toEqual(['submitted', 'phase_started'])
  const state = applyEvents(undefined, events, 5)
  expect(state).toMatchObject({ status: 'PENDING', phase: 'propose', round: 0, submittedAt: 5 })
  expect(openCalls(state).map((order) => order.agent_id)).toEqual(spec.agents.map((agent) => agent.agent_id))
})

test('the first answer, given or failed, sets it in motion', () => {
  const state = applyEvents(undefined, decideSubmit(sampleSpec()), 0)
  for (const make of [good, failed]) {
    const decision = decideAnswer(state, make(state, openCalls(state)[0]!), 1)
    if (decision.kind !== 'events') throw new Error(decision.kind)
    expect(applyEvents(state, decision.events, 1).status).toBe('IN_PROGRESS')
  }
})

test('a run in which all goes well passes through every phase and ends ranked', () => {
  const { state, events } = play(sampleSpec())
  expect(state.steps.map(({ phase, round }) => `${phase} ${round}`)).toEqual([
    'propose 0',
    'critique 1',
    'revise 1',
    'check 1',
    'score 1',
  ])
  expect(typesOf(events).slice(-3)).toEqual(['ranked', 'selected', 'ended'])
  expect(state.ended).toMatchObject({
    status: 'COMPLETED',
    reason: 'ranked',
    partial: false,
    message: '3 of 3 proposals ranked.',
  })
  expect(state.phase).toBeNull()
  expect(state.ranking?.[0]?.tokens_out).toBe(100)
  expect(state.spent).toEqual({ tokensIn: 1200, tokensOut: 600, costMicroUsd: 0 })
})

test('an answer that closes a phase starts the next one in the same list of events', () => {
  const spec = sampleSpec({ count: 2 })
  let state = applyEvents(undefined, decideSubmit(spec), 0)
  const lists: string[][] = []
  for (const order of openCalls(state)) {
    const decision = decideAnswer(state, good(state, order), 1)
    if (decision.kind !== 'events') throw new Error(decision.kind)
    lists.push(typesOf(decision.events))
    state = applyEvents(state, decision.events, 1)
  }
  expect(lists).toEqual([['answered'], ['answered', 'phase_started']])
})

test('the same answer counts once, however often it comes', () => {
  const state = applyEvents(undefined, decideSubmit(sampleSpec()), 0)
  const answer = good(state, openCalls(state)[0]!)
  const decision = decideAnswer(state, answer, 1)
  if (decision.kind !== 'events') throw new Error(decision.kind)
  const after = applyEvents(state, decision.events, 1)
  for (let n = 0; n < 4; n += 1) expect(decideAnswer(after, answer, 2)).toEqual({ kind: 'duplicate' })
  expect(applyEvents(after, decision.events, 3)).toEqual(after)
})

test('an answer that no call asked for is unknown', () => {
  const state = applyEvents(undefined, decideSubmit(sampleSpec()), 0)
  const answer = good(state, openCalls(state)[0]!)
  expect(decideAnswer(state, { ...answer, agent_id: 'stranger' }, 1)).toEqual({ kind: 'unknown' })
  expect(decideAnswer(state, { ...answer, phase: 'score' }, 1)).toEqual({ kind: 'unknown' })
  expect(decideAnswer(state, { ...answer, task_id: 'dlb-2' }, 1)).toEqual({ kind: 'unknown' })
})

test('an answer after the end is kept as late, once, and changes nothing else', () => {
  const open = applyEvents(undefined, decideSubmit(sampleSpec()), 0)
  const answer = good(open, openCalls(open)[0]!)
  const state = applyEvents(open, decideCancel(open, 'operator'), 1)
  const decision = decideAnswer(state, answer, 2)
  if (decision.kind !== 'late') throw new Error(decision.kind)
  expect(typesOf(decision.events)).toEqual(['late_answer'])
  const after = applyEvents(state, decision.events, 2)
  expect({ ...after, late: state.late }).toEqual(state)
  expect(decideAnswer(after, answer, 3)).toEqual({ kind: 'duplicate' })
  expect(applyEvents(after, decideSubmit(state.spec).slice(1), 4)).toEqual(after)
})

const losing =
  (...lost: { phase: string; agent?: string }[]) =>
  (state: RunState, order: CallOrder): Answer =>
    lost.some((each) => each.phase === order.phase && (each.agent === undefined || each.agent === order.agent_id))
      ? failed(state, order)
      : good(state, order)

test('an agent that gives no proposal leaves the run; the rest completes as partial', () => {
  const { state } = play(sampleSpec(), { answer: losing({ phase: 'propose', agent: FIRST }) })
  expect(state.ended).toMatchObject({
    status: 'COMPLETED',
    partial: true,
    message: `2 of 3 proposals ranked. Without a proposal: ${FIRST}: The server answered 500. (server_error)`,
  })
  expect(state.ranking).toHaveLength(2)
  expect(state.failures.map((each) => each.agent_id)).toEqual([FIRST])
})

test('all agents failed: the run failed, with each cause', () => {
  const { state, events } = play(sampleSpec({ count: 2 }), {
    answer: (now, order) => failed(now, order, `No route for ${order.agent_id}.`),
  })
  expect(state.ended).toMatchObject({
    status: 'FAILED',
    reason: 'all_failed',
    winner_id: null,
    message:
      'Every agent failed. agent-developer-001: No route for agent-developer-001. (server_error); agent-developer-002: No route for agent-developer-002. (server_error)',
  })
  expect(typesOf(events)).not.toContain('ranked')
})

test('an empty text is a failed call, never a proposal', () => {
  const { state } = play(sampleSpec(), {
    answer: (now, order) => (order.agent_id === FIRST ? completed(now, order, ' \n') : good(now, order)),
  })
  expect(state.failures[0]).toMatchObject({
    agent_id: FIRST,
    error_type: 'invalid_output',
    error: 'The model answered with an empty text.',
  })
  expect(finalTexts(state)).toHaveLength(2)
})

test('a lone survivor is not criticised: its run goes on to the checks', () => {
  const { state } = play(sampleSpec(), {
    answer: (now, order) => (order.agent_id === FIRST ? good(now, order) : failed(now, order)),
  })
  expect(state.steps.map((step) => step.phase)).toEqual(['propose', 'check'])
  expect(state.ended).toMatchObject({ status: 'COMPLETED', partial: true, winner_id: FIRST })
  expect(state.selection?.reason).toBe('The only proposal, score 1.00.')
})

test('a lost critique leaves that proposal as it was for the round, and is recorded', () => {
  const { state } = play(sampleSpec({ rounds: 2 }), {
    answer: (now, order) =>
      order.phase === 'critique' && order.round === 1 && order.target_id === FIRST
        ? completed(now, order, 'Sorry, no JSON today.')
        : good(now, order),
  })
  expect(state.failures).toMatchObject([
    { phase: 'critique', round: 1, error_type: 'invalid_output', content: 'Sorry, no JSON today.' },
  ])
  expect(state.texts.get(FIRST)?.map((each) => each.round)).toEqual([0, 2])
  expect(state.ended).toMatchObject({ status: 'COMPLETED', partial: false })
})

test('without any critique there is nothing to revise', () => {
  const { state } = play(sampleSpec(), { answer: losing({ phase: 'critique' }) })
  expect(state.steps.map((step) => step.phase)).toEqual(['propose', 'critique', 'check', 'score'])
})

test('a lost revision leaves the proposal as it was', () => {
  const { state } = play(sampleSpec(), { answer: losing({ phase: 'revise', agent: FIRST }) })
  expect(currentText(state, FIRST)?.round).toBe(0)
  expect(state.failures.map((each) => each.phase)).toEqual(['revise'])
})

test('a lost scorer counts neither way, and agreement cannot be told', () => {
  const { state } = play(sampleSpec({ count: 4 }), { answer: losing({ phase: 'score', agent: FIRST }) })
  expect(state.ranking?.map((each) => each.scorers).sort()).toEqual([2, 2, 2, 3])
  expect(state.agreement).toBeNull()
})

test('at the deadline what has arrived is ranked: TIMEOUT, partial, never FAILED', () => {
  const twoOfThree = play(sampleSpec(), {
    answer: (now, order) => (order.agent_id === FIRST ? undefined : good(now, order)),
  }).state
  expect(decideTime(twoOfThree, DEADLINE - 1)).toEqual([])
  const state = applyEvents(twoOfThree, decideTime(twoOfThree, DEADLINE), DEADLINE)
  expect(state.ended).toMatchObject({
    status: 'TIMEOUT',
    reason: 'deadline',
    partial: true,
    message: `The deadline passed; 2 of 3 proposals ranked. Without a proposal: ${FIRST}: no answer`,
  })
  expect(state.ranking).toHaveLength(2)
  expect(decideTime(state, DEADLINE + 1)).toEqual([])
})

test('at the deadline the texts may be checked before they are ranked', () => {
  const twoOfThree = play(sampleSpec(), {
    answer: (now, order) => (order.agent_id === FIRST ? undefined : good(now, order)),
  }).state
  const events = decideTime(twoOfThree, DEADLINE, passedChecks(twoOfThree))
  expect(typesOf(events)).toEqual(['checked', 'ranked', 'selected', 'ended'])
  expect(applyEvents(twoOfThree, events, DEADLINE).ranking?.[0]).toMatchObject({ checks_score: 1, score: 1 })
})

test('a deadline before the first answer ends as TIMEOUT with nothing to show', () => {
  const state = applyEvents(undefined, decideSubmit(sampleSpec()), 0)
  expect(typesOf(decideTime(state, DEADLINE))).toEqual(['ended'])
  expect(applyEvents(state, decideTime(state, DEADLINE), DEADLINE).ended).toMatchObject({
    status: 'TIMEOUT',
    partial: false,
    winner_id: null,
  })
})

test('an answer that comes at the deadline is counted, and no further phase starts', () => {
  const { state } = play(sampleSpec({ count: 2 }), { now: DEADLINE })
  expect(state.ended).toMatchObject({ status: 'TIMEOUT' })
  expect(state.texts.size).toBe(1)
})

test('a cancelled run is not ranked, and a run that has ended is not cancelled', () => {
  const open = until(sampleSpec(), 'revise')
  const state = applyEvents(open, decideCancel(open, 'operator'), 9)
  expect(state.ended).toEqual({
    status: 'CANCELLED',
    reason: 'cancelled',
    partial: true,
    winner_id: null,
    message: 'Cancelled by operator.',
    at: 9,
  })
  expect(state.ranking).toBeNull()
  expect(decideCancel(state, 'operator')).toEqual([])
  expect(decideTime(state, DEADLINE)).toEqual([])
})

test('checks are taken in the check phase only, of authors only', () => {
  const scoring = until(sampleSpec(), 'score')
  expect(decideChecks(scoring, passedChecks(scoring), 1)).toEqual([])
  expect(scoring.checks?.map((each) => each.agent_id)).toEqual(scoring.spec.agents.map((agent) => agent.agent_id))
  const { state } = play(sampleSpec({ rounds: 0 }), { checks: () => [{ agent_id: 'stranger', checks: [] }] })
  expect(state.checks).toEqual([])
})

const architect = sampleAgent(9, { agent_id: 'architect', diversity: false })

test('an architect sees the first k by rank and its choice wins, with its reason', () => {
  const { state, calls } = play(sampleSpec({ count: 4, architect, architect_k: 2 }))
  const order = calls.find((each) => each.phase === 'select')
  expect(order).toMatchObject({ shown: state.ranking?.slice(0, 2).map((each) => each.agent_id) })
  expect(state.selection).toEqual({
    by: 'architect',
    agent_id: state.ranking?.[1]?.agent_id,
    reason: 'It fits best.',
    architect_error: null,
  })
  expect(state.ended?.winner_id).toBe(state.ranking?.[1]?.agent_id)
})

test.each([
  { how: 'fails', answer: failed, error: 'The server answered 500.' },
  {
    how: 'names nobody known',
    answer: (state: RunState, order: CallOrder) => completed(state, order, '{"reason":"?","choice":"Z"}'),
    error: 'The architect chose "Z", which is none of A, B, C.',
  },
])('when the architect $how rank 1 wins and the selection says why', ({ answer, error }) => {
  const { state } = play(sampleSpec({ architect }), {
    answer: (now, order) => (order.phase === 'select' ? answer(now, order) : good(now, order)),
  })
  expect(state.selection).toMatchObject({ by: 'rank', agent_id: state.ranking?.[0]?.agent_id, architect_error: error })
  expect(state.ended).toMatchObject({ status: 'COMPLETED', partial: false })
})

test('the deadline in the selection keeps the ranking there is', () => {
  const open = until(sampleSpec({ architect }), 'select')
  const events = decideTime(open, DEADLINE)
  expect(typesOf(events)).toEqual(['selected', 'ended'])
  expect(applyEvents(open, events, DEADLINE).selection).toMatchObject({
    by: 'rank',
    architect_error: 'The deadline passed before the architect had chosen.',
  })
})

test('with one proposal there is nothing to select', () => {
  const { state } = play(sampleSpec({ architect }), {
    answer: (now, order) => (order.agent_id === FIRST ? good(now, order) : failed(now, order)),
  })
  expect(state.selection).toMatchObject({ by: 'rank', agent_id: FIRST, architect_error: null })
})

const limited = (limits: Partial<RunSpec['limits']>, more: Partial<RunSpec> = {}) =>
  sampleSpec({ limits: { ...sampleSpec().limits, ...limits }, ...more })

test('a phase that could pass the token limit is not started: what is there is checked and ranked', () => {
  const { state } = play(limited({ tokens: 5000 }))
  expect(state.steps.map((step) => step.phase)).toEqual(['propose', 'check'])
  expect(state.ended).toMatchObject({
    status: 'COMPLETED',
    reason: 'token_limit',
    partial: true,
    message: 'Ended early, the next calls could pass the token limit of the run. 3 of 3 proposals ranked.',
  })
})

test('a limit too small for the proposals fails the run at once', () => {
  const events = decideSubmit(limited({ tokens: 500 }))
  expect(applyEvents(undefined, events, 0).ended).toMatchObject({
    status: 'FAILED',
    reason: 'token_limit',
    message: 'There is no proposal to rank: the next calls could pass the token limit of the run.',
  })
})

test('the cost limit counts the prices of each agent, in micro-dollars for a million tokens', () => {
  const agents = [1, 2, 3].map((n) => sampleAgent(n, { price_in: 1_000_000, price_out: 4_000_000 }))
  const { state } = play(limited({ cost_micro_usd: 14_500 }, { agents }))
  expect(state.spent.costMicroUsd).toBe(3 * (100 + 4 * 50))
  expect(state.ended).toMatchObject({ status: 'COMPLETED', reason: 'cost_limit', partial: true })
  expect(play(limited({ cost_micro_usd: 0 })).state.ended).toMatchObject({ reason: 'ranked', partial: false })
})

test('a limit that the answers themselves pass ends the run in the middle of a phase', () => {
  const greedy = (state: RunState, order: CallOrder): Answer => {
    const answer = good(state, order)
    return { ...answer, metrics: { ...answer.metrics, tokens_out: 9000 } }
  }
  const { state, calls } = play(limited({ tokens: 8000 }), { answer: greedy })
  expect(calls).toHaveLength(1)
  expect(state.ended).toMatchObject({ status: 'COMPLETED', reason: 'token_limit', partial: true, winner_id: FIRST })
})

test('a council without review and scoring proposes, is checked and ranked', () => {
  const { state } = play(sampleSpec({ peer_review: false, peer_scoring: false }))
  expect(state.steps.map((step) => step.phase)).toEqual(['propose', 'check'])
  expect(state.ranking?.map((each) => each.score)).toEqual([1, 1, 1])
})
