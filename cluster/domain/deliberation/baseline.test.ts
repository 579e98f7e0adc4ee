import { describe, expect, test } from 'vitest'
import { planBaseline } from './baseline.ts'
import { decideAnswer, decideCancel, decideTime } from './decide.ts'
import { estimateRun } from './estimate.ts'
import { labelOf } from './labels.ts'
import { openCalls } from './plan.ts'
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
  sampleSpec,
} from './sample-runs.ts'
import { applyEvents, type RunState } from './state.ts'
import type { RunEvent, RunSpec } from './types.ts'

const isSample = (id: string): boolean => id.startsWith('sample-')
const withBaseline = (more: Partial<RunSpec> & { count?: number } = {}): RunSpec =>
  sampleSpec({ baseline: sampleBaseline(3), ...more })
/** Samples stay open; everyone else answers. */
const debateOnly = (more: Partial<RunSpec> = {}): RunState =>
  play(withBaseline(more), {
    answer: (state, order) => (isSample(order.agent_id) ? undefined : completed(state, order, goodReply(state, order))),
  }).state
const rankedOf = (events: readonly RunEvent[]) => events.find((event) => event.type === 'deliberation.ranked')?.data

function answer(state: RunState, id: string, how: 'completed' | 'failed' = 'completed'): RunState {
  const order = { phase: 'propose', round: 0, agent_id: id } as const
  const given = how === 'failed' ? failed(state, order) : completed(state, order, `Sample of ${id}.`)
  const decision = decideAnswer(state, given, 10)
  if (decision.kind !== 'events' && decision.kind !== 'late') throw new Error(decision.kind)
  return applyEvents(state, decision.events, 10)
}

describe('the samples of a baseline', () => {
  test('are drawn beside the debate, each once, and never take part in it', () => {
    const { calls, events, state } = play(withBaseline())
    const drawn = calls.filter((order) => isSample(order.agent_id))
    expect(drawn.map((order) => [order.phase, order.round, order.agent_id])).toEqual(
      ['sample-01', 'sample-02', 'sample-03'].map((id) => ['propose', 0, id]),
    )
    expect(calls).toHaveLength(15)
    expect(state.ended).toMatchObject({ status: 'COMPLETED', partial: false })
    const ranked = rankedOf(events)
    expect(ranked?.ranking.map((place) => place.agent_id).some(isSample)).toBe(false)
    expect(ranked?.samples?.map((place) => [place.rank, place.scorers])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ])
  })

  test('are scored with the final texts in one blind pass, mixed by the seed, by everyone', () => {
    const shown = (seed: number) =>
      play(withBaseline({ seed })).calls.flatMap((order) => (order.phase === 'score' ? [order.shown] : []))
    for (const order of shown(1)) expect(order.filter(isSample)).toHaveLength(3)
    expect(shown(1)).toEqual(shown(1))
    expect(shown(1)).not.toEqual(shown(2))
    expect(shown(1).some((order) => order.findIndex(isSample) < order.findLastIndex((id) => !isSample(id)))).toBe(true)
  })

  test('are waited for before the texts are checked', () => {
    const waiting = debateOnly()
    expect([waiting.phase, openCalls(waiting).map((order) => order.agent_id)]).toEqual([
      'revise',
      ['sample-01', 'sample-02', 'sample-03'],
    ])
    const checking = answer(answer(answer(waiting, 'sample-01'), 'sample-02'), 'sample-03')
    expect([checking.phase, checking.steps.at(-1)?.expected.filter(isSample)]).toEqual([
      'check',
      ['sample-01', 'sample-02', 'sample-03'],
    ])
  })

  test('may be lost without the run failing or being partial', () => {
    const { state, events } = play(withBaseline(), {
      answer: (now, order) => (isSample(order.agent_id) ? failed(now, order) : completed(now, order, goodReply(now, order))),
    })
    expect(state.ended).toMatchObject({ status: 'COMPLETED', partial: false })
    expect(rankedOf(events)?.samples).toEqual([])
  })

  test('do not save a run whose agents all failed', () => {
    const { state } = play(withBaseline(), {
      answer: (now, order) => (isSample(order.agent_id) ? completed(now, order, 'Sample.') : failed(now, order)),
    })
    expect(state.ended).toMatchObject({ status: 'FAILED', reason: 'all_failed', winner_id: null })
  })

  test('are enough at the share of the quorum; what comes later is kept as late', () => {
    const waiting = debateOnly({ quorum: 2 })
    expect(answer(waiting, 'sample-01').phase).toBe('revise')
    const checking = answer(answer(waiting, 'sample-01'), 'sample-03')
    expect(checking.phase).toBe('check')
    const late = answer(checking, 'sample-02')
    expect([late.late.size > checking.late.size, late.samples.has('sample-02')]).toEqual([true, false])
  })

  test('can be retried until the texts are checked', () => {
    const lost = answer(debateOnly(), 'sample-02', 'failed')
    const decision = decideRetry(lost, 'sample-02', 'command-1')
    const again = decision.kind === 'events' ? applyEvents(lost, decision.events, 11) : lost
    expect(openCalls(again).map((order) => order.agent_id)).toEqual(['sample-01', 'sample-02', 'sample-03'])
    expect(decideRetry(play(withBaseline()).state, 'sample-02', 'command-1').kind).toBe('refused')
  })

  test('at the deadline are ranked with what is there, and a cancelled run ranks nothing', () => {
    const waiting = answer(debateOnly(), 'sample-01')
    const ended = decideTime(waiting, DEADLINE, passedChecks(waiting))
    expect(rankedOf(ended)?.samples?.map((place) => [place.agent_id, place.checks_score])).toEqual([['sample-01', 1]])
    expect(rankedOf(decideCancel(waiting, 'ann'))).toBeUndefined()
  })

  test('are left out, and said to be, where the run’s limit has no room for them', () => {
    const limits = { ...sampleSpec().limits, tokens: 6500 }
    const { events, state } = play(withBaseline({ limits }), { answer: () => undefined })
    expect(events.at(-1)).toEqual({
      type: 'deliberation.baseline_skipped',
      data: { message: 'No baseline: 3 samples beside the debate could pass the token limit of the run.' },
    })
    expect(openCalls(state)).toHaveLength(3)
  })

  test('do not change the agreement that is measured on the final texts', () => {
    const scored = (baseline: RunSpec['baseline']) =>
      rank(
        play(sampleSpec({ baseline }), {
          answer: (now, order) =>
            completed(
              now,
              order,
              goodReply(now, order, (id) => (isSample(id) ? 9 : id.charCodeAt(id.length - 1) % 11)),
            ),
        }).state,
      ).agreement
    expect(scored(null)).not.toBeNull()
    expect(scored(sampleBaseline(3))).toBe(scored(null))
  })
})

