import { endRun } from './ending.ts'
import { consensus, isStopped } from './consensus.ts'
import { awaitsSamples, ordersOf, phasePlan, phasesAhead, sampleOrders, type CallOrder, type PlannedPhase } from './plan.ts'
import { limitBefore, limitPassed, type LimitReason } from './spending.ts'
import { applyEvent, openStep, sampled, survivors, type RunState } from './state.ts'
import { rank } from './rank.ts'
import { measureBeforeRound } from './similarity.ts'
import type { RunEvent } from './types.ts'

/**
 * What follows now that something was recorded: nothing while the phase waits for more, else the next phase or the end.
 * A deadline or limit that has passed ends the run at once.
 */
export function goOn(state: RunState, now: number): readonly RunEvent[] {
  if (now >= state.spec.deadline) return endRun(state, { kind: 'deadline' })
  if (!openStep(state)) return nextPhase(state)
  const reason = limitPassed(state)
  return reason ? endRun(state, { kind: 'limit', reason }) : []
}

/**
 * Starts the first phase ahead that has something to do. One that could pass a limit is not started: the run then goes on to
 * CHECK, which costs nothing, and ends there. CHECK waits for the samples of the baseline.
 */
export function nextPhase(state: RunState): readonly RunEvent[] {
  const authors = survivors(state)
  const isFirst = state.steps.length === 0
  if (!isFirst && authors.length === 0) return endRun(state, { kind: 'all_failed' })
  const skipped = state.checks === null ? null : limitThatSkipped(state)
  if (skipped) return endRun(state, { kind: 'limit', reason: skipped })

  const stop = consensus(state)
  if (stop !== null) {
    const stopped: RunEvent = { type: 'deliberation.rounds_stopped', data: stop }
    return [stopped, ...nextPhase(applyEvent(state, stopped, 0))]
  }

  // The plane measures and comes back with it: see decideMeasure.
  if (measureBeforeRound(state)) return []

  const ahead = phasesAhead(state).filter((planned) => !isStopped(state, planned))
  for (const planned of ahead) {
    if (planned.phase === 'check') return startCheck(state, planned)
    if (planned.phase === 'select' && state.ranking === null) {
      const ranked: RunEvent = { type: 'deliberation.ranked', data: rank(state) }
      return [ranked, ...nextPhase(applyEvent(state, ranked, 0))]
    }
    const orders = ordersOf(state, planned)
    if (orders.length === 0) continue
    const reason = limitBefore(state, orders)
    if (!reason) {
      const expected = orders.map((order) => order.agent_id)
      return [started(planned, expected), ...(isFirst ? startSampling(state, orders) : [])]
    }
    const check = isFirst ? undefined : ahead.find((each) => each.phase === 'check')
    return check ? startCheck(state, check) : endRun(state, { kind: 'limit', reason })
  }
  return endRun(state, { kind: 'ranked' })
}

/** Once a limit has passed, samples that are still written are not waited for. */
function startCheck(state: RunState, check: PlannedPhase): readonly RunEvent[] {
  if (awaitsSamples(state) && limitPassed(state) === null) return []
  return [started(check, [...survivors(state), ...sampled(state)])]
}

/** Asks for the baseline's samples beside the first proposals; a run that has no room for both does without the samples. */
function startSampling(state: RunState, proposals: readonly CallOrder[]): readonly RunEvent[] {
  const samples = sampleOrders(state.spec)
  if (samples.length === 0) return []
  const reason = limitBefore(state, [...proposals, ...samples])
  const message = `No baseline: ${samples.length} samples beside the debate could pass the ${reason === 'cost_limit' ? 'cost' : 'token'} limit of the run.`
  return reason
    ? [{ type: 'deliberation.baseline_skipped', data: { message } }]
    : [{ type: 'deliberation.baseline_started', data: { expected: samples.map((order) => order.agent_id) } }]
}

function started({ phase, round }: PlannedPhase, expected: readonly string[]): RunEvent {
  return { type: 'deliberation.phase_started', data: { phase, round, expected: [...expected] } }
}

/** The limit for which a phase before the last one was left out; nothing has been spent since, so it still holds. */
function limitThatSkipped(state: RunState): LimitReason | null {
  const ahead = phasesAhead(state).length
  const plan = phasePlan(state.spec)
  for (const planned of plan.slice(0, plan.length - ahead)) {
    if (isStopped(state, planned) || state.steps.some((step) => step.phase === planned.phase && step.round === planned.round))
      continue
    const orders = ordersOf(state, planned)
    const reason = orders.length > 0 ? limitBefore(state, orders) : null
    if (reason) return reason
  }
  return null
}
