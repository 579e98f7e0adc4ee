import type { RateState } from '../domain/rate-limit.ts'
import type { ApiScope } from '../messages/api-keys.ts'

/** Whoever holds a key. `tenant`: what its batches are counted for. */
export interface Caller {
  /** `owner`, or the id of a key. */
  readonly id: string
  readonly name: string
  readonly tenant: string
  readonly isOwner: boolean
}

export type Admittance =
  /** `rate` is null where there is no limit. */
  | { readonly kind: 'admitted'; readonly caller: Caller; readonly rate: RateState | null }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'forbidden'; readonly message: string }
  | { readonly kind: 'limited'; readonly message: string; readonly retryAfterMs: number; readonly rate: RateState }

/** Whether a token may do something, at once: every request waits for it. */
export interface Access {
  /** `scopes`: one of them is enough; none: any key is. An admitted request counts against the key's limits. */
  admit(token: string, scopes: readonly ApiScope[]): Admittance
}
