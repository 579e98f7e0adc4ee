import * as z from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { GENERAL_ERRORS, type Command } from '../../messages/commands.ts'
import { deliberationCommands } from '../../messages/deliberation-commands.ts'
import { commandError, type ErrorCode } from '../../messages/errors.ts'
import { runUpdate } from '../../messages/run-updates.ts'
import { API_ROOT, EVENTS_PATH, apiRoutes, type ApiRoute } from './api-routes.ts'
import { statusOfError } from './http-errors.ts'

const json = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } })
const errorBody = z.object({ error: commandError.meta({ id: 'Error' }) })
const taskId = z.object({ task_id: z.string().min(1).max(100).meta({ description: 'The id of the run.' }) })
const idempotencyKey = z.object({
  'Idempotency-Key': z
    .string()
    .min(8)
    .max(100)
    .optional()
    .meta({ description: 'The id of the command: the same one gets the first answer.' }),
})

/** The API as an OpenAPI document, made from the same shapes that its input and replies are checked with. */
export function openApiDocument(version: string) {
  const paths: ZodOpenApiPathsObject = {}
  for (const route of apiRoutes) addOperation(paths, API_ROOT + route.path, route.method, operationOf(route))
  addOperation(paths, API_ROOT + EVENTS_PATH, 'GET', {
    operationId: 'events',
    summary: 'Follow a run: a snapshot, then every change, as server-sent events named by their type; the last is `result`',
    requestParams: { path: taskId, header: z.object({ 'Last-Event-ID': z.string().optional() }) },
    responses: {
      200: { description: 'The stream', content: { 'text/event-stream': { schema: runUpdate.meta({ id: 'RunUpdate' }) } } },
      204: { description: 'The follower has seen the result already' },
      ...refusals([...GENERAL_ERRORS, 'not-found', 'expired', 'overloaded']),
    },
  })
  addOperation(paths, '/health', 'GET', {
    operationId: 'health',
    summary: 'Whether the gateway answers; needs no token',
    security: [],
    responses: {
      200: { description: 'It does', ...json(z.object({ status: z.literal('ok'), version: z.string() })) },
      ...refusals(['forbidden']),
    },
  })
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Signalbox', version, description: 'Deliberations: submit, follow, read, cancel.' },
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths,
  })
}

function addOperation(
  paths: ZodOpenApiPathsObject,
  path: string,
  method: 'GET' | 'POST',
  operation: ZodOpenApiOperationObject,
): void {
  paths[path] = { ...paths[path], [method.toLowerCase()]: operation }
}

function operationOf(route: ApiRoute): ZodOpenApiOperationObject {
  const command: Command = deliberationCommands[route.verb]
  const query = route.takes === 'query' && command.input instanceof z.ZodObject ? command.input : undefined
  const replied = { description: 'Done', ...json(command.reply) }
  return {
    operationId: route.verb,
    summary: command.summary,
    requestParams: {
      ...(route.path.includes('{task_id}') && { path: taskId }),
      ...(query && { query }),
      ...(route.method === 'POST' && { header: idempotencyKey }),
    },
    ...(route.takes === 'body' && { requestBody: { required: true, ...json(command.input) } }),
    responses: {
      200: replied,
      ...(route.verb === 'submit' && { 202: { ...replied, description: 'Accepted; the run goes on' } }),
      ...refusals([...GENERAL_ERRORS, ...command.errors]),
    },
  }
}

/** One response a status, naming the codes that come with it. */
function refusals(codes: readonly ErrorCode[]): ZodOpenApiOperationObject['responses'] {
  const byStatus = Map.groupBy(new Set(codes), (code) => statusOfError[code])
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      { description: group.map((code) => `\`${code}\``).join(' or '), ...json(errorBody) },
    ]),
  )
}
