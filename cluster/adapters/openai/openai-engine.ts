import OpenAI, { APIError } from 'openai'
import type { Clock } from '../../ports/clock.ts'
import {
  ModelCallError,
  type Embedder,
  type EmbeddingCall,
  type Embeddings,
  type ModelCall,
  type ModelCallEvents,
  type ModelReply,
  type ServedModel,
} from '../../ports/engines.ts'
import type { EndpointSettings } from '../../messages/endpoint.ts'
import { createChangeNotice, type ChangeListener, type EngineStatus } from '../engines/engine-status.ts'
import { createRateMeter, type RateMeter } from '../engines/rate-meter.ts'
import { createSlots } from '../engines/slots.ts'
import { estimateTokens } from '../engines/token-estimate.ts'
import { readChat, type ChatText } from './chat-stream.ts'
import { isEmbeddingName, requestEmbeddings } from './embeddings.ts'
import { toFailure } from './http-failures.ts'
import { readExpectedScores } from './logprob-scores.ts'
import { buildRequest, lackOf, refusedOption, type RequestOption } from './request-options.ts'
import { readModelList, type ListedModel } from './served-models.ts'
import { isSameModel } from './served-name.ts'
import { watchBytes } from './watched-fetch.ts'

const LIST_TIMEOUT_MS = 10_000
/** How long the first question for the models may hold up who wants to know. */
const FIRST_LIST_WAIT_MS = 3000
/** How long a list of models is trusted. */
const LIST_FRESH_MS = 30_000
/** Answers of a server that has no list of models; chat may work all the same. */
const LISTS_NOTHING = new Set([404, 405, 501])

export interface OpenAiEngineOptions {
  readonly settings: EndpointSettings
  /** Read for every call, so that a new key counts at once. */
  readonly apiKey: () => Promise<string | undefined>
  readonly clock: Clock
  /** How long a server may send nothing before the call is given up. */
  readonly idleTimeoutMs: number
}

export interface ConnectionTest {
  readonly ok: boolean
  /** What was found, or what is wrong, in plain words. */
  readonly detail: string
  readonly latencyMs: number | null
  readonly models: readonly ListedModel[]
}

/** One OpenAI-compatible endpoint. */
export interface OpenAiEngine {
  complete(call: ModelCall, events: ModelCallEvents, signal: AbortSignal): Promise<ModelReply>
  served(): Promise<readonly ServedModel[]>
  embed(call: EmbeddingCall, signal: AbortSignal): Promise<Embeddings>
  /** Listed models that embed, told by their names, since no server says it. */
  embedders(): Promise<readonly Embedder[]>
  countTokens(model: string, text: string): Promise<number>
  /** Asks the server which models it serves. */
  testConnection(signal: AbortSignal): Promise<ConnectionTest>
  status(): Promise<EngineStatus>
  watch(listener: ChangeListener): () => void
}

