import { endRun } from './ending.ts'
import { interpret } from './interpret.ts'
import { openCall, type CallOrder } from './plan.ts'
import { goOn, nextPhase } from './progress.ts'
import { measureBeforeRound } from './similarity.ts'
import { standingOf } from './standing.ts'
import { applyEvents, finalTexts, isTerminal, judgedTexts, openStep, type RunState } from './state.ts'
import type { AgentChecks, Answer, FailureKind, Measured, RunEvent, RunSpec } from './types.ts'

/** The first events of a run: it is accepted and every agent is asked to propose. */
export function decideSubmit(spec: RunSpec): readonly RunEvent[] {
  const submitted: RunEvent = { type: 'deliberation.submitted', data: { spec } }
  return [submitted, ...nextPhase(applyEvents(undefined, [submitted], 0))]
}

export type AnswerDecision =
  | { readonly kind: 'events'; readonly events: readonly RunEvent[] }
  /** Counted before: nothing changes. */
  | { readonly kind: 'duplicate' }
  /** Its phase closed or the run ended before it came; kept as late. */
  | { readonly kind: 'late'; readonly events: readonly RunEvent[] }
  /** No call of this run asked for it. */
  | { readonly kind: 'unknown' }

/**
 * What an answer does to a run: it is read and recorded, or recorded as failed; where it closes the phase the next one starts or
 * the run ends. All in one list, to be appended as one.
 */
export function decideAnswer(state: RunState, answer: Answer, now: number): AnswerDecision {
  const { round, phase, agent_id, metrics } = answer
  const standing = standingOf(state, answer)
  if (answer.task_id !== state.spec.task_id || standing === 'unexpected') return { kind: 'unknown' }
  if (standing === 'counted') return { kind: 'duplicate' }
  const order = openCall(state, answer)
  const recorded: RunEvent = order
    ? record(state, order, answer)
    : { type: 'deliberation.late_answer', data: { round, phase, agent_id, ...again(answer), kind: answer.kind, metrics } }
  const after = applyEvents(state, [recorded], now)
  return { kind: order ? 'events' : 'late', events: isTerminal(state) ? [recorded] : [recorded, ...goOn(after, now)] }
}

/** How alike the texts are before a further round, and what follows; nothing where no such measure is due. */
export function decideMeasure(state: RunState, measured: Measured, now: number): readonly RunEvent[] {
  const due = measureBeforeRound(state)
  if (due?.round !== measured.round || measured.at !== 'round') return []
  const event = measuredEvent(measured)
  return [event, ...goOn(applyEvents(state, [event], now), now)]
}

/** The results of the check phase with what was measured beside them, and what follows; nothing outside that phase. */
export function decideChecks(
  state: RunState,
  results: readonly AgentChecks[],
  now: number,
  measured?: Measured,
): readonly RunEvent[] {
  if (openStep(state)?.phase !== 'check') return []
  const found = [...(measured ? [measuredEvent(measured)] : []), checkedEvent(state, results)]
  return [...found, ...goOn(applyEvents(state, found, now), now)]
}

/** TIMEOUT once the deadline has passed: what is there is ranked, with `checks` where the check phase has not run yet. */
export function decideTime(state: RunState, now: number, checks?: readonly AgentChecks[]): readonly RunEvent[] {
  if (isTerminal(state) || now < state.spec.deadline) return []
  if (!checks || state.checks !== null || finalTexts(state).length === 0) return endRun(state, { kind: 'deadline' })
  const checked = checkedEvent(state, checks)
  return [checked, ...endRun(applyEvents(state, [checked], now), { kind: 'deadline' })]
}

/** CANCELLED by an operator; nothing when the run has ended. */
export function decideCancel(state: RunState, by: string): readonly RunEvent[] {
  return isTerminal(state) ? [] : endRun(state, { kind: 'cancelled', by })
}

function record(state: RunState, order: CallOrder, answer: Answer): RunEvent {
  const { round, phase, agent_id, metrics, repair } = answer
  const failed = (error: string, error_type: FailureKind, content: string | null): RunEvent => ({
    type: 'deliberation.call_failed',
    data: { round, phase, agent_id, ...again(answer), error, error_type, content, metrics, repair },
  })
  if (answer.kind === 'failed') return failed(answer.error, answer.error_type, answer.content)
  const read = interpret(state, order, answer)
  if (read.kind === 'fault') return failed(read.fault, 'invalid_output', answer.content)
  const { reasoning, served_model, finish, repaired, degraded } = answer
  return {
    type: 'deliberation.answered',
    data: {
      round,
      phase,
      agent_id,
      ...again(answer),
      contribution: read.contribution,
      reasoning,
      served_model,
      truncated: finish === 'length',
      repaired,
      degraded,
      metrics,
      repair,
    },
  }
}

/** An event names its attempt where it is not the first. */
const again = ({ attempt = 1 }: Answer): { readonly attempt?: number } => (attempt > 1 ? { attempt } : {})
const measuredEvent = (data: Measured): RunEvent => ({ type: 'deliberation.measured', data })

function checkedEvent(state: RunState, results: readonly AgentChecks[]): RunEvent {
  const judged = new Set(judgedTexts(state).map((each) => each.agent_id))
  return { type: 'deliberation.checked', data: { results: results.filter((each) => judged.has(each.agent_id)) } }
}
