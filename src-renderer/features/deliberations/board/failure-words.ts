import type { BoardCall } from '../shapes.ts'

type FailureKind = NonNullable<BoardCall['error_type']>

/** For a cell: as short as it can be said. */
export const shortFailure: Readonly<Record<FailureKind, string>> = {
  timeout: 'timeout',
  rate_limited: '429',
  server_error: '5xx',
  connection: 'no link',
  engine_crashed: 'crash',
  invalid_output: 'invalid',
  model_mismatch: 'model',
  model_missing: 'model',
  context_exceeded: 'too long',
  rejected: 'refused',
  cancelled: 'stopped',
  internal: 'error',
}

/** For a sentence: what went wrong with a call. */
export const failureWords: Readonly<Record<FailureKind, string>> = {
  timeout: 'timed out',
  rate_limited: 'turned away by the server’s rate limit',
  server_error: 'server error',
  connection: 'server not reachable',
  engine_crashed: 'engine crashed',
  invalid_output: 'answer not usable',
  model_mismatch: 'another model answered',
  model_missing: 'model not there',
  context_exceeded: 'prompt longer than the context',
  rejected: 'refused by the server',
  cancelled: 'stopped',
  internal: 'internal error',
}

const awayKinds: readonly (FailureKind | null)[] = ['timeout', 'rate_limited', 'server_error', 'connection', 'engine_crashed']
const modelKinds: readonly (FailureKind | null)[] = ['model_missing', 'model_mismatch']

/** What an operator can try after these failures, as a sentence. */
export function remedyInWords(calls: readonly Pick<BoardCall, 'error_type'>[]): string {
  const kinds = calls.map((call) => call.error_type).filter((kind) => kind !== null)
  if (kinds.some((kind) => awayKinds.includes(kind)))
    return 'See under Models & engines whether the engine answers, then re-run it.'
  if (kinds.some((kind) => modelKinds.includes(kind))) return 'Re-run it with a model that is served now.'
  if (kinds.includes('context_exceeded')) return 'Re-run it with a shorter task, or a model with more context.'
  if (kinds.includes('invalid_output')) return 'Re-run it with a stronger model.'
  return 'The calls of each agent say what happened; re-run it once that is mended.'
}

/** "server error ×2, timed out": the causes of several failures, most frequent first. */
export function causesInWords(calls: readonly Pick<BoardCall, 'error_type'>[]): string {
  const counts = new Map<string, number>()
  for (const { error_type } of calls) {
    const words = error_type === null ? 'unknown cause' : failureWords[error_type]
    counts.set(words, (counts.get(words) ?? 0) + 1)
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
  return sorted.map(([words, count]) => (count > 1 ? `${words} ×${count}` : words)).join(', ')
}
