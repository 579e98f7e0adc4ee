import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import * as z from 'zod'
import { fastify, type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { commandId } from '../../messages/commands.ts'
import type { CommandError } from '../../messages/errors.ts'
import type { CommandContext, Dispatch, WatchRun } from '../../ports/commands.ts'
import type { Access } from '../../ports/access.ts'
import { UnavailableError } from '../../ports/errors.ts'
import type { ReadMetrics } from '../../ports/metrics.ts'
import { bearerOf } from './access.ts'
import { API_ROOT, EVENTS_PATH, METRICS_PATH, apiRoutes, type ApiRoute } from './api-routes.ts'
import { droppedEvent, endId, writeEvents, type EventStreamOptions } from './event-stream.ts'
import { headersOfError, messageOfFault, statusOfError } from './http-errors.ts'
import { openApiDocument } from './openapi.ts'
import { sendCommandError } from './v1/openai-reply.ts'
import { addOpenAi, type OpenAiOptions } from './v1/openai-app.ts'

export interface GatewayAppOptions {
  readonly dispatch: Dispatch
  readonly watch: WatchRun
  readonly metrics: ReadMetrics
  readonly access: Access
  /** `/v1` as OpenAI's clients know it; without it there is none. */
  readonly openAi?: OpenAiOptions | undefined
  /** Values of the Host header that are meant for us; requests wait until they are known. */
  readonly hosts: Promise<readonly string[]>
  readonly version: string
  /** A request that was refused or failed, without its token or content. */
  readonly onRefused: (refusal: { readonly status: number; readonly path: string; readonly reason: string }) => void
  readonly onFault: (fault: unknown) => void
  readonly events?: EventStreamOptions
}

const BODY_BYTES = 4 * 1024 * 1024
const MAX_STREAMS = 64
const GOODBYE_MS = 1000
const HEALTH = '/health'
const OPENAI_ROOT = '/v1/'
const OWNER_ACTOR = 'api'
const eventDefaults: EventStreamOptions = { heartbeatMs: 15_000, patienceMs: 30_000 }
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

/** The HTTP API over a plane's commands. Closing it ends open streams and waits. */
export function createGatewayApp(options: GatewayAppOptions): FastifyInstance {
  const { dispatch, watch, metrics, access, hosts, onRefused, onFault, events = eventDefaults } = options
  const stopping = new AbortController()
  const streams = new Set<Promise<void>>()
  /** Who sends each request, in the log's words. */
  const actors = new WeakMap<FastifyRequest, string>()
  const actorOf = (request: FastifyRequest): string => actors.get(request) ?? 'nobody'
  const app = fastify({ logger: false, bodyLimit: BODY_BYTES, forceCloseConnections: true, return503OnClosing: false })

  function refuse(request: FastifyRequest, reply: FastifyReply, error: CommandError, status = statusOfError[error.code]) {
    if (status === 401 || status === 403 || status >= 500) onRefused({ status, path: pathOf(request), reason: error.message })
    return reply.code(status).headers(headersOfError(error)).send({ error })
  }

  let known: ReadonlySet<string> | undefined
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(HEADERS)
    const enter = (names: ReadonlySet<string>) => {
      if (mayEnter(request, reply, names)) done()
    }
    if (known) enter(known)
    else void hosts.then((names) => enter((known = new Set(names))))
  })

  /** Answers whom it does not let in. */
  function mayEnter(request: FastifyRequest, reply: FastifyReply, names: ReadonlySet<string>): boolean {
    const no = (error: CommandError, status?: number): false => {
      refuse(request, reply, error, status)
      return false
    }
    if (!names.has(request.headers.host ?? '')) return no({ code: 'forbidden', message: 'The Host header names another server.' })
    // Routes with scopes admit by themselves.
    if (pathOf(request) === HEALTH || request.routeOptions.config.scopes !== undefined) return true
    const given = bearerOf(request.headers)
    if (given === undefined) return no({ code: 'unauthorized', message: 'Send the token as `Authorization: Bearer …`.' })
    const answer = access.admit(given, request.method === 'GET' ? ['deliberations', 'read'] : ['deliberations'])
    switch (answer.kind) {
      case 'admitted':
        actors.set(request, answer.caller.isOwner ? OWNER_ACTOR : `key:${answer.caller.id}`)
        return true
      case 'unknown':
        return no({ code: 'unauthorized', message: 'The token is not one of this gateway.' })
      case 'forbidden':
        return no({ code: 'forbidden', message: answer.message })
      case 'limited':
        return no({ code: 'overloaded', message: answer.message, retry_after_ms: answer.retryAfterMs }, 429)
    }
  }

  // An empty body with a content type is none.
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else void parseJson(request, String(body), done)
  })

  app.setNotFoundHandler((request, reply) => {
    const error: CommandError = { code: 'not-found', message: `There is no ${request.method} ${pathOf(request)}.` }
    return pathOf(request).startsWith(OPENAI_ROOT) ? sendCommandError(reply, error) : refuse(request, reply, error)
  })
  app.setErrorHandler((fault: FastifyError, request, reply) => {
    const status = fault.statusCode ?? 500
    if (status < 500) return refuse(request, reply, { code: 'invalid-input', message: messageOfFault(fault) }, status)
    if (fault instanceof UnavailableError) return refuse(request, reply, { code: 'unavailable', message: fault.message })
    onFault(fault)
    return refuse(request, reply, { code: 'internal', message: 'The request failed; the log of the host has the details.' })
  })

  async function answer(route: ApiRoute, request: FastifyRequest, reply: FastifyReply) {
    const id = commandId.safeParse(request.headers['idempotency-key'] ?? randomUUID())
    if (!id.success) {
      const message = 'An Idempotency-Key has 8 to 100 visible ASCII characters.'
      return refuse(request, reply, { code: 'invalid-input', message, field: 'Idempotency-Key' })
    }
    const input = inputOf(route, request)
    if (input === undefined)
      return refuse(request, reply, { code: 'invalid-input', message: 'The body is to be one JSON object.' })
    const context: CommandContext = {
      commandId: id.data,
      actor: actorOf(request),
      signal: AbortSignal.any([stopping.signal, gone(reply)]),
    }
    const answered = await dispatch(route.command, input, context)
    if ('error' in answered) return refuse(request, reply, answered.error)
    if (route.sendsFile) return sendFile(reply, sentFile.parse(answered.ok))
    return reply.code(route.command === 'deliberation.submit' && isGoingOn(answered.ok) ? 202 : 200).send(answered.ok)
  }

  async function follow(request: FastifyRequest, reply: FastifyReply) {
    const { task_id: taskId } = request.params as { task_id: string }
    if (request.headers['last-event-id'] === endId(taskId)) return reply.code(204).send()
    if (streams.size >= MAX_STREAMS) {
      const message = `${MAX_STREAMS} streams are open already; close one.`
      return refuse(request, reply, { code: 'overloaded', message, retry_after_ms: 5000 })
    }
    const signal = AbortSignal.any([stopping.signal, gone(reply)])
    const found = await dispatch(
      'deliberation.result',
      { task_id: taskId },
      { commandId: randomUUID(), actor: actorOf(request), signal },
    )
    if ('error' in found) return refuse(request, reply, found.error)
    reply.hijack()
    const written = stream(reply.raw, taskId, pathOf(request), signal)
    streams.add(written)
    await written
    streams.delete(written)
    return reply
  }

  /** The reader hears why it ends early. */
  async function stream(response: ServerResponse, taskId: string, path: string, signal: AbortSignal): Promise<void> {
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' })
    response.flushHeaders()
    try {
      const tooSlow = await writeEvents(response, taskId, watch(taskId, signal), signal, events)
      if (tooSlow !== undefined) onRefused({ status: 200, path, reason: tooSlow })
      if (stopping.signal.aborted) response.write(droppedEvent('The host is stopping.'))
    } catch (fault) {
      if (!signal.aborted) onFault(fault)
      response.write(droppedEvent('The stream failed; the log of the host has the details.'))
    }
    await new Promise<void>((resolve) => response.end(() => resolve()))
  }

  app.get(HEALTH, () => ({ status: 'ok', version: options.version }))
  const document = openApiDocument(options.version, { openAi: options.openAi !== undefined })
  app.get(`${API_ROOT}/openapi.json`, () => document)
  for (const route of apiRoutes)
    app.route({ method: route.method, url: urlOf(route.path), handler: (request, reply) => answer(route, request, reply) })
  app.get(urlOf(EVENTS_PATH), follow)
  app.get(METRICS_PATH, async (_, reply) => {
    const { contentType, text } = await metrics()
    return await reply.type(contentType).send(text)
  })
  if (options.openAi) addOpenAi(app, { ...options.openAi, access, headers: HEADERS, onFault })
  // Connections are cut after this; a reader that takes nothing is not waited for.
  app.addHook('preClose', async () => {
    stopping.abort()
    await Promise.race([Promise.all(streams), new Promise((resolve) => setTimeout(resolve, GOODBYE_MS).unref())])
  })
  return app
}

