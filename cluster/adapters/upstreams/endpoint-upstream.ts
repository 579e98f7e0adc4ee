import { errors, Pool, type Dispatcher } from 'undici'
import * as z from 'zod'
import type { EndpointConnection } from '../openai/endpoint-registry.ts'
import { readRetryAfter } from '../openai/retry-after.ts'
import { rootCause } from '../engines/root-cause.ts'
import { UpstreamError, type UpstreamReply, type UpstreamRequest, type UpstreamStream } from '../../ports/upstreams.ts'
import { limitCall, type CallLimits } from './call-limits.ts'
import { openAiError } from './openai-errors.ts'
import { findRequestFields } from './request-fields.ts'
import { usageOf } from './usage.ts'
import { askWhole } from './whole-answer.ts'

/** What one engine takes in OpenAI's shape. Both reject with UpstreamError, or with the signal's reason. */
export interface EngineUpstream {
  send(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamReply>
  open(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamStream>
  /** Waits for the requests under way. */
  close(): Promise<void>
  /** Ends them. */
  destroy(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 10_000
/** A server that closes idle connections sooner says so in its answer, and is believed. */
const KEEP_ALIVE_MS = 30_000
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
const LONGEST_QUOTE = 300
/** What Node says of a system call that failed. */
const systemFailure = z.object({ syscall: z.string().catch(''), code: z.string().catch('') })

/** An OpenAI-compatible endpoint over kept-alive connections: as many as there are requests at once. */
export function createEndpointUpstream({ settings, key }: EndpointConnection, idleTimeoutMs: number): EngineUpstream {
  const { name } = settings
  const { origin, pathname } = new URL(settings.base_url)
  const root = pathname.replace(/\/+$/, '')
  const pool = new Pool(origin, {
    connect: { timeout: CONNECT_TIMEOUT_MS },
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
  })
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
  }

  function optionsOf({ model, endpoint, body, timeoutMs }: UpstreamRequest): Dispatcher.RequestOptions {
    const fields = findRequestFields(body)
    return {
      method: 'POST',
      path: root + endpoint.slice('/v1'.length),
      headers,
      body: fields.model === model.model ? body : fields.withModel(model.model),
      // An answer that does not stream has no head before it is whole.
      headersTimeout: timeoutMs,
      bodyTimeout: idleTimeoutMs,
    }
  }

  function fail(error: unknown, { signal }: CallLimits): never {
    signal.throwIfAborted()
    if (error instanceof UpstreamError) throw error
    if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError)
      throw new UpstreamError('timeout', `${name}: no data for ${idleTimeoutMs / 1000} s.`, error)
    if (error instanceof errors.ResponseExceededMaxSizeError || error instanceof errors.HTTPParserError)
      throw new UpstreamError('malformed', `${name}: the answer cannot be read (${error.message}).`, error)
    if (neverConnected(error)) throw new UpstreamError('unreachable', `${name}: cannot be reached (${rootCause(error)}).`, error)
    throw new UpstreamError('connection', `${name}: the connection broke (${rootCause(error)}).`, error)
  }

  /** The status and the JSON to pass on: nobody is given a page of HTML, or half an answer, for an answer. */
  function read(status: number, text: string): { status: number; body: string; answer: unknown } {
    const answer = parsed(text)
    const isAnswer = typeof answer === 'object' && answer !== null && !Array.isArray(answer)
    if (status >= 200 && status < 300) {
      if (!isAnswer) throw new UpstreamError('malformed', `${name}: answered ${status} with something else than a JSON object.`)
      // Some proxies wrap a refusal into a success.
      const isRefusal = 'error' in answer && !!answer.error && !('choices' in answer) && !('data' in answer)
      return { status: isRefusal ? 502 : status, body: oneLine(text, answer), answer }
    }
    if (isAnswer) return { status, body: oneLine(withoutKey(text), undefined), answer }
    const what = /<html|<!doctype/i.test(text) ? 'with an HTML page' : withoutKey(text).trim().slice(0, LONGEST_QUOTE)
    return { status, body: openAiError(`${name} answered ${status} ${what}`.trim(), { type: 'upstream_error' }), answer: null }
  }

  const withoutKey = (text: string): string => (key ? text.replaceAll(key, '[key]') : text)

  return {
    async send(request, caller) {
      const limits = limitCall(caller, request.timeoutMs, name)
      limits.start()
      try {
        const response = await askWhole(pool, optionsOf(request), limits.signal)
        const { status, body, answer } = read(response.statusCode, response.text)
        return { status, body, ...headOf(response), ...usageOf(answer) }
      } catch (error) {
        return fail(error, limits)
      } finally {
        limits.end()
      }
    },

    async open(request, caller) {
      const limits = limitCall(caller, request.timeoutMs, name)
      limits.start()
      try {
        const response = await pool.request({ ...optionsOf(request), signal: limits.signal })
        const head = headOf(response)
        if (response.statusCode >= 200 && response.statusCode < 300) {
          const contentType = headerOf(response, 'content-type') ?? 'application/json'
          return { status: response.statusCode, contentType, ...head, body: chunks(response.body, limits) }
        }
        const { status, body } = read(response.statusCode, await response.body.text())
        limits.end()
        return { status, contentType: 'application/json', ...head, body: onePiece(body) }
      } catch (error) {
        limits.end()
        return fail(error, limits)
      }
    },

    close: () => pool.close(),
    destroy: () => pool.destroy(),
  }

  async function* chunks(body: Dispatcher.ResponseData['body'], limits: CallLimits): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) yield chunk
    } catch (error) {
      fail(error, limits)
    } finally {
      limits.end()
      body.destroy()
    }
  }
}

/** Refused, not found, not in time, or no agreement on how to encrypt: nothing of the request was sent. */
function neverConnected(error: unknown): boolean {
  if (error instanceof errors.ConnectTimeoutError || error instanceof AggregateError) return true
  if (!(error instanceof Error)) return false
  const { syscall, code } = systemFailure.parse(error)
  return syscall === 'connect' || syscall === 'getaddrinfo' || /CERT|SSL|TLS/.test(code)
}

function headOf(response: Pick<Dispatcher.ResponseData, 'headers'>): Pick<UpstreamReply, 'requestId' | 'retryAfterMs'> {
  return {
    requestId: headerOf(response, 'x-request-id') ?? null,
    retryAfterMs: readRetryAfter(headerOf(response, 'retry-after'), Date.now()),
  }
}

function headerOf({ headers }: Pick<Dispatcher.ResponseData, 'headers'>, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** As it came, unless it would not fit into a line of a file. */
function oneLine(text: string, answer: unknown): string {
  return /[\n\r]/.test(text) ? JSON.stringify(answer ?? JSON.parse(text)) : text
}

// eslint-disable-next-line @typescript-eslint/require-await -- one piece as if it had streamed
async function* onePiece(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
