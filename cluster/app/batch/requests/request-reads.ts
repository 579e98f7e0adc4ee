import type { RequestRow } from '../../../messages/batch-views.ts'
import type { BatchRequests, RequestQuery } from '../../../ports/batch-requests.ts'
import type { Batches, FinishedLines } from '../../../ports/batches.ts'
import type { Blobs } from '../../../ports/blobs.ts'
import { bytesFrom } from '../../texts/stored-bytes.ts'
import type { BatchStates } from '../states.ts'
import { mergeRetries, type MergedRequest, type RequestSource } from './merged-requests.ts'
import { createRequestBodies, type RequestBodies } from './request-bodies.ts'
import { answerText, CSV_HEAD, csvRow, errorLine, joinedLine, linesOf, outputLine, UNANSWERED } from './result-lines.ts'

export interface ReadPorts {
  readonly states: BatchStates
  readonly requests: BatchRequests
  readonly blobs: Blobs
  /** Those of a batch that are with an engine now, by place in the file. */
  readonly runningOf: (batchId: string) => ReadonlyMap<number, { readonly attempts: number }> | undefined
}

/** Single requests of batches, in motion or ended. */
type RequestReads = Pick<Batches, 'requests' | 'request' | 'errors' | 'lines' | 'withRetries'>

const SHOWN_CHARACTERS = 300
const JOINED_AT_ONCE = 256

