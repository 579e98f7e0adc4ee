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

const wordsOfFault: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'Send the body as JSON, with `content-type: application/json`.',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON.',
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is larger than is taken here.',
}

/** What the HTTP server found wrong with a request, in a sentence. */
export function messageOfFault({ code, message }: { readonly code: string; readonly message: string }): string {
  return wordsOfFault[code] ?? (message.endsWith('.') ? message : `${message}.`)
}

/** Headers that say when to ask again, or how to be let in. */
export function headersOfError({ code, retry_after_ms }: CommandError): Record<string, string> {
  return {
    ...(code === 'unauthorized' && { 'www-authenticate': 'Bearer' }),
    ...(retry_after_ms !== undefined && { 'retry-after': String(Math.ceil(retry_after_ms / 1000)) }),
  }
}
