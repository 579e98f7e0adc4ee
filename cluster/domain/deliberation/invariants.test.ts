import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decideAnswer, decideCancel, decideChecks, decideMeasure, decideSubmit, decideTime } from './decide.ts'
import { openCalls, phasePlan, type CallOrder } from './plan.ts'
import { rank } from './rank.ts'
import { decideRetry } from './retry.ts'
import {
  completed,
  DEADLINE,
  failed,
  goodReply,
  passedChecks,
  play,
  sampleAgent,
  sampleBaseline,
  sampleMeasure,
  sampleSpec,
} from './sample-runs.ts'
import { measureBeforeRound } from './similarity.ts'
import { applyEvent, applyEvents, callKey, currentText, isTerminal, survivors, type RunState } from './state.ts'
import type { Answer, CallAttempt, RunEvent, RunSpec } from './types.ts'

const specs: fc.Arbitrary<RunSpec> = fc
  .record({
    count: fc.integer({ min: 1, max: 4 }),
    rounds: fc.integer({ min: 0, max: 2 }),
    seed: fc.nat(1000),
    peer_review: fc.boolean(),
    revision_by: fc.constantFrom('author' as const, 'critic' as const),
    peer_scoring: fc.boolean(),
    withArchitect: fc.boolean(),
    quorum: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, fc.integer({ min: 1, max: 4 })),
    consensus_stop: fc.boolean(),
    consensus_cosine: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, fc.constantFrom(0, 0.5, 1)),
    samples: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 3 })),
    tokens: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.integer({ min: 100, max: 40_000 })),
  })
  .map(({ withArchitect, tokens, samples, ...more }) =>
    sampleSpec({
      ...more,
      baseline: samples > 0 ? sampleBaseline(samples) : null,
      architect: withArchitect ? sampleAgent(9, { agent_id: 'architect' }) : null,
      limits: { timeout_ms: DEADLINE, call_timeout_ms: 60_000, max_retries: 2, tokens, cost_micro_usd: null },
    }),
  )

/** What can happen to a run from outside; `pick` says to which of the open calls or earlier answers. */
type Move = {
  readonly kind: 'retry' | 'good' | 'same' | 'garbled' | 'failed' | 'again' | 'stray' | 'checks' | 'tick' | 'deadline' | 'cancel'
  readonly pick: number
}

const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.record({
    kind: fc.oneof(
      { weight: 12, arbitrary: fc.constant('good' as const) },
      { weight: 4, arbitrary: fc.constantFrom('checks' as const, 'same' as const, 'retry' as const) },
      {
        weight: 3,
        arbitrary: fc.constantFrom('garbled' as const, 'failed' as const, 'again' as const, 'stray' as const, 'tick' as const),
      },
      { weight: 1, arbitrary: fc.constantFrom('deadline' as const, 'cancel' as const) },
    ),
    pick: fc.nat(100),
  }),
  { maxLength: 60 },
)

interface Walk {
  readonly states: readonly RunState[]
  readonly log: readonly { readonly event: RunEvent; readonly at: number }[]
}

/** Takes a run through the moves as a collector, a clock and an operator would. */
function walk(spec: RunSpec, path: readonly Move[]): Walk {
  const log = decideSubmit(spec).map((event) => ({ event, at: 0 }))
  let state = applyEvents(
    undefined,
    log.map(({ event }) => event),
    0,
  )
  const states = [state]
  const sent: Answer[] = []
  for (const [i, move] of path.entries()) {
    const now = i + 1
    const events = eventsOf(state, move, sent, now)
    log.push(...events.map((event) => ({ event, at: now })))
    state = events.reduce((before, event) => applyEvent(before, event, now), state)
    states.push(state)
  }
  return { states, log }
}

