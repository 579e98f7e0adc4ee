import { randomUUID } from 'node:crypto'
import type { Clock } from '../../ports/clock.ts'
import { ModelCallError, type Engines, type ModelCall, type ModelReply } from '../../ports/engines.ts'
import { UpstreamError, type UpstreamReply, type UpstreamRequest, type UpstreamStream } from '../../ports/upstreams.ts'
import { limitCall } from './call-limits.ts'
import type { EngineUpstream } from './endpoint-upstream.ts'
import { createAnswerWriter, usageOf, type AnswerWriter } from './engine-answer.ts'
import { readEmbeddingRequest, writeEmbeddings } from './engine-embeddings.ts'
import { readEngineRequest, type EngineRequest } from './engine-request.ts'
import { openAiError } from './openai-errors.ts'

const EVENT_STREAM = 'text/event-stream; charset=utf-8'
/** Of an engine that does not say how much a call may take. */
const UNKNOWN_CONTEXT = 4096
/** What a chat template adds, by an upper estimate. */
const TEMPLATE_TOKENS = 24
const MESSAGE_TOKENS = 8

type Calls = Pick<Engines, 'complete' | 'countTokens' | 'served' | 'embed'>

/** An engine that is called directly (the embedded one), in OpenAI's shape. */
export function createEngineUpstream(engines: Calls, clock: Clock): EngineUpstream {
  async function callOf({ call, maxTokens }: EngineRequest): Promise<ModelCall> {
    return { ...call, maxTokens: maxTokens ?? (await roomFor(engines, call)) }
  }

  function writerOf({ endpoint, model }: UpstreamRequest): AnswerWriter {
    return createAnswerWriter(endpoint, model.model, Math.floor(clock.now() / 1000))
  }

  async function sendTexts(request: UpstreamRequest, caller: AbortSignal): Promise<UpstreamReply> {
    const asked = readEmbeddingRequest(request)
    if ('message' in asked) return refusal(400, asked.message, asked)
    const limits = limitCall(caller, request.timeoutMs, request.model.model)
    limits.start()
    try {
      const embeddings = await engines.embed(asked.call, limits.signal)
      const cut = embeddings.truncated[0]
      if (cut !== undefined)
        return refusal(400, `Text ${cut + 1} is longer than ${request.model.model} reads.`, {
          param: 'input',
          code: 'context_length_exceeded',
        })
      const body = writeEmbeddings(embeddings, asked.isBase64)
      return { status: 200, body, requestId: randomUUID(), retryAfterMs: undefined, tokensIn: embeddings.tokens, tokensOut: 0 }
    } catch (error) {
      return failureReply(error)
    } finally {
      limits.end()
    }
  }

  async function send(request: UpstreamRequest, caller: AbortSignal): Promise<UpstreamReply> {
    if (request.endpoint === '/v1/embeddings') return await sendTexts(request, caller)
    const asked = readEngineRequest(request)
    if ('message' in asked) return refusal(400, asked.message, asked)
    if (asked.stream) return refusal(400, 'A request that streams is to be opened.', { param: 'stream', code: 'invalid_value' })
    const limits = limitCall(caller, request.timeoutMs, request.model.model)
    try {
      const call = await callOf(asked)
      const events = { onStarted: limits.start, onText: () => undefined }
      const replies = await Promise.all(
        // Each answer has a seed of its own, and the same one the next time.
        Array.from({ length: asked.count }, (_, index) =>
          engines.complete({ ...call, seed: call.seed + index }, events, limits.signal),
        ),
      )
      const usage = usageOf(replies)
      const body = writerOf(request).whole(replies, usage)
      return { status: 200, body, requestId: randomUUID(), retryAfterMs: undefined, ...usage }
    } catch (error) {
      // None of several answers is given without the others.
      limits.leave()
      return failureReply(error)
    } finally {
      limits.end()
    }
  }

  async function open(request: UpstreamRequest, caller: AbortSignal): Promise<UpstreamStream> {
    if (request.endpoint === '/v1/embeddings') return onePiece(await sendTexts(request, caller))
    const asked = readEngineRequest(request)
    if ('message' in asked || !asked.stream) return onePiece(await send(request, caller))
    const limits = limitCall(caller, request.timeoutMs, request.model.model)
    const texts = createTexts()
    const reply = callOf(asked).then((call) =>
      engines.complete(call, { onStarted: limits.start, onText: texts.push }, limits.signal),
    )
    reply.then(texts.end, texts.end)
    // The head waits for the first text, so that a call that fails before it has the status of its failure.
    await texts.some()
    if (texts.isEmpty()) {
      const failed = await reply.then(
        () => undefined,
        (error: unknown) => {
          limits.end()
          return failureReply(error)
        },
      )
      if (failed) return onePiece(failed)
    }
    const body = events(texts, reply, writerOf(request), { includeUsage: asked.includeUsage, left: limits.leave })
    return { status: 200, contentType: EVENT_STREAM, requestId: randomUUID(), retryAfterMs: undefined, body }
  }

  return { send, open, close: () => Promise.resolve(), destroy: () => Promise.resolve() }
}

