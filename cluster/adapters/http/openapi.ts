import * as z from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { commandsByName } from '../../messages/command-table.ts'
import { GENERAL_ERRORS } from '../../messages/commands.ts'
import { deliberationExport } from '../../messages/deliberation-export.ts'
import { commandError, type ErrorCode } from '../../messages/errors.ts'
import { runUpdate } from '../../messages/run-updates.ts'
import { API_ROOT, EVENTS_PATH, METRICS_PATH, apiRoutes, type ApiRoute } from './api-routes.ts'
import { statusOfError } from './http-errors.ts'
import { openAiPaths } from './v1/openapi.ts'

const json = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } })
const file = { content: { 'text/markdown': { schema: z.string() }, 'application/json': { schema: deliberationExport } } }
const errorBody = z.object({ error: commandError.meta({ id: 'Error' }) })

/** What stands between braces in a path. */
const pathFields: Readonly<Record<string, z.ZodType>> = {
  task_id: z.string().min(1).max(100).meta({ description: 'The id of the run.' }),
  council_id: z.string().min(1).max(60).meta({ description: 'The id of the council.' }),
  template_id: z.string().min(1).max(60).meta({ description: 'The id of the template.' }),
  sha256: z.string().meta({ description: 'The SHA-256 that stands in the reference, in hex.' }),
}
const idempotencyKey = z.object({
  'Idempotency-Key': z
    .string()
    .min(8)
    .max(100)
    .optional()
    .meta({ description: 'The id of the command: the same one gets the first answer.' }),
})

/** The API as an OpenAPI document, made from the same shapes that its input and replies are checked with. */
export function openApiDocument(version: string, { openAi = false }: { openAi?: boolean } = {}) {
  const paths: ZodOpenApiPathsObject = {}
  for (const route of apiRoutes) addOperation(paths, API_ROOT + route.path, route.method, operationOf(route))
  addOperation(paths, API_ROOT + EVENTS_PATH, 'GET', {
    operationId: 'events',
    summary: 'Follow a run: a snapshot, then every change, as server-sent events named by their type; the last is `result`',
    requestParams: { path: pathOf(EVENTS_PATH), header: z.object({ 'Last-Event-ID': z.string().optional() }) },
    responses: {
      200: { description: 'The stream', content: { 'text/event-stream': { schema: runUpdate.meta({ id: 'RunUpdate' }) } } },
      204: { description: 'The follower has seen the result already' },
      ...refusals([...GENERAL_ERRORS, 'not-found', 'expired', 'overloaded']),
    },
  })
  addOperation(paths, METRICS_PATH, 'GET', {
    operationId: 'prometheus',
    summary: 'Figures for Prometheus: counters since the process started, gauges as of now',
    responses: {
      200: { description: 'Its text format', content: { 'text/plain': { schema: z.string() } } },
      ...refusals(['unauthorized', 'forbidden', 'unavailable', 'internal']),
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
  if (openAi) Object.assign(paths, openAiPaths())
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Signalbox',
      version,
      description: 'Deliberations, councils and templates: submit, follow, read, cancel, keep.',
    },
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths,
  })
}

function addOperation(
  paths: ZodOpenApiPathsObject,
  path: string,
  method: ApiRoute['method'],
  operation: ZodOpenApiOperationObject,
): void {
  paths[path] = { ...paths[path], [method.toLowerCase()]: operation }
}

function operationOf(route: ApiRoute): ZodOpenApiOperationObject {
  const command = commandsByName.get(route.command)
  if (!command) throw new Error(`The route ${route.path} names the command ${route.command}, which does not exist.`)
  const path = pathOf(route.path)
  const query = route.takes === 'query' ? fieldsBeside(path, command.input) : undefined
  const replied = { description: 'Done', ...(route.sendsFile ? file : json(command.reply)) }
  return {
    operationId: route.command,
    tags: [route.command.slice(0, route.command.indexOf('.'))],
    summary: command.summary,
    requestParams: {
      ...(Object.keys(path.shape).length > 0 && { path }),
      ...(query && { query }),
      ...(route.method !== 'GET' && { header: idempotencyKey }),
    },
    ...(route.takes === 'body' && { requestBody: { required: true, ...json(command.input) } }),
    responses: {
      200: replied,
      ...(route.command === 'deliberation.submit' && { 202: { ...replied, description: 'Accepted; the run goes on' } }),
      ...refusals([...GENERAL_ERRORS, ...command.errors]),
    },
  }
}

/** The parameters of a path. */
function pathOf(path: string): z.ZodObject {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  return z.object(Object.fromEntries(names.map((name) => [name, pathFields[name] ?? z.string()])))
}

/** What a query may hold: the fields of an input that its path does not give. `task_id` has another name, which a query has no need of. */
function fieldsBeside(path: z.ZodObject, input: z.ZodType): z.ZodObject | undefined {
  const fields = input instanceof z.ZodPipe ? input.in : input
  if (!(fields instanceof z.ZodObject)) return undefined
  const given = new Set(['deliberation_id', ...Object.keys(path.shape)])
  return z.object(Object.fromEntries(Object.entries(fields.shape).filter(([name]) => !given.has(name))))
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