const urlOf = (path: string): string => API_ROOT + path.replaceAll(/\{(\w+)\}/g, ':$1')

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '/'

/** Aborts when the client has hung up or has its answer. */
function gone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => controller.abort())
  return controller.signal
}

/** What stands for a number or a flag in a query. */
const PLAIN = /^(0|[1-9]\d{0,14}|true|false)$/

/** Undefined for a body that is no object. */
function inputOf(route: ApiRoute, request: FastifyRequest): Record<string, unknown> | undefined {
  const body = request.body ?? {}
  if (typeof body !== 'object' || Array.isArray(body)) return undefined
  const query = Object.entries(request.query as Record<string, unknown>).map(([name, value]) => [
    name,
    route.plain?.includes(name) && typeof value === 'string' && PLAIN.test(value) ? (JSON.parse(value) as unknown) : value,
  ])
  return { ...body, ...(Object.fromEntries(query) as object), ...(request.params as object) }
}

const sentFile = z.object({ file_name: z.string(), media_type: z.string(), text: z.string() })

function sendFile(reply: FastifyReply, { file_name, media_type, text }: z.infer<typeof sentFile>) {
  return reply
    .header('content-disposition', `attachment; filename="${file_name.replaceAll(/[^\w.-]/g, '_')}"`)
    .type(`${media_type}; charset=utf-8`)
    .send(text)
}

function isGoingOn(reply: unknown): boolean {
  const { status } = reply as { status: string }
  return status === 'submitted' || status === 'PENDING' || status === 'IN_PROGRESS'
}