describe('how many samples are drawn', () => {
  const draft = (more: Partial<RunSpec> & { count?: number } = {}) =>
    sampleSpec({ agents: [1, 2, 3].map((n) => sampleAgent(n, { context_tokens: 131_072 })), ...more })

  test('follows from the tokens of the debate’s text calls', () => {
    const spec = draft()
    const baseline = planBaseline(spec)
    const [one] = estimateRun(spec, []).phases
    const perSample = ((one?.tokens_in ?? 0) + (one?.tokens_out ?? 0)) / 3
    expect(baseline.agents.length).toBe(Math.round(baseline.debate_tokens / perSample))
    expect(Math.abs(baseline.sample_tokens - baseline.debate_tokens)).toBeLessThan(perSample)
  })

  test('is as many as there are agents where there is nothing but proposals', () => {
    expect(planBaseline(draft({ rounds: 0 })).agents).toHaveLength(3)
  })

  test('is at most 15, and no more than the contexts of the scorers hold', () => {
    expect(planBaseline(draft({ rounds: 5 })).agents).toHaveLength(15)
    const narrow = planBaseline(sampleSpec({ count: 3, rounds: 5 }))
    expect(narrow.agents.length).toBeLessThan(15)
    expect(narrow.agents.length).toBeGreaterThan(0)
  })

  test('is in the estimate, with longer scoring', () => {
    const spec = draft()
    const without = estimateRun(spec, [])
    const estimate = estimateRun({ ...spec, baseline: planBaseline(spec) }, [])
    const scoring = ({ phases }: typeof estimate) => phases.find(({ phase }) => phase === 'score')?.tokens_in ?? 0
    expect(estimate.calls).toBe(without.calls + (estimate.baseline?.calls ?? 0))
    expect(scoring(estimate)).toBeGreaterThan(scoring(without))
  })

  test('takes the longer of debate and samples, and no less than both take of one engine', () => {
    const spec = draft()
    const rate = (parallel: number) => [{ model: spec.agents[0]!.model, tokensPerSecond: 10, parallel }]
    const took = (parallel: number) => {
      const { duration_ms, phases } = estimateRun({ ...spec, baseline: planBaseline(spec) }, rate(parallel))
      return { all: duration_ms ?? 0, debate: phases.reduce((sum, phase) => sum + (phase.duration_ms ?? 0), 0) }
    }
    expect(took(1).all).toBeGreaterThan(took(1).debate)
    expect(took(100).all).toBe(took(100).debate)
  })
})

test('texts beyond the 26th have names too', () => {
  expect([0, 25, 26, 28].map(labelOf)).toEqual(['A', 'Z', 'AA', 'AC'])
})
