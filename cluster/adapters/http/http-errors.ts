import type { CommandError, ErrorCode } from '../../messages/errors.ts'

export const statusOfError: Readonly<Record<ErrorCode, number>> = {
  'invalid-input': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  expired: 410,
  'over-budget': 429,
  internal: 500,
  overloaded: 503,
  unavailable: 503,
}

/** Headers that say when to ask again, or how to be let in. */
export function headersOfError({ code, retry_after_ms }: CommandError): Record<string, string> {
  return {
    ...(code === 'unauthorized' && { 'www-authenticate': 'Bearer' }),
    ...(retry_after_ms !== undefined && { 'retry-after': String(Math.ceil(retry_after_ms / 1000)) }),
  }
}
