import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai'
import * as z from 'zod'
import { ModelCallError } from '../../ports/engines.ts'
import type { FailureKind } from '../../messages/answer.ts'
import { rootCause } from '../engines/root-cause.ts'
import { readRetryAfter } from './retry-after.ts'

const LONGEST_MESSAGE = 400
/** Servers quote the key they were given, in parts or in full. */
const KEY_LIKE = /\b(sk|pk|key|Bearer)[-_ ][\w*.-]{6,}/gi
/** Given by a proxy without its server, or by a server that starts or ends. */
const AWAY = new Set([502, 503, 504])
const CONTEXT_EXCEEDED =
  /maximum context length|context_length_exceeded|context (size|window)|exceeds? the (available )?context|prompt is too long/i

/** Turns what the SDK or the stream threw into a failure with a name. `key` is kept out of the text. */
export function toFailure(error: unknown, endpoint: string, key: string | undefined): ModelCallError {
  if (error instanceof ModelCallError) return error
  const fail = (failure: FailureKind, what: string, retryable: boolean, retryAfterMs?: number, engineAway = false) =>
    new ModelCallError(failure, withoutKey(`${endpoint}: ${what}`, key), { retryable, retryAfterMs, engineAway })

  if (error instanceof APIConnectionTimeoutError) return fail('timeout', 'no answer in time.', true)
  if (error instanceof APIConnectionError)
    return fail('connection', `cannot be reached (${rootCause(error)}).`, true, undefined, true)
  if (isApiError(error)) {
    const status = statusOf(error)
    const what = `${status ?? 'error'} ${messageOf(error)}`
    const retryAfterMs = readRetryAfter(error.headers?.get('retry-after'), Date.now())
    if (CONTEXT_EXCEEDED.test(`${String(error.code)} ${error.message}`)) return fail('context_exceeded', what, false)
    if (status === 429) return fail('rate_limited', what, error.code !== 'insufficient_quota', retryAfterMs)
    if (status === 408) return fail('timeout', what, true, retryAfterMs)
    if (status === undefined || status >= 500)
      return fail('server_error', what, true, retryAfterMs, status !== undefined && AWAY.has(status))
    if (status === 404) return fail('model_missing', what, false)
    return fail('rejected', what, false)
  }
  if (error instanceof SyntaxError || error instanceof z.ZodError) {
    return fail('server_error', 'the reply is not what an OpenAI-compatible server sends.', true)
  }
  return fail('connection', `the connection broke (${rootCause(error)}).`, true)
}

/** The SDK's class check forgets what its fields are. */
function isApiError(error: unknown): error is APIError {
  return error instanceof APIError
}

/** The status of the response, or the one that an error inside a stream names. */
function statusOf(error: APIError): number | undefined {
  if (typeof error.status === 'number') return error.status
  const code = Number(error.code)
  return code >= 400 && code < 600 ? code : undefined
}

function messageOf(error: APIError): string {
  const text = error.message.replace(/^\d{3} /, '')
  // A proxy answers with a page of HTML where an API would say why.
  return /<html|<!doctype/i.test(text) ? 'with an HTML page' : text
}

function withoutKey(text: string, key: string | undefined): string {
  const plain = key ? text.replaceAll(key, '[key]') : text
  return plain.replaceAll(KEY_LIKE, '[key]').slice(0, LONGEST_MESSAGE)
}
