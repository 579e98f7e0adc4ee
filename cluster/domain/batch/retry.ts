/** How a try of a request ended without an answer of use: a status, or no answer at all. */
export type FailedTry =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterMs: number | undefined; readonly modelAbsent: boolean }
  | { readonly kind: 'no_answer'; readonly reason: 'connection' | 'timeout' | 'crashed' }

export type NextTry =
  | { readonly kind: 'again'; readonly delayMs: number }
  /** The engine is away: the request waits for it, and no try is used up. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'final' }

const FIRST_DELAY_MS = 1000
/** Doubling stops here: beyond it a longer pause tells nothing new. */
const LONGEST_DELAY_MS = 60_000
const RETRIED_4XX: readonly number[] = [408, 429, 499]

/** Whether what failed may work later: 408, 429, 499, 5xx, no answer, and 404 where the model is absent; every other status is final. */
export function mayHelp(failed: FailedTry): boolean {
  if (failed.kind === 'no_answer') return true
  return RETRIED_4XX.includes(failed.status) || failed.status >= 500 || (failed.status === 404 && failed.modelAbsent)
}

/** The longest pause before try `retry` + 1 (retry counts from 1): 1, 2, 4 s and so on. */
export function longestDelayMs(retry: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (retry - 1))
}

/**
 * What follows a failed try. `tries`: how many failed, this one included; `dice`: 0 ≤ x < 1 for the full jitter; `engineAway`: its circuit
 * breaker is open, or it cannot be reached. A Retry-After takes the place of the jittered pause.
 */
export function nextTry(
  failed: FailedTry,
  { tries, maxRetries, dice, engineAway }: { tries: number; maxRetries: number; dice: number; engineAway: boolean },
): NextTry {
  if (!mayHelp(failed)) return { kind: 'final' }
  if (engineAway) return { kind: 'wait' }
  if (tries > maxRetries) return { kind: 'final' }
  const asked = failed.kind === 'status' ? failed.retryAfterMs : undefined
  return { kind: 'again', delayMs: asked ?? Math.floor(dice * longestDelayMs(tries)) }
}

/** A request that was running when its engine crashed. `crashesAlone`: how often it was the only one, earlier. */
export interface Suspect {
  readonly n: number
  readonly crashesAlone: number
}

/** Alone twice when the engine died: it is the cause. */
const CRASHES_TO_BLAME = 2

/**
 * Sorts out who killed an engine. Requests that were running together are each tried again on their own, and one that was alone is
 * blamed the second time; a crash uses up no try of the innocent.
 */
export function afterCrash(running: readonly Suspect[]): {
  readonly blamed: readonly number[]
  readonly alone: readonly Suspect[]
} {
  const [only, ...others] = running
  if (!only || others.length > 0) return { blamed: [], alone: running }
  const crashesAlone = only.crashesAlone + 1
  return crashesAlone >= CRASHES_TO_BLAME ? { blamed: [only.n], alone: [] } : { blamed: [], alone: [{ n: only.n, crashesAlone }] }
}
