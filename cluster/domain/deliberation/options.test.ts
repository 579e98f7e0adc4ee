import { describe, expect, test } from 'vitest'
import { decideAnswer, decideMeasure, decideSubmit, decideTime } from './decide.ts'
import { openCalls, type CallOrder } from './plan.ts'
import { completed, failed, goodReply, play, sampleAgent, sampleMeasure, sampleSpec } from './sample-runs.ts'
import { measureBeforeRound } from './similarity.ts'
import { applyEvents, callKey, currentText, survivors, type RunState } from './state.ts'
import type { Answer, CallPhase, RunEvent, RunSpec } from './types.ts'

const good = (state: RunState, order: CallOrder): Answer => completed(state, order, goodReply(state, order))

/** The state after an answer, and what was decided. */
function given(state: RunState, answer: Answer, now = 1): { state: RunState; kind: string; events: readonly RunEvent[] } {
  const decision = decideAnswer(state, answer, now)
  const events = 'events' in decision ? decision.events : []
  return { state: applyEvents(state, events, now), kind: decision.kind, events }
}

describe('a quorum', () => {
  const spec = sampleSpec({ count: 3, quorum: 2 })

  /** Two proposals are in, the third is still out. */
  function closed(more: Partial<RunSpec> = {}) {
    const begun = applyEvents(undefined, decideSubmit({ ...spec, ...more }), 0)
    const [first, second, third] = openCalls(begun)
    const state = given(given(begun, good(begun, first!)).state, good(begun, second!)).state
    return { begun, state, missing: third! }
  }

  test('closes a phase at that many answers, and the run goes on with those', () => {
    const { state, missing } = closed()
    expect(state).toMatchObject({ phase: 'critique', round: 1 })
    expect(survivors(state)).not.toContain(missing.agent_id)
    expect(openCalls(state).map((order) => order.agent_id)).toEqual(survivors(state))
  })

  test('is not reached by failures', () => {
    const begun = applyEvents(undefined, decideSubmit(spec), 0)
    const [first, second, third] = openCalls(begun)
    let { state } = given(begun, failed(begun, first!))
    state = given(state, failed(state, second!)).state
    expect(state.phase).toBe('propose')
    state = given(state, good(state, third!)).state
    expect(state.phase).toBe('check')
  })

  test('leaves what comes later as late: it is paid for, and changes nothing else', () => {
    const { begun, state, missing } = closed()
    const after = given(state, good(begun, missing))
    expect(after.kind).toBe('late')
    expect(after.events.map((event) => event.type)).toEqual(['deliberation.late_answer'])
    expect(after.state.late).toEqual(new Set([callKey(missing)]))
    expect(after.state.spent.tokensOut).toBe(state.spent.tokensOut + 50)
    expect({ ...after.state, late: state.late, spent: state.spent }).toEqual(state)
    expect(given(after.state, good(begun, missing)).kind).toBe('duplicate')
  })

  test('a late answer that passes a limit ends the run', () => {
    const limits = { ...spec.limits, tokens: 9000 }
    const { begun, state, missing } = closed({ limits })
    const answer = good(begun, missing)
    const costly = { ...answer, metrics: { ...answer.metrics, tokens_out: 20_000 } }
    expect(given(state, costly).state.ended).toMatchObject({ status: 'COMPLETED', reason: 'token_limit' })
  })

  test('a run that it shortened is partial, and says who was not in', () => {
    const out = sampleAgent(3).agent_id
    const { state } = play(spec, { answer: (now, order) => (order.agent_id === out ? undefined : good(now, order)) })
    expect(state.ended).toMatchObject({ status: 'COMPLETED', partial: true })
    expect(state.ended?.message).toContain(`${out}: no answer when the quorum was reached`)
  })

  test('of more than a phase has calls is reached when all have ended', () => {
    const { state } = play(sampleSpec({ count: 3, quorum: 3, architect: sampleAgent(9, { agent_id: 'architect' }) }))
    expect(state.ended).toMatchObject({ status: 'COMPLETED', partial: false })
  })
})