export function createOpenAiEngine(options: OpenAiEngineOptions): OpenAiEngine {
  const { settings, clock } = options
  const changes = createChangeNotice()
  const slots = createSlots(settings.parallel)
  const refused = new Set<RequestOption>()
  const meters = new Map<string, RateMeter>()
  const total = createRateMeter()
  let lastTest: { at: number; result: ConnectionTest } | undefined
  let refreshing: Promise<unknown> | undefined

  function clientWith(key: string | undefined, fetch?: typeof globalThis.fetch): OpenAI {
    return new OpenAI({
      baseURL: settings.base_url,
      apiKey: key ?? 'none',
      // What the SDK would take from the environment of the console's process is not meant for this endpoint.
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      defaultHeaders: key === undefined ? { Authorization: null } : {},
      maxRetries: 0,
      logLevel: 'off',
      ...(fetch && { fetch }),
    })
  }

  async function ask(call: ModelCall, events: ModelCallEvents, signal: AbortSignal): Promise<ChatText> {
    const key = await options.apiKey()
    for (;;) {
      const watched = watchBytes(options.idleTimeoutMs)
      try {
        const client = clientWith(key, watched.fetch)
        const stream = await client.chat.completions.create(buildRequest(call, refused), {
          signal: AbortSignal.any([signal, watched.idle]),
          // The SDK's own limit is for headers only; the idle limit covers them too.
          timeout: options.idleTimeoutMs * 2,
        })
        return await readChat(stream, {
          now: () => clock.now(),
          onServedModel: refuseOther(call),
          onText: (text) => events.onText(text),
        })
      } catch (error) {
        signal.throwIfAborted()
        if (watched.idle.aborted) {
          throw new ModelCallError('timeout', `${settings.name}: no data for ${options.idleTimeoutMs / 1000} s.`, {
            retryable: true,
          })
        }
        const option =
          error instanceof APIError && (error.status === 400 || error.status === 422) && refusedOption(error, call, refused)
        const failure = toFailure(error, settings.name, key)
        if (!option || failure.failure === 'context_exceeded') throw failure
        refused.add(option)
      } finally {
        watched.stop()
      }
    }
  }

  function refuseOther(call: Pick<ModelCall, 'model'>): (served: string) => void {
    return (served) => {
      if (settings.allow_substitution || isSameModel(call.model.model, served)) return
      throw new ModelCallError(
        'model_mismatch',
        `${settings.name} was asked for ${call.model.model} and answered with ${served}.`,
        {
          retryable: false,
        },
      )
    }
  }

  async function toReply(call: ModelCall, chat: ChatText): Promise<ModelReply> {
    const servedModel = chat.servedModel ?? call.model.model
    const field = chat.finish === 'stop' ? call.scoreField : null
    const expectedScores = field && (await readExpectedScores(chat.text, chat.tokens, field))
    const lacks = lackOf(call, refused)
    if (!isSameModel(call.model.model, servedModel)) lacks.push(`Another model answered: ${servedModel} (model_substituted).`)
    if (chat.usage === null && !refused.has('stream_options'))
      lacks.push('The endpoint gave no token counts; they are estimated.')
    if (field && !expectedScores && !refused.has('logprobs')) {
      lacks.push('The endpoint gave no log-probabilities for the scores; the stated scores stand.')
    }
    return {
      text: chat.text,
      reasoning: chat.reasoning,
      servedModel,
      finish: chat.finish,
      tokensIn: chat.usage?.tokensIn ?? estimateTokens(call.messages.map(({ content }) => content).join('\n')),
      tokensOut: chat.usage?.tokensOut ?? estimateTokens(chat.text),
      firstTokenAt: chat.firstTokenAt,
      expectedScores,
      degraded: lacks.length > 0 ? lacks.join(' ') : null,
    }
  }

  async function test(signal: AbortSignal): Promise<ConnectionTest> {
    const key = await options.apiKey()
    const begun = performance.now()
    try {
      const models = readModelList(await clientWith(key).get('/models', { signal, timeout: LIST_TIMEOUT_MS }))
      const detail =
        models.length > 0 ? `Serves ${models.map(({ model }) => model).join(', ')}.` : 'The server answers but serves no model.'
      return { ok: models.length > 0, detail, latencyMs: Math.round(performance.now() - begun), models }
    } catch (error) {
      signal.throwIfAborted()
      if (settings.models && error instanceof APIError && LISTS_NOTHING.has(Number(error.status))) {
        const models = settings.models.map((model) => ({ model, contextTokens: null }))
        return {
          ok: true,
          detail: 'The server answers but does not list its models.',
          latencyMs: Math.round(performance.now() - begun),
          models,
        }
      }
      return { ok: false, detail: toFailure(error, settings.name, key).message, latencyMs: null, models: [] }
    }
  }

  /** What a call found out counts as the newest test: an engine that refuses connections is shown as failed until it answers again. */
  function noteReachability(failure: ModelCallError | null): void {
    if (!lastTest) return
    const isGone = failure !== null && failure.failure === 'connection' && failure.engineAway
    if (isGone)
      lastTest = { at: clock.now(), result: { ...lastTest.result, ok: false, detail: failure.message, latencyMs: null } }
    else if (failure === null && !lastTest.result.ok) void refreshList()
  }

  /** One question at a time, however many ask. */
  function refreshList(): Promise<unknown> {
    refreshing ??= testConnection(new AbortController().signal).finally(() => (refreshing = undefined))
    return refreshing
  }

  async function testConnection(signal: AbortSignal): Promise<ConnectionTest> {
    const result = await test(signal)
    lastTest = { at: clock.now(), result }
    changes.notify()
    return result
  }

  function toServed({ model, origin, contextTokens }: ListedModel): ServedModel {
    return {
      reference: { engine_id: settings.id, model },
      label: model,
      origin,
      contextTokens,
      starter: false,
      parallel: settings.parallel,
      tokensPerSecond: meters.get(model)?.single ?? null,
    }
  }

  /** What the endpoint serves by the last list; models that the settings name are offered only while the server answers. */
  function lastListed(): ListedModel[] {
    const listed = [...(lastTest?.result.models ?? [])]
    if (settings.models === null || !lastTest?.result.ok) return listed
    return settings.models.map((model) => listed.find((one) => one.model === model) ?? { model, contextTokens: null })
  }

  const lastServed = () =>
    lastListed()
      .filter(({ model }) => !isEmbeddingName(model))
      .map(toServed)

  /** A server that does not answer holds nobody up: the watchers hear when its list is there. */
  async function haveList(): Promise<void> {
    if (!lastTest) await Promise.race([refreshList(), clock.sleep(FIRST_LIST_WAIT_MS)])
    else if (clock.now() - lastTest.at > LIST_FRESH_MS) void refreshList()
  }

  return {
    async complete(call, events, signal) {
      const waiting = slots.take(signal)
      changes.notify()
      const release = await waiting
      const meter = meters.get(call.model.model) ?? createRateMeter()
      meters.set(call.model.model, meter)
      const startedAt = clock.now()
      let tokensOut = 0
      for (const one of [meter, total]) one.started(startedAt)
      changes.notify()
      try {
        events.onStarted()
        const reply = await toReply(call, await ask(call, events, signal))
        tokensOut = reply.tokensOut
        noteReachability(null)
        return reply
      } catch (error) {
        if (error instanceof ModelCallError) noteReachability(error)
        throw error
      } finally {
        for (const one of [meter, total]) one.ended({ startedAt, endedAt: clock.now(), tokensOut })
        release()
        changes.notify()
      }
    },

    async served() {
      await haveList()
      return lastServed()
    },

    async embedders() {
      await haveList()
      return lastListed()
        .filter(({ model }) => isEmbeddingName(model))
        .map(({ model, contextTokens }) => ({ reference: { engine_id: settings.id, model }, label: model, contextTokens }))
    },

    async embed(call, signal) {
      const release = await slots.take(signal)
      const key = await options.apiKey()
      try {
        const limit = lastListed().find(({ model }) => model === call.model.model)?.contextTokens ?? null
        const reply = await requestEmbeddings(clientWith(key), call, { limit, signal, timeoutMs: options.idleTimeoutMs })
        refuseOther(call)(reply.model)
        return reply
      } catch (error) {
        signal.throwIfAborted()
        throw toFailure(error, settings.name, key)
      } finally {
        release()
      }
    },

    countTokens: (_model, text) => Promise.resolve(estimateTokens(text)),
    testConnection,

    async status() {
      return {
        engineId: settings.id,
        name: settings.name,
        kind: 'endpoint',
        baseUrl: settings.base_url,
        hasKey: (await options.apiKey()) !== undefined,
        state: !lastTest ? 'unknown' : lastTest.result.ok ? 'ready' : 'failed',
        detail: lastTest?.result.detail ?? 'Not asked yet.',
        checkedAt: lastTest?.at ?? null,
        running: slots.running,
        waiting: slots.waiting,
        parallel: settings.parallel,
        tokensPerSecond: total.single,
        totalTokensPerSecond: total.overall,
        models: lastServed(),
      }
    },

    watch: (listener) => changes.watch(listener),
  }
}