function eventsOf(state: RunState, { kind, pick }: Move, sent: Answer[], now: number): readonly RunEvent[] {
  const take = (answer: Answer | undefined): readonly RunEvent[] => {
    if (!answer) return []
    const decision = decideAnswer(state, answer, now)
    if (decision.kind === 'events' || decision.kind === 'late') sent.push(answer)
    return 'events' in decision ? decision.events : []
  }
  const open = openCalls(state)
  const order = open[pick % Math.max(1, open.length)]
  switch (kind) {
    case 'good':
      return take(
        order &&
          completed(
            state,
            order,
            goodReply(state, order, (id) => (id.charCodeAt(id.length - 1) * pick) % 11),
          ),
      )
    case 'same':
      return take(order && completed(state, order, sameText(state, order)))
    case 'garbled':
      return take(order && completed(state, order, '{"half":'))
    case 'failed':
      return take(order && failed(state, order))
    case 'again':
      return take(sent[pick % Math.max(1, sent.length)])
    case 'stray': {
      const step = state.steps[pick % Math.max(1, state.steps.length)]
      const agent_id = step?.expected[0]
      if (!step || agent_id === undefined || step.phase === 'check') return []
      const { phase, round } = step
      return take(failed(state, { phase, round, agent_id } as Parameters<typeof failed>[1]))
    }
    case 'retry': {
      const failure = state.failures[pick % Math.max(1, state.failures.length)]
      const decision = failure && decideRetry(state, failure.agent_id, `command-${now}`)
      return decision?.kind === 'events' ? decision.events : []
    }
    case 'checks': {
      const due = measureBeforeRound(state)
      if (due) return decideMeasure(state, sampleMeasure(due, pick === 0 ? null : pick / 100), now)
      return decideChecks(state, passedChecks(state), now)
    }
    case 'tick':
      return decideTime(state, now)
    case 'deadline':
      return decideTime(state, DEADLINE + now)
    case 'cancel':
      return decideCancel(state, 'operator')
  }
}

/** A revision that changes nothing. */
function sameText(state: RunState, order: CallOrder): string {
  return (order.phase === 'revise' && currentText(state, order.author_id)?.content) || goodReply(state, order)
}

const attemptKey = (call: CallAttempt): string => `${callKey(call)}.${call.attempt ?? 1}`

const last = <T>(items: readonly T[]): T => items[items.length - 1]!

function holds(property: (walked: Walk, spec: RunSpec) => void): void {
  fc.assert(
    fc.property(specs, moves, (spec, path) => property(walk(spec, path), spec)),
    { numRuns: 300 },
  )
}

test('every expected answer counts at most once for each attempt', () => {
  holds(({ log }) => {
    const counted = log.flatMap(({ event }) =>
      event.type === 'deliberation.answered' || event.type === 'deliberation.call_failed' ? [attemptKey(event.data)] : [],
    )
    expect(new Set(counted).size).toBe(counted.length)
    const late = log.flatMap(({ event }) => (event.type === 'deliberation.late_answer' ? [attemptKey(event.data)] : []))
    expect(new Set([...late, ...counted]).size).toBe(late.length + counted.length)
  })
})

test('a run ends once, and from then on only late answers are added', () => {
  holds(({ states, log }) => {
    const at = log.findIndex(({ event }) => event.type === 'deliberation.ended')
    expect(log.filter(({ event }) => event.type === 'deliberation.ended').length).toBe(at < 0 ? 0 : 1)
    if (at >= 0) for (const { event } of log.slice(at + 1)) expect(event.type).toBe('deliberation.late_answer')
    const end = states.find(isTerminal)
    if (end) expect({ ...last(states), late: end.late }).toEqual(end)
  })
})

test('the log tells the whole state: folding it again gives the same', () => {
  holds(({ states, log }) => {
    const again = log.reduce<RunState | undefined>((state, { event, at }) => applyEvent(state, event, at), undefined)
    expect(again).toEqual(last(states))
  })
})

test('check 4: a run replays to the same ranking from its events alone', () => {
  holds(({ log }) => {
    const fresh = log.reduce<RunState | undefined>((state, { event, at }) => applyEvent(state, event, at), undefined)
    const stored = log.find(({ event }) => event.type === 'deliberation.ranked')?.event.data
    if (fresh && stored) expect(rank(fresh)).toEqual(stored)
  })
})

