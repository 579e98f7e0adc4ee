/**
 * Whether an engine is worth asking.
 *
 *   closed ──failures in a row──▶ open ──pause is over──▶ half open (one request) ──▶ closed
 *                                  ▲──────────────────────── it fails ◀┘
 *
 * While it is open no request is sent, so none uses up a try.
 */
export interface Breaker {
  /** Without a success in between. */
  readonly failures: number
  /** Null while it is closed. */
  readonly openUntil: number | null
  /** How often it opened since it was closed: the pause doubles with it. */
  readonly openings: number
  /** When it last opened, and last had a success; 0 = never. Milliseconds. */
  readonly openedAt: number
  readonly succeededAt: number
  /** A request is on its way to see whether the engine is back. */
  readonly isProbing: boolean
  /** Why, in the engine's words. */
  readonly reason: string
}

export const CLOSED: Breaker = {
  failures: 0,
  openUntil: null,
  openings: 0,
  openedAt: 0,
  succeededAt: 0,
  isProbing: false,
  reason: '',
}

/** Failures in a row that open it. */
const OPENS_AFTER = 5
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000

/** `open`: not before `openUntil`; `probe`: one request may be sent; `closed`: any. */
export function breakerState(breaker: Breaker, now: number): 'closed' | 'open' | 'probe' {
  if (breaker.openUntil === null) return 'closed'
  return breaker.isProbing || now < breaker.openUntil ? 'open' : 'probe'
}

export function startProbe(breaker: Breaker): Breaker {
  return { ...breaker, isProbing: true }
}

/** The engine answered, whatever it said. */
export function afterAnswer(breaker: Breaker, now: number): Breaker {
  return { ...CLOSED, openedAt: breaker.openedAt, succeededAt: now }
}

/** No answer, or one that says it is away. `atOnce`: its process died, which no second failure has to prove. */
export function afterFailure(breaker: Breaker, now: number, reason: string, atOnce: boolean): Breaker {
  const failures = breaker.failures + 1
  const isProbe = breaker.isProbing
  if (breaker.openUntil !== null && !isProbe) return { ...breaker, failures }
  if (!isProbe && !atOnce && failures < OPENS_AFTER) return { ...breaker, failures, reason }
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** breaker.openings)
  return { ...breaker, failures, openings: breaker.openings + 1, openUntil: now + pause, openedAt: now, isProbing: false, reason }
}

/** The probe was taken back before it had an outcome. */
export function afterAbandonedProbe(breaker: Breaker): Breaker {
  return { ...breaker, isProbing: false }
}
