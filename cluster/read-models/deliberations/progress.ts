import type { BoardPhase } from '../../messages/deliberation-views.ts'

export interface Progress {
  /** Milliseconds since the epoch; null while the models' rates are unknown. */
  readonly expectedEnd: number | null
  readonly risk: 'on_track' | 'at_risk' | 'breaching'
}

/** At risk from here on: the expected end leaves less than this share of the time from now to the deadline. */
const SPARE_SHARE = 0.1

/**
 * Where a running run will end: what its open and planned phases should take, corrected by how long the closed ones really took.
 * Without an estimate a phase should take what the closed ones took on average. `phases` in order; times in milliseconds.
 */
export function progressOf(phases: readonly BoardPhase[], deadline: number, now: number): Progress {
  if (now >= deadline) return { expectedEnd: null, risk: 'breaching' }
  const pace = paceOf(phases)
  if (pace === null) return { expectedEnd: null, risk: 'on_track' }
  let left = 0
  for (const phase of phases) {
    if (phase.state === 'planned') left += pace(phase)
    if (phase.state === 'running') left += Math.max(0, pace(phase) - (now - (phase.started_at ?? now)))
  }
  const expectedEnd = Math.round(now + left)
  if (expectedEnd > deadline) return { expectedEnd, risk: 'breaching' }
  return { expectedEnd, risk: deadline - expectedEnd < SPARE_SHARE * (deadline - now) ? 'at_risk' : 'on_track' }
}

/** How long a phase should take; null while there is nothing to go by. Checks take no time to speak of. */
function paceOf(phases: readonly BoardPhase[]): ((phase: BoardPhase) => number) | null {
  const called = phases.filter((phase) => phase.phase !== 'check')
  const closed = called.filter((phase) => phase.state === 'done')
  const taken = closed.reduce((sum, phase) => sum + (phase.ended_at ?? 0) - (phase.started_at ?? 0), 0)
  if (called.every((phase) => phase.expected_ms !== null)) {
    const planned = closed.reduce((sum, phase) => sum + (phase.expected_ms ?? 0), 0)
    const factor = planned > 0 ? taken / planned : 1
    return (phase) => (phase.expected_ms ?? 0) * factor
  }
  if (closed.length === 0) return null
  return (phase) => (phase.phase === 'check' ? 0 : taken / closed.length)
}