export function createRequestReads({ states, requests, blobs, runningOf }: ReadPorts): RequestReads {
  async function bodiesOf(batchId: string): Promise<RequestBodies | undefined> {
    const loaded = await states.load(batchId)
    return loaded.kind === 'batch' ? createRequestBodies(blobs, loaded.state.spec.input) : undefined
  }

  async function rows(batchId: string, stored: readonly MergedRequest[]): Promise<readonly RequestRow[]> {
    const bodies = await bodiesOf(batchId)
    if (!bodies) return []
    return await Promise.all(stored.map(async (request) => rowOf(batchId, request, await bodies.body(request))))
  }

  function rowOf(batchId: string, { n, customId, outcome, by }: MergedRequest, input: string): RequestRow {
    const running = runningOf(batchId)?.get(n)
    return {
      n,
      custom_id: customId,
      state: outcome?.state ?? (running ? 'running' : 'pending'),
      status_code: outcome?.statusCode ?? null,
      tokens_in: outcome?.tokensIn ?? null,
      tokens_out: outcome?.tokensOut ?? null,
      latency_ms: outcome ? Math.max(0, outcome.endedAt - outcome.startedAt) : null,
      attempts: outcome?.attempts ?? running?.attempts ?? 0,
      input: shown(promptText(input)),
      output: outcome?.state === 'completed' ? shown(answerText(outcome.body)) : null,
      served_model: outcome?.servedModel,
      error: outcome?.error ? { code: outcome.error.code, message: shown(outcome.error.message) } : null,
      ...(by && { retried_in: { batch_id: by.batchId, n: by.n } }),
    }
  }

  /** Places of those that run now, where the query is for these. */
  function runningPlaces(batchId: string, { states }: RequestQuery): readonly number[] | undefined {
    if (states?.length !== 1 || states[0] !== 'running') return undefined
    return [...(runningOf(batchId)?.keys() ?? [])].sort((a, b) => a - b)
  }

  function ownRequests(batchId: string): RequestSource {
    return {
      async page(query, from, limit) {
        const places = runningPlaces(batchId, query)
        if (!places) return await requests.page(batchId, query, from, limit)
        const found = await Promise.all(places.slice(from, from + limit).map((n) => requests.one(batchId, n)))
        return { total: places.length, requests: found.filter((one) => one !== undefined) }
      },
      async *all(query) {
        const places = runningPlaces(batchId, query)
        if (!places) yield* requests.all(batchId, query)
        for (const n of places ?? []) {
          const request = await requests.one(batchId, n)
          if (request) yield request
        }
      },
    }
  }

  async function pageOf(batchId: string, source: RequestSource, query: RequestQuery, from: number, limit: number) {
    const page = await source.page(query, from, limit)
    return { total: page.total, rows: await rows(batchId, page.requests) }
  }

  /** `line` makes one of a request and its line of the input file. */
  async function* joined(
    batchId: string,
    matching: AsyncIterable<MergedRequest>,
    line: (request: MergedRequest, input: string) => string,
  ): AsyncIterable<string> {
    const bodies = await bodiesOf(batchId)
    if (!bodies) return
    const decoder = new TextDecoder()
    let group: MergedRequest[] = []
    const flush = async function* () {
      const byPlace = new Map(group.map((request) => [request.n, request]))
      for await (const { request, bytes } of bodies.lines(group)) {
        const stored = byPlace.get(request.n)
        if (stored) yield line(stored, decoder.decode(bytes))
      }
      group = []
    }
    for await (const request of matching) {
      group.push(request)
      if (group.length >= JOINED_AT_ONCE) yield* flush()
    }
    yield* flush()
  }

  async function* csv(requests: AsyncIterable<MergedRequest>): AsyncIterable<string> {
    yield CSV_HEAD
    for await (const request of requests) yield csvRow(request)
  }

  async function* mergedLines(
    batchId: string,
    retries: readonly string[],
    kind: FinishedLines,
    query: RequestQuery,
  ): AsyncIterable<string> {
    const source = await mergeRetries(requests, batchId, retries)
    const placeOf = ({ n, by }: MergedRequest) => by ?? { batchId, n }
    switch (kind) {
      case 'output':
      case 'errors': {
        const states = kind === 'output' ? (['completed'] as const) : UNANSWERED
        for await (const request of source.all({ states })) {
          const { outcome } = request
          const place = placeOf(request)
          const line = kind === 'output' ? outputLine : errorLine
          if (outcome) yield line(place.batchId, { ...request, n: place.n, outcome })
        }
        return
      }
      case 'joined':
        yield* joined(batchId, source.all(query), (request, input) => {
          const place = placeOf(request)
          return joinedLine(place.batchId, { ...request, n: place.n }, input, place.batchId)
        })
        return
      case 'csv':
        yield `${CSV_HEAD},batch_id`
        for await (const request of source.all(query)) yield `${csvRow(request)},${placeOf(request).batchId}`
    }
  }

  async function* manifest(batchId: string): AsyncIterable<string> {
    const loaded = await states.load(batchId)
    const stored = loaded.kind === 'batch' ? loaded.state.ended?.manifest : undefined
    if (stored) yield new TextDecoder().decode(await bytesFrom(blobs, stored.sha256))
  }

  return {
    requests: (batchId, query, from, limit) => pageOf(batchId, ownRequests(batchId), query, from, limit),
    async request(batchId, n) {
      const stored = await requests.one(batchId, n)
      const bodies = stored && (await bodiesOf(batchId))
      if (!bodies) return undefined
      const input = await bodies.body(stored)
      return { row: rowOf(batchId, stored, input), input, output: stored.outcome?.body ?? null }
    },
    errors: (batchId) => requests.errorGroups(batchId),
    lines(batchId, kind, query = {}) {
      switch (kind) {
        case 'output':
          return linesOf(batchId, requests.all(batchId, { states: ['completed'] }), outputLine)
        case 'errors':
          return linesOf(batchId, requests.all(batchId, { states: UNANSWERED }), errorLine)
        case 'joined':
          return joined(batchId, ownRequests(batchId).all(query), (request, input) => joinedLine(batchId, request, input))
        case 'csv':
          return csv(ownRequests(batchId).all(query))
        case 'manifest':
          return manifest(batchId)
      }
    },
    withRetries: (batchId, retries) => ({
      requests: async (query, from, limit) =>
        await pageOf(batchId, await mergeRetries(requests, batchId, retries), query, from, limit),
      lines: (kind, query = {}) => mergedLines(batchId, retries, kind, query),
      counts: async () => await (await mergeRetries(requests, batchId, retries)).counts(),
    }),
  }
}

function shown(text: string): string {
  return text.slice(0, SHOWN_CHARACTERS)
}

/** What a request asks, without the JSON around it: the last message, the prompt or the input. */
function promptText(body: string): string {
  try {
    const { messages, prompt, input } = JSON.parse(body) as { messages?: unknown; prompt?: unknown; input?: unknown }
    const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined
    const content = typeof last === 'object' && last !== null && 'content' in last ? last.content : undefined
    for (const text of [content, prompt, input]) if (typeof text === 'string') return text
  } catch {
    // Shown as it is.
  }
  return body
}
