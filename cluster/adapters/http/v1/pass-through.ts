import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiScope } from '../../../messages/api-keys.ts'
import type { BatchEndpoint } from '../../../messages/batch.ts'
import type { DecisionLog } from '../../../ports/decision-log.ts'
import type { ServedModel } from '../../../ports/engines.ts'
import { UpstreamError, type Upstreams, type UpstreamStream } from '../../../ports/upstreams.ts'
import { openAiError } from '../../upstreams/openai-errors.ts'
import { findRequestFields } from '../../upstreams/request-fields.ts'
import { usageOfStreamEnd } from '../../upstreams/usage.ts'
import { callerOf } from './admission.ts'
import { sendFailure } from './openai-reply.ts'

export interface PassThroughOptions {
  readonly upstreams: Upstreams
  readonly decisions: DecisionLog
  /** Headers of every answer of this server: a stream is written past the framework. */
  readonly headers: Readonly<Record<string, string>>
  readonly requestTimeoutMs?: number
}

/** What a prompt with pictures or a long document may take. */
const BODY_BYTES = 32 * 1024 * 1024
const REQUEST_TIMEOUT_MS = 600_000
/** Enough for the last events of a stream, in which its usage stands. */
const TAIL_CHARACTERS = 4096

const routes: readonly { readonly endpoint: BatchEndpoint; readonly scope: ApiScope }[] = [
  { endpoint: '/v1/chat/completions', scope: 'chat' },
  { endpoint: '/v1/completions', scope: 'chat' },
  { endpoint: '/v1/embeddings', scope: 'embeddings' },
]

/** Requests in OpenAI's shape on to whichever engine serves their model. Nothing is parsed that need not be, and no log is waited for. */
export function addPassThrough(app: FastifyInstance, options: PassThroughOptions): void {
  const { upstreams, decisions, headers, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options
  const underWay = new Set<AbortController>()

  for (const { endpoint, scope } of routes)
    app.post(endpoint, { config: { scopes: [scope] }, bodyLimit: BODY_BYTES }, (request, reply) =>
      forward(endpoint, request, reply),
    )

  app.get('/v1/models', { config: { scopes: [] } }, async () => {
    const served = await upstreams.served()
    return { object: 'list', data: served.map((one) => modelObject(one, served)) }
  })
  app.get<{ Params: { '*': string } }>('/v1/models/*', { config: { scopes: [] } }, async (request, reply) => {
    const name = request.params['*']
    const resolved = await upstreams.resolve(name)
    if (resolved.kind === 'found') return modelObject(resolved.served, await upstreams.served())
    return sendFailure(reply, { status: 404, message: `There is no model ${name}.`, param: 'model', code: 'model_not_found' })
  })

  async function forward(endpoint: BatchEndpoint, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const startedAt = performance.now()
    const body = typeof request.body === 'string' ? request.body : ''
    const { model, stream } = findRequestFields(body)
    if (model === null) return sendFailure(reply, noModel(body))
    const resolved = await upstreams.resolve(model)
    if (resolved.kind !== 'found') return sendFailure(reply, unresolved(model, resolved))
    const { reference } = resolved.served
    const leaving = new AbortController()
    underWay.add(leaving)
    reply.raw.once('close', () => {
      underWay.delete(leaving)
      if (!reply.raw.writableFinished) leaving.abort(GONE)
    })
    const record = (status: number, { tokensIn, tokensOut }: { tokensIn: number; tokensOut: number }) =>
      decisions.add({
        at: Date.now(),
        caller: callerOf(request).id,
        endpoint,
        model: reference.model,
        engine: reference.engine_id,
        status,
        stream,
        tokens_in: tokensIn,
        tokens_out: tokensOut,
        latency_ms: performance.now() - startedAt,
      })
    /** Answers for an engine that did not; who has gone hears nothing. */
    const failed = (fault: unknown): undefined => {
      const status = statusOfFault(fault, leaving.signal)
      record(status, { tokensIn: 0, tokensOut: 0 })
      if (status === CLIENT_GONE) reply.hijack()
      else if (fault instanceof UpstreamError)
        sendFailure(reply, { status, message: fault.message, code: `upstream_${fault.reason}` })
      else throw fault
    }
    const asked = { model: reference, endpoint, body, timeoutMs: requestTimeoutMs }
    if (stream) {
      const opened = await upstreams.open(asked, leaving.signal).catch(failed)
      if (opened) record(opened.status, await passOn(opened, reply))
      return reply
    }
    const answer = await upstreams.send(asked, leaving.signal).catch(failed)
    if (!answer) return reply
    record(answer.status, answer)
    if (answer.requestId !== null) reply.header('x-request-id', answer.requestId)
    if (answer.retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(answer.retryAfterMs / 1000)))
    return reply.code(answer.status).type('application/json').send(answer.body)
  }

  /** Every piece as it comes; the next is asked for when the client has taken the last. */
  async function passOn(opened: UpstreamStream, reply: FastifyReply): Promise<{ tokensIn: number; tokensOut: number }> {
    reply.hijack()
    const { raw } = reply
    raw.writeHead(opened.status, {
      ...headers,
      'content-type': opened.contentType,
      'x-accel-buffering': 'no',
      ...rateHeadersOf(reply),
      ...(opened.requestId !== null && { 'x-request-id': opened.requestId }),
      ...(opened.retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(opened.retryAfterMs / 1000)) }),
    })
    let tail = ''
    try {
      for await (const chunk of opened.body) {
        tail = (tail + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')).slice(-TAIL_CHARACTERS)
        if (!raw.write(chunk)) await taken(raw)
        if (raw.destroyed) break
      }
    } catch (fault) {
      if (!raw.destroyed) raw.write(brokenOff(fault))
    }
    raw.end()
    return usageOfStreamEnd(tail)
  }

  app.addHook('preClose', (done) => {
    for (const leaving of underWay) leaving.abort(new UpstreamError('connection', 'The gateway is stopping.'))
    done()
  })
}

