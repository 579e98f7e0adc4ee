/** An expected "no" to a command, told by its code (the same set on the bridge and over HTTP). */
export interface Refusal {
  readonly kind: 'refused'
  readonly code: 'invalid-input' | 'not-found' | 'expired' | 'conflict' | 'overloaded' | 'over-budget' | 'unavailable'
  readonly message: string
  readonly field?: string
  readonly retryAfterMs?: number
}
