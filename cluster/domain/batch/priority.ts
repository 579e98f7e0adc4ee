const HOUR_MS = 3_600_000
const MANY_REQUESTS = 500
const HIGH = 8

/**
 * 1–10, from the time left and what remains, anew at every tick: overdue or under 2 h 10, under 6 h 8, under 12 h 5, else 3; one more with
 * over 500 requests left; then the operator's offset (−2…+2).
 */
export function priorityOf(leftMs: number, requestsLeft: number, offset: number): number {
  const hours = leftMs / HOUR_MS
  const byTime = hours < 2 ? 10 : hours < 6 ? 8 : hours < 12 ? 5 : 3
  return Math.min(10, Math.max(1, byTime + (requestsLeft > MANY_REQUESTS ? 1 : 0) + offset))
}

/** HIGH decides pool and shedding order; all else is LOW. */
export function isHigh(priority: number): boolean {
  return priority >= HIGH
}
