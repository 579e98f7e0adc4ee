import { levelAt } from '../../domain/batch/sla.ts'
import type { BoardPhase } from '../../messages/deliberation-views.ts'

export interface Progress {
  /** Milliseconds since the epoch; null while the models' rates are unknown. */
  readonly expectedEnd: number | null
  readonly risk: 'on_track' | 'at_risk' | 'breaching'
}

/** What a run is taken to need at worst: so much more that a tenth of the time left is spare. A run has no interval of its own. */
const WORST = 1 / 0.9

/**
 * Where a running run will end: what its open and planned phases should take, corrected by how long the closed ones really took.
 * The risk is a level of the batches' promise (inside_buffer is on track); without their hysteresis, because a read keeps no state.
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
  const eta = { at: now, p50_ms: left, p90_ms: left * WORST, source: 'estimate' as const }
  const level = levelAt({ ageMs: 0, windowMs: deadline - now }, eta)
  return { expectedEnd: Math.round(now + left), risk: level === 'inside_buffer' ? 'on_track' : level }
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
