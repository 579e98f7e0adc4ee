const MINUTE_MS = 60_000
const ESCALATION_MS = 900_000

/** Minutes before the deadline from which on a batch may use more than its model: window^0.56. 24 h → 58.7, 1 h → 9.9. */
export function rampMinutes(windowMs: number): number {
  return (windowMs / MINUTE_MS) ** 0.56
}

/** Milliseconds before the deadline from which on a fallback may answer: the ramp, or the last 15 minutes where it is shorter. */
export function reachMs(windowMs: number): number {
  return Math.max(ESCALATION_MS, rampMinutes(windowMs) * MINUTE_MS)
}

/**
 * What a batch may reach for. `ramp`: its requests are claimable at full capacity though their model is not live, and may overflow to another
 * engine where budget and policy allow; `escalation` (the last 15 minutes): also to a larger or paid model.
 */
export function reachOf(windowMs: number, leftMs: number): 'own' | 'ramp' | 'escalation' {
  if (leftMs <= ESCALATION_MS) return 'escalation'
  return leftMs <= reachMs(windowMs) ? 'ramp' : 'own'
}
