import { mayHelp } from '../../domain/batch/retry.ts'
import type { RequestOutcome } from '../../ports/batch-requests.ts'

/** The outcome of a request that its batch ended before. */
export function unanswered(n: number, state: 'cancelled' | 'expired', at: number): RequestOutcome {
  const why = state === 'cancelled' ? 'The batch was cancelled' : 'The window of the batch was over'
  return {
    n,
    state,
    statusCode: null,
    requestId: null,
    body: null,
    error: { code: `batch_${state}`, message: `${why} before this request was answered.`, cause: null },
    attempts: 0,
    tokensIn: 0,
    tokensOut: 0,
    costMicroUsd: 0,
    startedAt: at,
    endedAt: at,
  }
}

/** Whether a failed request may succeed later, by its last status (null: never answered); a 404 may be of a model that was away. */
export function retryHelps(status: number | null): boolean {
  if (status === null) return mayHelp({ kind: 'no_answer', reason: 'connection' })
  return mayHelp({ kind: 'status', status, retryAfterMs: undefined, modelAbsent: true })
}

/** Mean and sample variance from a count, a sum and a sum of squares. */
export function meanAndVariance(count: number, sum: number, squared: number): { count: number; mean: number; variance: number } {
  const mean = count === 0 ? 0 : sum / count
  return { count, mean, variance: count < 2 ? 0 : Math.max(0, (squared - sum * mean) / (count - 1)) }
}
