import { likelyLeftMs, paceOf } from '../../domain/deliberation/index.ts'
import type { BoardPhase } from '../../messages/deliberation-views.ts'

/**
 * When a running run will end, in milliseconds since the epoch: what its open and planned phases should take, corrected by how long the
 * closed ones really took. Null while there is nothing to go by, and from the deadline on. `phases` in order.
 */
export function expectedEnd(phases: readonly BoardPhase[], deadline: number, now: number): number | null {
  const pace = now < deadline ? paceOf(phases, now) : null
  return pace && Math.round(now + likelyLeftMs(phases, pace, now))
}
