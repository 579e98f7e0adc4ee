import type { FastifyReply, FastifyRequest } from 'fastify'
import type * as z from 'zod'
import { commandId } from '../../../messages/commands.ts'
import { readInput } from '../../../messages/read-input.ts'
import { randomUUID } from 'node:crypto'
import { sendCommandError, sendFailure } from './openai-reply.ts'

/** The body by its schema, or undefined where the request was answered with what is wrong. An absent body is an empty object. */
export function checkedBody<S extends z.ZodType>(
  schema: S,
  request: FastifyRequest,
  reply: FastifyReply,
): z.output<S> | undefined {
  let body: unknown = {}
  try {
    if (typeof request.body === 'string' && request.body.trim() !== '') body = JSON.parse(request.body)
  } catch {
    sendFailure(reply, { status: 400, message: 'The body is not valid JSON.', code: 'invalid_json' })
    return undefined
  }
  return checked(schema, body, 'The body', reply)
}

/** The query by its schema; numbers and flags are read as such, and `name[key]=value` as a record. */
export function checkedQuery<S extends z.ZodType>(
  schema: S,
  request: FastifyRequest,
  reply: FastifyReply,
): z.output<S> | undefined {
  return checked(schema, withRecords(request.query), 'The query', reply)
}

/** `{ 'metadata[team]': 'x' }` → `{ metadata: { team: 'x' } }`, as OpenAI's clients write it. */
function withRecords(query: unknown): Record<string, unknown> {
  const whole: Record<string, unknown> = {}
  const records = new Map<string, Record<string, unknown>>()
  for (const [name, value] of Object.entries(query ?? {}) as [string, unknown][]) {
    const [, record, key] = /^(\w+)\[([^\]]+)\]$/.exec(name) ?? []
    if (record === undefined || key === undefined) whole[name] = value
    else records.set(record, { ...records.get(record), [key]: value })
  }
  return { ...whole, ...Object.fromEntries(records) }
}

function checked<S extends z.ZodType>(schema: S, value: unknown, whole: string, reply: FastifyReply): z.output<S> | undefined {
  const result = readInput(schema, value, whole)
  if (result.success) return result.data
  sendCommandError(reply, result.error)
  return undefined
}

/** The id of what a request does: the client's Idempotency-Key, or a fresh one. Undefined where the request was answered. */
export function commandIdOf(request: FastifyRequest, reply: FastifyReply): string | undefined {
  const id = commandId.safeParse(request.headers['idempotency-key'] ?? randomUUID())
  if (id.success) return id.data
  const message = 'An Idempotency-Key has 8 to 100 visible ASCII characters.'
  sendFailure(reply, { status: 400, message, param: 'Idempotency-Key', code: 'invalid_idempotency_key' })
  return undefined
}