async function roomFor(engines: Calls, call: EngineRequest['call']): Promise<number> {
  const { engine_id, model } = call.model
  const served = (await engines.served()).find(({ reference }) => reference.engine_id === engine_id && reference.model === model)
  const said = call.messages.map(({ content }) => content).join('\n')
  const prompt = (await engines.countTokens(call.model, said)) + TEMPLATE_TOKENS + MESSAGE_TOKENS * call.messages.length
  return Math.max(1, (served?.contextTokens ?? UNKNOWN_CONTEXT) - prompt)
}

interface Texts {
  readonly push: (text: string) => void
  readonly end: () => void
  readonly isEmpty: () => boolean
  /** Resolves when there is text, or no more will come. */
  some(): Promise<unknown>
  /** What has come since; undefined at the end. */
  take(): string | undefined
}

function createTexts(): Texts {
  let pending = ''
  let isOver = false
  let wake = Promise.withResolvers<null>()
  return {
    push(text) {
      pending += text
      wake.resolve(null)
    },
    end() {
      isOver = true
      wake.resolve(null)
    },
    isEmpty: () => pending === '',
    some: () => wake.promise,
    take() {
      const text = pending
      pending = ''
      if (!isOver) wake = Promise.withResolvers<null>()
      return text === '' && isOver ? undefined : text
    },
  }
}

async function* events(
  texts: Texts,
  reply: Promise<ModelReply>,
  writer: AnswerWriter,
  { includeUsage, left }: { readonly includeUsage: boolean; readonly left: () => void },
): AsyncGenerator<Uint8Array> {
  try {
    yield Buffer.from(writer.begin())
    for (let text = texts.take(); text !== undefined; text = texts.take()) {
      if (text !== '') yield Buffer.from(writer.text(text))
      await texts.some()
    }
    yield Buffer.from(await reply.then((whole) => writer.end(whole, includeUsage), brokenOff))
  } finally {
    // Also where the reader has gone: the call then ends for nobody.
    left()
  }
}

/** What a client of a stream that cannot go on is told. */
function brokenOff(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return `data: ${openAiError(message, { type: 'server_error', code: 'stream_broken' })}\n\n`
}

/** A failure of the engine as an answer with a status, or an UpstreamError where there is none to give. */
function failureReply(error: unknown): UpstreamReply {
  if (!(error instanceof ModelCallError)) throw error
  const { failure, message, retryable, retryAfterMs } = error
  switch (failure) {
    case 'timeout':
      throw new UpstreamError('timeout', message, error)
    case 'engine_crashed':
      throw new UpstreamError('crashed', message, error)
    case 'connection':
    case 'cancelled':
      throw new UpstreamError('connection', message, error)
    case 'rate_limited':
      return refusal(429, message, { type: 'rate_limit_error', code: 'rate_limit_exceeded' }, retryAfterMs)
    case 'context_exceeded':
      return refusal(400, message, { param: 'messages', code: 'context_length_exceeded' })
    case 'model_missing':
      return refusal(404, message, { param: 'model', code: 'model_not_found' })
    case 'rejected':
      return refusal(400, message, { code: 'rejected' })
    case 'invalid_output':
      return refusal(retryable ? 500 : 422, message, { type: 'server_error', code: failure })
    case 'server_error':
    case 'model_mismatch':
    case 'internal':
      return refusal(500, message, { type: 'server_error', code: failure }, retryAfterMs)
  }
}

function refusal(
  status: number,
  message: string,
  error: { type?: string; param?: string | null; code?: string | null },
  retryAfterMs?: number,
): UpstreamReply {
  return { status, body: openAiError(message, error), requestId: randomUUID(), retryAfterMs, tokensIn: 0, tokensOut: 0 }
}

function onePiece({ status, body, requestId, retryAfterMs }: UpstreamReply): UpstreamStream {
  const bytes = Buffer.from(body)
  return { status, contentType: 'application/json', requestId, retryAfterMs, body: oneChunk(bytes) }
}

// eslint-disable-next-line @typescript-eslint/require-await -- one piece as if it had streamed
async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