describe('a revision by the critic', () => {
  const spec = sampleSpec({ count: 3, revision_by: 'critic' })
  const [first, second, third] = [1, 2, 3].map((n) => sampleAgent(n).agent_id) as [string, string, string]

  test('is made by whoever criticised the text, with as many calls as by the author', () => {
    const { state, calls } = play(spec)
    expect(calls.filter((order) => order.phase === 'revise')).toEqual([
      { phase: 'revise', round: 1, agent_id: third, author_id: first, critic_id: third },
      { phase: 'revise', round: 1, agent_id: first, author_id: second, critic_id: first },
      { phase: 'revise', round: 1, agent_id: second, author_id: third, critic_id: second },
    ])
    expect(calls).toHaveLength(12)
    expect(state.ended).toMatchObject({ status: 'COMPLETED', partial: false })
  })

  test('leaves the text with its author: it is ranked for it, never scored by it, and its tokens count there', () => {
    const { state } = play(spec, {
      answer: (now, order) => {
        const answer = good(now, order)
        const isOfFirst = order.phase === 'revise' && order.author_id === first
        return isOfFirst ? { ...answer, metrics: { ...answer.metrics, tokens_out: 70 } } : answer
      },
    })
    expect(currentText(state, first)).toEqual({
      round: 1,
      content: `Revision 1 of ${first}.`,
      criticId: third,
      answers: [{ problem_id: 'P1', status: 'answered', note: 'Backs off now.' }],
    })
    for (const { scorerId, scores } of state.scores) expect(scores.map((each) => each.author_id)).not.toContain(scorerId)
    expect(state.ranking?.map((place) => [place.agent_id, place.tokens_out])).toEqual([
      [second, 100],
      [third, 100],
      [first, 120],
    ])
  })

  test('that fails leaves the text as it was, and so does a critique that never came', () => {
    const { state } = play(spec, {
      answer: (now, order) => {
        const isLost =
          (order.phase === 'revise' && order.author_id === first) || (order.phase === 'critique' && order.agent_id === first)
        return isLost ? failed(now, order) : good(now, order)
      },
    })
    expect(survivors(state).map((id) => [id, currentText(state, id)?.round])).toEqual([
      [first, 0],
      [second, 0],
      [third, 1],
    ])
    expect(state.ended).toMatchObject({ status: 'COMPLETED', reason: 'ranked' })
  })
})

describe('stopping at consensus', () => {
  const spec = sampleSpec({ rounds: 3, consensus_stop: true })
  /** Replies in which the revisions of round 2 are what `revise` makes of the text before. */
  const script =
    (revise: (text: string, agentId: string) => string) =>
    (state: RunState, order: CallOrder): Answer =>
      order.phase === 'revise' && order.round === 2
        ? completed(state, order, revise(currentText(state, order.author_id)?.content ?? '', order.author_id))
        : good(state, order)
  const rounds = (state: RunState) => state.steps.filter((step) => step.phase === 'critique').length
  const stops = (events: readonly RunEvent[]) =>
    events.flatMap((event) => (event.type === 'deliberation.rounds_stopped' ? [event.data] : []))

  test('holds no further round once a round left every text as it was, and says so', () => {
    const { state, events } = play(spec, { answer: script((text) => `${text.replaceAll(' ', '\n')}\n`) })
    expect(rounds(state)).toBe(2)
    expect(stops(events)).toEqual([
      {
        round: 2,
        reason: 'unchanged',
        mean_cosine: null,
        message: 'Round 2 left every text as it was (3 of 3 revised), so no further round was held.',
      },
    ])
    expect(state.steps.map((step) => step.phase).slice(-2)).toEqual(['check', 'score'])
    expect(state.ended).toMatchObject({ status: 'COMPLETED', reason: 'ranked', partial: false })
  })

  test.each([
    { what: 'one text still moved', answer: script((text, id) => (id.endsWith('2') ? `${text} More.` : text)) },
    {
      what: 'no revision came',
      answer: (state: RunState, order: CallOrder) =>
        order.phase === 'revise' && order.round === 2 ? failed(state, order) : good(state, order),
    },
  ])('goes on while $what', ({ answer }) => {
    const { state, events } = play(spec, { answer })
    expect(rounds(state)).toBe(3)
    expect(stops(events)).toEqual([])
  })

  test('is off unless asked for', () => {
    expect(rounds(play(sampleSpec({ rounds: 3 }), { answer: script((text) => text) }).state)).toBe(3)
  })

  test('says nothing after the last round, where there is nothing to stop', () => {
    expect(stops(play(sampleSpec({ rounds: 2, consensus_stop: true }), { answer: script((text) => text) }).events)).toEqual([])
  })
})

