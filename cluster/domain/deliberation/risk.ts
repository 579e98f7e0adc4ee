import { awakeMs } from '../batch/rate.ts'
import { whyOf } from '../batch/sla-why.ts'
import { lookAtSla, resumeSlaClock, SLA_RULES, type SlaClock } from '../batch/sla.ts'
import type { BatchEta, SlaState } from '../batch/types.ts'
import { isTerminal, openStep, type RunState } from './state.ts'
import { outlookOf, phaseTimes, worstShareOf, type Pace } from './time-left.ts'
import type { DeadlineRisk, RiskChanged, RunEvent } from './types.ts'

/** What is remembered of a run between two looks: the same clock that batches are watched by. */
export interface RiskWatch {
  readonly sla: SlaClock
  readonly lookedAt: number
}

/** A run's deadline may be minutes away: a level clears after this share of its window, at most after what holds for batches. */
const CLEARS_AFTER_SHARE = 0.1
/** A pace or a phase that is off by less explains nothing. */
const SLOWER = 1.15

/** Begins to watch a run, also after a restart: it goes on from the level that was told last. */
export function watchRisk(state: RunState, now: number): RiskWatch {
  const sla = resumeSlaClock({ state: state.risk === 'on_track' ? 'estimating' : state.risk, since: now }, true, 0)
  return { sla, lookedAt: now }
}

/** One look at a run in motion before its deadline; `change` where its level is another one than was told. */
export function lookAtRisk(
  watch: RiskWatch,
  state: RunState,
  now: number,
): { readonly watch: RiskWatch; readonly change: RiskChanged | null } {
  const windowMs = state.spec.deadline - state.submittedAt
  // Another process may have told of something else meanwhile: it goes on from that.
  const before = riskOf(watch.sla.state) === state.risk ? watch : watchRisk(state, now)
  const outlook = outlookOf(phaseTimes(state), worstShareOf(state.spec.estimate), now)
  // Measured from the start: an estimate has times only where its models' rates are measured.
  const eta: BatchEta | null = outlook && { at: now, p50_ms: outlook.p50Ms, p90_ms: outlook.p90Ms, source: 'measured' }
  const { clock } = lookAtSla(
    before.sla,
    {
      at: now,
      awakeMs: awakeMs(now - before.lookedAt),
      ageMs: now - state.submittedAt,
      windowMs,
      eta,
      // Calls have time limits of their own: nothing stalls here that they do not end.
      finishedRequests: 0,
      work: 'held',
      isSlotFree: false,
      p99LatencyMs: null,
    },
    { ...SLA_RULES, clears_after_ms: Math.min(SLA_RULES.clears_after_ms, CLEARS_AFTER_SHARE * windowMs) },
  )
  const to = riskOf(clock.state)
  const next = { sla: clock, lookedAt: now }
  if (!outlook || !eta || to === state.risk) return { watch: next, change: null }
  const expected_end: [number, number] = [Math.round(now + eta.p50_ms), Math.round(now + eta.p90_ms)]
  return { watch: next, change: { from: state.risk, to, expected_end, why: why(state, outlook.pace, eta, now) } }
}

/** Records a change; nothing where the run has ended or another watcher told of one first. */
export function decideRisk(state: RunState, change: RiskChanged): readonly RunEvent[] {
  return isTerminal(state) || state.risk !== change.from ? [] : [{ type: 'deliberation.risk_changed', data: change }]
}

/** The buffer is for queues, where other work takes from it; a run within it is on track. */
function riskOf(state: SlaState): DeadlineRisk {
  switch (state) {
    case 'estimating':
    case 'on_track':
    case 'inside_buffer':
    case 'met':
      return 'on_track'
    case 'at_risk':
      return 'at_risk'
    case 'breaching':
    case 'breached':
    case 'missed':
      return 'breaching'
  }
}

function why(state: RunState, pace: Pace, eta: BatchEta, now: number): string {
  const outlook = whyOf({
    eta,
    leftMs: state.spec.deadline - now,
    windowMs: state.spec.deadline - state.submittedAt,
    waitedMs: 0,
    pausedMs: 0,
    rates: null,
    retries: 0,
    tries: 0,
    hold: null,
  })
  return [outlook, ...slowPhases(pace), ...slowOpenPhase(state, pace, now)].join(' ')
}

function slowPhases({ likely, isEstimated }: Pace): readonly string[] {
  return isEstimated && likely >= SLOWER ? [`Its phases take ${likely.toFixed(1)} times as long as estimated.`] : []
}

function slowOpenPhase(state: RunState, pace: Pace, now: number): readonly string[] {
  const open = openStep(state)
  const times = phaseTimes(state).find((each) => each.state === 'running')
  if (!open || !times) return []
  const ranMs = now - open.startedAt
  const expectedMs = pace.likely * pace.expectedMs(times)
  if (ranMs < SLOWER * expectedMs) return []
  return [`The ${open.phase} phase has run for ${Math.round(ranMs / 1000)} s, ${Math.round(expectedMs / 1000)} s were expected.`]
}
