import type { Refusal } from '../ports/refusal.ts'

export type { Refusal } from '../ports/refusal.ts'

export function refuse(code: Refusal['code'], message: string, more: { field?: string; retryAfterMs?: number } = {}): Refusal {
  return { kind: 'refused', code, message, ...more }
}
