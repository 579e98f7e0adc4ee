import { ring, samplersOf } from './council.ts'
import { callKey, currentText, openStep, sampled, survivors, type RunState } from './state.ts'
import { seededShuffle } from './shuffle.ts'
import type { CallPhase, CallRef, PhaseName, RunSpec } from './types.ts'

/*
 * propose ─▶ { critique ─▶ revise } × rounds ─▶ check ─▶ score ─▶ rank ─▶ [select] ─▶ end
 * [samples of the baseline, all at once]  ─────┘
 */

export interface PlannedPhase {
  readonly phase: PhaseName
  readonly round: number
}

/** What the plan needs to know of a run; a form that has not been submitted knows it too. */
type PlanInput = Pick<RunSpec, 'rounds' | 'peer_review' | 'peer_scoring'> & {
  readonly agents: readonly unknown[]
  readonly architect: unknown
}

/** The phases of a run in which nothing fails. Phases after the rounds carry the number of the last round. */
export function phasePlan(spec: PlanInput): readonly PlannedPhase[] {
  const several = spec.agents.length >= 2
  const rounds = spec.peer_review && several ? spec.rounds : 0
  const review = Array.from({ length: rounds }, (_, i): PlannedPhase[] => [
    { phase: 'critique', round: i + 1 },
    { phase: 'revise', round: i + 1 },
  ])
  const after = (phase: PhaseName): PlannedPhase => ({ phase, round: rounds })
  return [
    { phase: 'propose', round: 0 },
    ...review.flat(),
    after('check'),
    ...(spec.peer_scoring && several ? [after('score')] : []),
    ...(spec.architect ? [after('select')] : []),
  ]
}

/** The planned phases not started yet, in order. */
export function phasesAhead(state: RunState): readonly PlannedPhase[] {
  const last = state.steps.at(-1)
  const plan = phasePlan(state.spec)
  return last ? plan.slice(plan.findIndex((each) => each.phase === last.phase && each.round === last.round) + 1) : plan
}

/** One model call that a phase asks for, with what it is shown. */
export type CallOrder =
  | { readonly phase: 'propose'; readonly round: number; readonly agent_id: string }
  | {
      readonly phase: 'critique'
      readonly round: number
      readonly agent_id: string
      readonly target_id: string
      readonly version: number
    }
  /** `agent_id` rewrites what `author_id` wrote: the author itself, or the critic where the run asks for that. */
  | {
      readonly phase: 'revise'
      readonly round: number
      readonly agent_id: string
      readonly author_id: string
      readonly critic_id: string
    }
  /** `shown`: the authors of the texts under the labels A, B, C … in the order shown. */
  | { readonly phase: 'score' | 'select'; readonly round: number; readonly agent_id: string; readonly shown: readonly string[] }

/** The calls a phase would make in this state: none where it has nothing to do (one survivor, nothing to revise). */
export function ordersOf(state: RunState, { phase, round }: PlannedPhase): readonly CallOrder[] {
  const authors = survivors(state)
  switch (phase) {
    case 'propose':
      return state.spec.agents.map(({ agent_id }) => ({ phase, round, agent_id }))
    case 'critique':
      return ring(authors).map(({ criticId, targetId }) => ({
        phase,
        round,
        agent_id: criticId,
        target_id: targetId,
        version: currentText(state, targetId)?.round ?? 0,
      }))
    case 'revise':
      return authors.flatMap((author_id) => {
        const given = state.critiques.find((each) => each.round === round && each.targetId === author_id)
        if (!given) return []
        const agent_id = state.spec.revision_by === 'critic' ? given.criticId : author_id
        return [{ phase, round, agent_id, author_id, critic_id: given.criticId }]
      })
    case 'check':
      return []
    case 'score':
      if (authors.length < 2) return []
      return authors.map((agent_id) => ({
        phase,
        round,
        agent_id,
        shown: shownTo(state.spec.seed, agent_id, [...authors, ...sampled(state)]),
      }))
    case 'select': {
      const shown = (state.ranking ?? []).slice(0, state.spec.architect_k).map((each) => each.agent_id)
      if (!state.spec.architect || shown.length < 2) return []
      return [{ phase, round, agent_id: state.spec.architect.agent_id, shown }]
    }
  }
}

/** The others' texts in this scorer's own order, fixed by the run's seed. */
function shownTo(seed: number, scorerId: string, authors: readonly string[]): readonly string[] {
  return seededShuffle(
    authors.filter((id) => id !== scorerId),
    `${seed}.score.${scorerId}`,
  )
}

/** The calls that draw the baseline's samples: proposals like any other, under names of their own. */
export function sampleOrders(spec: RunSpec): readonly CallOrder[] {
  return samplersOf(spec).map(({ agent_id }) => ({ phase: 'propose', round: 0, agent_id }))
}

/** The calls of what is open now, answered or not: of the phase, and of the samples until they are checked. */
export function currentCalls(state: RunState): readonly CallOrder[] {
  if (state.ended) return []
  const step = openStep(state)
  const own = step ? ordersOf(state, step).filter((order) => step.expected.includes(order.agent_id)) : []
  return state.sampling === 'open' ? [...own, ...sampleOrders(state.spec)] : own
}

/** Calls of what is open now that have no answer yet. */
export function openCalls(state: RunState): readonly CallOrder[] {
  return currentCalls(state).filter((order) => !state.settled.has(callKey(order)))
}

/** The debate has to wait for samples before the texts are checked. With a quorum the same share of them is enough. */
export function awaitsSamples(state: RunState): boolean {
  if (state.sampling !== 'open') return false
  const outcomes = sampleOrders(state.spec).map((order) => state.settled.get(callKey(order)))
  if (outcomes.every((outcome) => outcome !== undefined)) return false
  const { quorum, agents } = state.spec
  const enough = quorum === null ? Infinity : Math.ceil((outcomes.length * quorum) / agents.length)
  return outcomes.filter((outcome) => outcome === 'answered').length < enough
}

/** Calls that a quorum went on without: what they may still say changes nothing. */
export function passedOver(state: RunState): readonly CallRef[] {
  if (state.spec.quorum === null) return []
  const closed = state.steps.filter(({ endedAt }) => endedAt !== null)
  const calls = closed.flatMap(({ phase, round, expected }) =>
    phase === 'check' ? [] : expected.map((agent_id): CallRef => ({ phase, round, agent_id })),
  )
  const samples = state.sampling === 'closed' ? sampleOrders(state.spec) : []
  return [...calls, ...samples].filter((call) => !state.settled.has(callKey(call)))
}

/** The open call that an answer belongs to, if there is one. */
export function openCall(state: RunState, call: { phase: CallPhase; round: number; agent_id: string }): CallOrder | undefined {
  const key = callKey(call)
  return openCalls(state).find((order) => callKey(order) === key)
}
