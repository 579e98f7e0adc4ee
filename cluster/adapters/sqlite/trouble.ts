import type { Failure } from './failures.ts'
import { storeError } from './failures.ts'
import type { StepRequest } from './writer-protocol.ts'

/** What keeps a store from writing, since `at` (milliseconds since the epoch). */
export interface StoreTrouble {
  readonly kind: 'restarting' | 'failed' | 'refused'
  readonly message: string
  readonly at: number
}

/** Steps that always write: that one of them succeeds shows that there is room again. */
const WRITES: ReadonlySet<string> = new Set(['append', 'purge', 'put'])

/** Remembers the last refusal of the disk until a write of that kind succeeds. */
export interface Refusals {
  readonly note: (requests: readonly StepRequest[], failures: ReadonlyMap<number, Failure>) => void
  readonly last: () => StoreTrouble | null
}

export function createRefusals(file: string, now: () => number): Refusals {
  let last: (StoreTrouble & { readonly isLock: boolean }) | null = null
  return {
    note(requests, failures) {
      for (const [index, { step }] of requests.entries()) {
        const failure = failures.get(index)
        if (!failure) {
          if (last && (last.isLock || WRITES.has(step))) last = null
          continue
        }
        const error = storeError(failure, file)
        // A value that is too large is its sender's trouble.
        if (!error || error instanceof RangeError) continue
        const isLock = /_(BUSY|LOCKED)/.test(failure.code ?? '')
        last = { kind: 'refused', message: error.message, at: last?.at ?? now(), isLock }
      }
    },
    last: () => last && { kind: last.kind, message: last.message, at: last.at },
  }
}