test('the ranking has every proposal once, in ranks 1, 2, 3 …, and the winner is one of them', () => {
  holds(({ states }) => {
    const { ranking, ended, selection } = last(states)
    if (!ranking) return
    expect(ranking.map((each) => each.agent_id).toSorted()).toEqual(survivors(last(states)).toSorted())
    expect(ranking.map((each) => each.rank)).toEqual(ranking.map((_, i) => i + 1))
    if (selection) expect(ended?.winner_id).toBe(selection.agent_id)
    if (ended?.winner_id) expect(ranking.map((each) => each.agent_id)).toContain(ended.winner_id)
  })
})

test('samples of the baseline have places of their own and never win', () => {
  holds(({ states }, spec) => {
    const { ranking, samples, ended, selection } = last(states)
    const ids = spec.baseline?.agents.map((agent) => agent.agent_id) ?? []
    for (const id of samples.keys()) expect(ids).toContain(id)
    for (const place of ranking ?? []) expect(ids).not.toContain(place.agent_id)
    expect(ids).not.toContain(ended?.winner_id ?? '')
    expect(ids).not.toContain(selection?.agent_id ?? '')
  })
})

test('a failed sample fails no run, and what is checked or scored is never a sample that came too late', () => {
  holds(({ states }) => {
    const { checks, samples, scores, texts } = last(states)
    const known = new Set([...texts.keys(), ...samples.keys()])
    for (const { agent_id } of checks ?? []) expect(known).toContain(agent_id)
    for (const given of scores) {
      expect(given.scores.map((each) => each.author_id)).not.toContain(given.scorerId)
      expect(new Set(given.scores.map((each) => each.author_id)).size).toBe(texts.size - 1 + samples.size)
    }
  })
})

test('whoever rewrites a text, it stays its author’s, and nobody scores a text of its own', () => {
  holds(({ states, log }, spec) => {
    const { texts, critiques } = last(states)
    for (const { event } of log) {
      if (event.type !== 'deliberation.answered' || event.data.contribution.kind !== 'revision') continue
      const { agent_id: by, round, contribution } = event.data
      const author = contribution.author_id ?? by
      expect(critiques).toContainEqual(expect.objectContaining({ round, targetId: author, criticId: contribution.critic_id }))
      expect(by).toBe(spec.revision_by === 'critic' ? contribution.critic_id : author)
      expect(texts.get(author)?.some((text) => text.round === round)).toBe(true)
    }
    for (const given of last(states).scores) expect(given.scores.map((each) => each.author_id)).not.toContain(given.scorerId)
  })
})

test('phases start in the order of the plan, and while a run is in motion one is open or a measure is due', () => {
  holds(({ states, log }, spec) => {
    const plan = phasePlan(spec).map(({ phase, round }) => `${round}.${phase}`)
    const places = log.flatMap(({ event }) =>
      event.type === 'deliberation.phase_started' ? [plan.indexOf(`${event.data.round}.${event.data.phase}`)] : [],
    )
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places).not.toContain(-1)
    for (const state of states) {
      expect(state.phase === null).toBe(isTerminal(state))
      if (!isTerminal(state) && state.phase !== 'check' && !measureBeforeRound(state))
        expect(openCalls(state).length).toBeGreaterThan(0)
    }
  })
})

test('only FAILED has no ranking while there are proposals to rank, or the run was cancelled', () => {
  holds(({ states }) => {
    const { ended, ranking, texts } = last(states)
    if (!ended || ended.status === 'CANCELLED') return
    expect(ranking !== null).toBe(texts.size > 0)
    expect(ended.status === 'FAILED').toBe(texts.size === 0 && ended.reason !== 'deadline')
  })
})

test('a run ends when every call is answered, however the answers turn out', () => {
  fc.assert(
    fc.property(specs, fc.array(fc.nat(5), { minLength: 1, maxLength: 30 }), (spec, dice) => {
      let throws = 0
      const { state } = play(spec, {
        answer: (now, order) => {
          const thrown = dice[throws++ % dice.length]
          return thrown === 0 ? failed(now, order) : completed(now, order, thrown === 1 ? 'not JSON' : goodReply(now, order))
        },
      })
      expect(isTerminal(state)).toBe(true)
    }),
    { numRuns: 300 },
  )
})
