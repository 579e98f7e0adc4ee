import { describe, expect, test } from 'vitest'
import { composeCall } from './compose.ts'
import { decideAnswer, decideCancel } from './decide.ts'
import { openCalls } from './plan.ts'
import { decideRetry } from './retry.ts'
import { completed, failed, goodReply, play, sampleSpec } from './sample-runs.ts'
import { applyEvents, attemptOf, type RunState } from './state.ts'
import type { RunSpec } from './types.ts'

const A1 = 'agent-developer-001'
const A2 = 'agent-developer-002'

/** A run in which one agent's first proposal failed and the others have not answered. */
function withOneLost(more: Partial<RunSpec> = {}): RunState {
  return play(sampleSpec(more), {
    answer: (state, order) => (order.agent_id === A1 && attemptOf(state, order) === 1 ? failed(state, order) : undefined),
  }).state
}

function retried(state: RunState, agentId = A1, commandId = 'command-1'): RunState {
  const decision = decideRetry(state, agentId, commandId)
  if (decision.kind !== 'events') throw new Error(decision.message)
  return applyEvents(state, decision.events, 5)
}

describe('a failed call made again', () => {
  test('is open anew as its second attempt, and the agent takes part again', () => {
    const state = retried(withOneLost())
    expect(openCalls(state).map((order) => [order.agent_id, attemptOf(state, order)])).toEqual([
      [A1, 2],
      [A2, 1],
      ['agent-developer-003', 1],
    ])
    expect(state.failures).toEqual([])
    let now = state
    for (const order of openCalls(state)) {
      const answer = { ...completed(now, order, goodReply(now, order)), attempt: attemptOf(now, order) }
      const decision = decideAnswer(now, answer, 10)
      if (decision.kind === 'events') now = applyEvents(now, decision.events, 10)
    }
    expect([now.texts.size, now.phase]).toEqual([3, 'critique'])
  })

  test('keeps what its first attempt used, and draws from another seed', () => {
    const before = withOneLost()
    const after = retried(before)
    const order = { phase: 'propose', round: 0, agent_id: A1 } as const
    const prompts = { ...emptyPrompts }
    const seed = (state: RunState) => composeCall(state, order, prompts, { countTokens: (text) => text.length }).seed
    expect(after.spent).toEqual(before.spent)
    expect(seed(after)).not.toBe(seed(before))
  })

  test('answers of its first attempt change nothing any more, and those of one never made are unknown', () => {
    const state = retried(withOneLost())
    const order = { phase: 'propose', round: 0, agent_id: A1 } as const
    const answer = completed(state, order, 'Too late.', { attempt: 1 })
    expect(decideAnswer(state, answer, 10).kind).toBe('duplicate')
    expect(decideAnswer(state, { ...answer, attempt: 3 }, 10).kind).toBe('unknown')
    expect(decideAnswer(state, { ...answer, attempt: 2 }, 10)).toMatchObject({
      kind: 'events',
      events: [{ type: 'deliberation.answered', data: { attempt: 2 } }],
    })
  })

  test('is made once for one command, and once more for another after it failed again', () => {
    const state = retried(withOneLost())
    expect(decideRetry(state, A1, 'command-1')).toEqual({
      kind: 'events',
      events: [],
      call: { round: 0, phase: 'propose', agent_id: A1, attempt: 2 },
    })
    const answer = { ...failed(state, { phase: 'propose', round: 0, agent_id: A1 }), attempt: 2 }
    const again = decideAnswer(state, answer, 10)
    const lost = again.kind === 'events' ? applyEvents(state, again.events, 10) : state
    expect(attemptOf(retried(lost, A1, 'command-2'), { phase: 'propose', round: 0, agent_id: A1 })).toBe(3)
  })

  test('of a log that repeats events counts as it did the first time', () => {
    const before = withOneLost()
    const decision = decideRetry(before, A1, 'command-1')
    const events = decision.kind === 'events' ? decision.events : []
    const once = applyEvents(before, events, 5)
    const failure = before.failures.map((data) => ({ type: 'deliberation.call_failed' as const, data }))
    expect(applyEvents(once, [...events, ...failure], 5)).toEqual(once)
  })
})

describe('a retry is refused, with what to do instead,', () => {
  const messageOf = (state: RunState, agentId: string) => {
    const decision = decideRetry(state, agentId, 'command-1')
    return decision.kind === 'events' ? '' : decision.message
  }

  test('when the phase of the failed call has closed', () => {
    const { state } = play(sampleSpec(), {
      answer: (now, order) =>
        order.phase !== 'propose'
          ? undefined
          : order.agent_id === A1
            ? failed(now, order)
            : completed(now, order, goodReply(now, order)),
    })
    expect(messageOf(state, A1)).toBe(
      `The propose phase, in which the call of ${A1} failed, has closed: others have built on it. Re-run with changes instead.`,
    )
  })

  test('when the run has ended, also because everyone failed', () => {
    const { state } = play(sampleSpec(), { answer: failed })
    expect(messageOf(state, A1)).toBe('The run has ended (FAILED). Re-run it with changes instead.')
    const cancelled = applyEvents(withOneLost(), decideCancel(withOneLost(), 'ann'), 9)
    expect(messageOf(cancelled, A1)).toContain('CANCELLED')
  })

  test('when the call is under way, was never lost, or the agent is none of the run', () => {
    const state = withOneLost()
    expect(messageOf(state, A2)).toBe(`The propose call of ${A2} is still under way; wait for how it ends.`)
    expect(messageOf(state, 'nobody')).toContain('The run has no agent nobody; it has ')
    const order = openCalls(state)[0]
    const decision = order && decideAnswer(state, completed(state, order, 'Text.'), 6)
    const answered = decision?.kind === 'events' ? applyEvents(state, decision.events, 6) : state
    expect(messageOf(answered, A2)).toBe(`No call of ${A2} has failed: there is nothing to make again.`)
  })

  test('when one more call could pass a limit of the run', () => {
    const limits = { ...sampleSpec().limits, tokens: 6000 }
    expect(messageOf(withOneLost({ limits }), A1)).toBe('')
    const spent = { ...withOneLost({ limits }), spent: { tokensIn: 5500, tokensOut: 0, costMicroUsd: 0 } }
    expect(messageOf(spent, A1)).toBe('One more call could pass the token limit of the run. Re-run with a higher limit.')
  })
})

const phase = { system: '{{brief}}', user: '{{task}}' }
const emptyPrompts = {
  version: 'v',
  brief: '',
  requirements: '',
  metadata: '',
  diversity: '',
  material: '',
  candidate: '',
  judge_requirements: '',
  attachments: '',
  phases: { propose: phase, critique: phase, revise: phase, score: phase, select: phase },
}