describe('stopping where the texts agree', () => {
  const spec = sampleSpec({ rounds: 2, consensus_stop: true, consensus_cosine: 0.9 })
  const stops = (events: readonly RunEvent[]) =>
    events.flatMap((event) => (event.type === 'deliberation.rounds_stopped' ? [event.data] : []))
  const typesOf = (events: readonly RunEvent[]) => events.map((event) => event.type.replace('deliberation.', ''))

  test('holds no round where the proposals are that alike, and says by which measure', () => {
    const { state, events } = play(spec, { alike: () => 0.9 })
    expect(stops(events)).toEqual([
      {
        round: 0,
        reason: 'agreed',
        mean_cosine: 0.9,
        message: 'The proposals agree at a mean cosine of 0.900 (wanted: 0.9; all-MiniLM-L6-v2), so no further round was held.',
      },
    ])
    expect(state.steps.map((step) => step.phase)).toEqual(['propose', 'check', 'score'])
    expect(typesOf(events).filter((type) => type === 'measured' || type === 'rounds_stopped')).toEqual([
      'measured',
      'rounds_stopped',
    ])
  })

  test('measures before each further round and stops after the first in which they agree', () => {
    const { state, events } = play(spec, { alike: ({ round }) => (round === 1 ? 0.95 : 0.899_999) })
    expect(stops(events)).toMatchObject([{ round: 1, reason: 'agreed', mean_cosine: 0.95 }])
    expect(state.steps.map((step) => step.phase)).toEqual(['propose', 'critique', 'revise', 'check', 'score'])
    expect(state.ended).toMatchObject({ status: 'COMPLETED', partial: false })
  })

  test.each([
    { what: 'they differ', run: spec, alike: 0.5, measures: 2 },
    { what: 'they could not be measured', run: spec, alike: null, measures: 2 },
    { what: 'only one text is there', run: sampleSpec({ ...spec, count: 1, agents: [sampleAgent(1)] }), alike: 1, measures: 0 },
    { what: 'no value was given', run: sampleSpec({ rounds: 2, consensus_stop: true }), alike: 1, measures: 0 },
  ])('goes on where $what', ({ run, alike, measures }) => {
    const { state, events } = play(run, { alike: () => alike })
    expect(stops(events)).toEqual([])
    expect(typesOf(events).filter((type) => type === 'measured')).toHaveLength(measures)
    expect(state.ended?.status).toBe('COMPLETED')
  })

  test('a run that waits for its measure takes it once, and ends by its deadline without', () => {
    const { state: begun } = play(spec, { answer: () => undefined })
    const waiting = openCalls(begun).reduce((state, order) => given(state, good(state, order)).state, begun)
    const order = measureBeforeRound(waiting)!
    expect([order.at, order.round, order.finals.length, openCalls(waiting).length]).toEqual(['round', 0, 3, 0])
    const after = applyEvents(waiting, decideMeasure(waiting, sampleMeasure(order, 0.5), 1), 1)
    expect([after.phase, after.round]).toEqual(['critique', 1])
    expect(decideMeasure(after, sampleMeasure(order, 1), 1)).toEqual([])
    const late = applyEvents(waiting, decideTime(waiting, spec.deadline), spec.deadline)
    expect(late.ended).toMatchObject({ status: 'TIMEOUT' })
    expect(measureBeforeRound(late)).toBeUndefined()
  })
})

describe('requirements', () => {
  const requirements = [
    { id: 'R1', text: 'Names a limit.' },
    { id: 'R2', text: 'Backs off.' },
  ]
  const spec = sampleSpec({ rounds: 0, requirements })
  const verdict = (quote: string, how: string) => ({ quote, verdict: how })

  /** A run in which each scorer's verdicts on both texts are these. */
  function judged(verdicts: Record<string, unknown>): RunState {
    const inPhase = (phase: CallPhase) => (state: RunState, order: CallOrder) => {
      const reply = goodReply(state, order)
      if (order.phase !== phase) return completed(state, order, reply)
      const scores = JSON.parse(reply) as object
      return completed(state, order, JSON.stringify({ ...scores, requirements: { A: verdicts, B: verdicts } }))
    }
    return play(spec, { answer: inPhase('score') }).state
  }

  test('are judged by each scorer, with a quote that is looked up in the text', () => {
    const state = judged({ R1: verdict('retry three times', 'met'), R2: verdict('waits longer', 'not met') })
    expect(state.scores[0]?.scores[0]?.requirements).toEqual([
      { requirement_id: 'R1', met: true, quote: 'retry three times', anchor: 'Proposal of agent-developer-00x: '.length },
      { requirement_id: 'R2', met: false, quote: 'waits longer', anchor: null },
    ])
  })

  test('are met by so many of those who judged them, and do not move the score', () => {
    const state = judged({ R1: verdict('', 'met'), R2: verdict('', 'not met') })
    expect(state.ranking?.[0]?.requirements).toEqual([
      { requirement_id: 'R1', met: 2, judged: 2 },
      { requirement_id: 'R2', met: 0, judged: 2 },
    ])
    expect(state.ranking?.[0]?.score).toBe(play(sampleSpec({ rounds: 0 })).state.ranking?.[0]?.score)
  })

  test.each([{ verdicts: { R1: verdict('', 'met') } }, { verdicts: { R1: verdict('', 'met'), R2: verdict('', 'perhaps') } }])(
    'left out by a scorer are not judged, and its scores still count ($verdicts)',
    ({ verdicts }) => {
      const state = judged(verdicts)
      expect(state.ranking?.[0]).toMatchObject({ scorers: 2 })
      expect(state.ranking?.[0]?.requirements[1]).toEqual({ requirement_id: 'R2', met: 0, judged: 0 })
    },
  )
})
