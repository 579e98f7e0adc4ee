import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ApiScope } from '../../../messages/api-keys.ts'
import type { RateState } from '../../../domain/rate-limit.ts'
import type { Access, Caller } from '../../../ports/access.ts'
import { bearerOf } from '../access.ts'
import { sendFailure } from './openai-reply.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route admits by itself, in OpenAI's shape: for keys with one of these scopes (none: for any). */
    readonly scopes?: readonly ApiScope[]
  }
  interface FastifyRequest {
    caller: Caller | null
  }
}

/** Lets a request in or answers it, in OpenAI's shape. Returns whether it may go on. */
export function admit(access: Access, request: FastifyRequest, reply: FastifyReply): boolean {
  const token = bearerOf(request.headers)
  if (token === undefined) {
    refuse(reply, { status: 401, code: 'missing_api_key', message: 'Send a key as `Authorization: Bearer …`.' })
    return false
  }
  const answer = access.admit(token, request.routeOptions.config.scopes ?? [])
  switch (answer.kind) {
    case 'admitted':
      request.caller = answer.caller
      if (answer.rate) rateHeaders(reply, answer.rate)
      return true
    case 'unknown':
      refuse(reply, { status: 401, code: 'invalid_api_key', message: 'The key is not one of this gateway, or was revoked.' })
      return false
    case 'forbidden':
      refuse(reply, { status: 403, code: 'missing_scope', message: answer.message })
      return false
    case 'limited': {
      const { message, retryAfterMs, rate } = answer
      rateHeaders(reply, rate)
      refuse(reply, { status: 429, code: 'rate_limit_exceeded', message, retryAfterMs })
      return false
    }
  }
}

/** Who asks; the hook has let nobody else through. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new Error(`${request.url} was reached by nobody.`)
  return request.caller
}

/** Whether whoever asks may see what belongs to `tenant`: a key its own, the owner everything. */
export function maySee(request: FastifyRequest, tenant: string): boolean {
  const caller = callerOf(request)
  return caller.isOwner || caller.tenant === tenant
}

/** Who did it, in the log. */
export function actorOf(request: FastifyRequest): string {
  const { id, isOwner } = callerOf(request)
  return isOwner ? 'api' : `key:${id}`
}

function refuse(reply: FastifyReply, failure: Parameters<typeof sendFailure>[1]): void {
  if (failure.status === 401) reply.header('www-authenticate', 'Bearer')
  sendFailure(reply, failure)
}

/** OpenAI's names; the reset is a duration such as `6s` or `12ms`. */
function rateHeaders(reply: FastifyReply, { limit, remaining, resetMs }: RateState): void {
  reply.header('x-ratelimit-limit-requests', limit)
  reply.header('x-ratelimit-remaining-requests', remaining)
  reply.header('x-ratelimit-reset-requests', resetMs < 1000 ? `${Math.ceil(resetMs)}ms` : `${Math.ceil(resetMs / 1000)}s`)
}
