import type { Refusal } from '../../../cluster/entries/embedded.ts'
import { ConsoleError } from '../../../src-preload/contract/errors.ts'

/** A plane's "no" as the error that crosses the bridge; anything else as it is. */
export function accept<T>(result: T | Refusal): Exclude<T, Refusal> {
  if (isRefusal(result)) {
    const { field, retryAfterMs } = result
    throw new ConsoleError(result.code, result.message, {
      ...(field !== undefined && { field }),
      ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }),
    })
  }
  return result as Exclude<T, Refusal>
}

const isRefusal = (result: unknown): result is Refusal =>
  typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'refused'
