import { outlookOf } from '../../domain/deliberation/index.ts'
import type { BoardPhase, DeliberationRow } from '../../messages/deliberation-views.ts'

type ExpectedEnd = Pick<DeliberationRow, 'expected_end' | 'expected_end_p90'>

export const NO_END: ExpectedEnd = { expected_end: null, expected_end_p90: null }

/**
 * When a running run will end, in milliseconds since the epoch: what its open and planned phases should take, corrected by how long the
 * closed ones really took. Null while there is nothing to go by, and from the deadline on. `phases` in order; `worstShare`: how much
 * longer it may take by the estimate.
 */
export function expectedEnd(phases: readonly BoardPhase[], worstShare: number, deadline: number, now: number): ExpectedEnd {
  const outlook = now < deadline ? outlookOf(phases, worstShare, now) : null
  if (!outlook) return NO_END
  return { expected_end: Math.round(now + outlook.p50Ms), expected_end_p90: Math.round(now + outlook.p90Ms) }
}

/** The phases of a running run with what each should take at the pace of the closed ones. */
export function pacedPhases(phases: readonly BoardPhase[], worstShare: number, now: number): BoardPhase[] {
  const outlook = outlookOf(phases, worstShare, now)
  return phases.map((phase) => {
    if (!outlook || (phase.state !== 'running' && phase.state !== 'planned')) return phase
    return { ...phase, expected_ms: Math.round(outlook.pace.likely * outlook.pace.expectedMs(phase)) }
  })
}
