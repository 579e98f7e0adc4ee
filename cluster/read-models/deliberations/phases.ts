import { expectedPhases } from '../../domain/deliberation/index.ts'
import type { BoardPhase } from '../../messages/deliberation-views.ts'
import type { RunSpec } from '../../messages/deliberation.ts'

/** The phases a run has before it, with how many calls each expects and how long the estimate gives them. */
export function phasePlanOf(spec: RunSpec): BoardPhase[] {
  return expectedPhases(spec.estimate).map(({ phase, round, calls, expected_ms, expected_tokens }) => ({
    phase,
    round,
    state: 'planned',
    expected: calls,
    received: 0,
    failed: 0,
    started_at: null,
    ended_at: null,
    expected_ms,
    expected_tokens,
  }))
}