const GONE = new Error('The client has gone.')
/** What nginx calls it; nobody hears it. */
const CLIENT_GONE = 499

function statusOfFault(fault: unknown, { aborted, reason }: AbortSignal): number {
  if (!(fault instanceof UpstreamError)) return aborted ? CLIENT_GONE : 500
  if (fault === reason) return 503
  return fault.reason === 'timeout' ? 504 : 502
}

async function taken(raw: ServerResponse): Promise<void> {
  await Promise.race([once(raw, 'drain'), once(raw, 'close')])
}

function brokenOff(fault: unknown): string {
  const message = fault instanceof Error ? fault.message : String(fault)
  return `data: ${openAiError(message, { type: 'server_error', code: 'stream_broken' })}\n\n`
}

function rateHeadersOf(reply: FastifyReply): Record<string, string> {
  const entries = Object.entries(reply.getHeaders()).filter(([name]) => name.startsWith('x-ratelimit-'))
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}

function noModel(body: string) {
  try {
    JSON.parse(body)
  } catch {
    return { status: 400, message: 'The body is not valid JSON.', code: 'invalid_json' }
  }
  return { status: 400, message: 'The body names no model.', param: 'model', code: 'missing_required_parameter' }
}

function unresolved(model: string, resolved: Exclude<Awaited<ReturnType<Upstreams['resolve']>>, { kind: 'found' }>) {
  if (resolved.kind === 'ambiguous') {
    const names = resolved.engines.map((engine) => `${engine}/${model}`).join(' or ')
    return {
      status: 400,
      message: `Several engines serve ${model}; name one: ${names}.`,
      param: 'model',
      code: 'ambiguous_model',
    }
  }
  const known = resolved.known.length === 0 ? 'Nothing is served now.' : `Served are ${resolved.known.join(', ')}.`
  return { status: 404, message: `There is no model ${model}. ${known}`, param: 'model', code: 'model_not_found' }
}

/** Under the name that finds it: with its engine before it where several serve the same. `created` is not known. */
function modelObject({ reference, contextTokens }: ServedModel, all: readonly ServedModel[]) {
  const { model, engine_id } = reference
  const isOnly = all.filter((other) => other.reference.model === model).length === 1
  return {
    id: isOnly ? model : `${engine_id}/${model}`,
    object: 'model',
    created: 0,
    owned_by: engine_id,
    context_tokens: contextTokens,
  }
}
