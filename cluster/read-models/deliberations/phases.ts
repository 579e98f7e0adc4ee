import type { BoardPhase } from '../../messages/deliberation-views.ts'
import type { RunSpec } from '../../messages/deliberation.ts'

/** The phases a run has before it, with how many calls each expects and how long the estimate gives them. */
export function phasePlanOf(spec: RunSpec): BoardPhase[] {
  return spec.estimate.phases.map(({ phase, round, calls, duration_ms }) => ({
    phase,
    round,
    state: 'planned',
    expected: calls,
    received: 0,
    failed: 0,
    started_at: null,
    ended_at: null,
    expected_ms: duration_ms,
  }))
}
