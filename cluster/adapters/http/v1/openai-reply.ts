import type { FastifyReply } from 'fastify'
import type { CommandError } from '../../../messages/errors.ts'
import { openAiError } from '../../upstreams/openai-errors.ts'
import { headersOfError, statusOfError } from '../http-errors.ts'

/** An error's `type` as OpenAI's API has it for a status. */
function typeOf(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}

export interface OpenAiFailure {
  readonly status: number
  readonly message: string
  readonly param?: string | null
  readonly code?: string | null
  readonly retryAfterMs?: number | undefined
}

/** Sends an error in OpenAI's shape. */
export function sendFailure(reply: FastifyReply, { status, message, param, code, retryAfterMs }: OpenAiFailure): FastifyReply {
  if (retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(retryAfterMs / 1000)))
  return reply
    .code(status)
    .type('application/json')
    .send(openAiError(message, { type: typeOf(status), param: param ?? null, code: code ?? null }))
}

/** A plane's "no" in OpenAI's shape. */
export function sendCommandError(reply: FastifyReply, error: CommandError): FastifyReply {
  reply.headers(headersOfError(error))
  const { code, message, field } = error
  return sendFailure(reply, { status: statusOfError[code], message, param: field ?? null, code: code.replaceAll('-', '_') })
}

/** The same of a use case. */
export function sendRefusal(
  reply: FastifyReply,
  { code, message, field, retryAfterMs }: { code: CommandError['code']; message: string; field?: string; retryAfterMs?: number },
): FastifyReply {
  return sendCommandError(reply, {
    code,
    message,
    ...(field !== undefined && { field }),
    ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }),
  })
}

export function missingFile(reply: FastifyReply, id: string, param: 'file_id' | 'input_file_id' = 'file_id'): FastifyReply {
  const message = `There is no file ${id}; it may have been removed or have expired.`
  return sendFailure(reply, { status: 404, message, param, code: 'not_found' })
}

/** A page that would begin after something that is not there: neither an empty page nor the first would be true. */
export function missingAfter(reply: FastifyReply, after: string): FastifyReply {
  const message = `There is no ${after} to go on after; leave \`after\` out to begin anew.`
  return sendFailure(reply, { status: 400, message, param: 'after', code: 'invalid_value' })
}
