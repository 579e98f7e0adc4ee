import type { RequestState } from '../../../messages/batch-views.ts'
import type { BatchRequests, RequestQuery, StoredRequest } from '../../../ports/batch-requests.ts'
import type { ReadsWithRetries } from '../../../ports/batches.ts'
import { UNANSWERED } from './result-lines.ts'

/** Where an outcome comes from that is not the batch's own. */
interface RetriedRequest {
  readonly batchId: string
  readonly n: number
}

/** A request of a batch, with the outcome of the retry `by` in place of its own where there is one. */
export interface MergedRequest extends StoredRequest {
  readonly by?: RetriedRequest | undefined
}

/** Requests to be read, of one batch or merged from several; by place in the file. */
export interface RequestSource {
  page(
    query: RequestQuery,
    from: number,
    limit: number,
  ): Promise<{ readonly total: number; readonly requests: readonly MergedRequest[] }>
  all(query: RequestQuery): AsyncIterable<MergedRequest>
}

type MergedRequests = RequestSource & Pick<ReadsWithRetries, 'counts'>

const READ_AT_ONCE = 200

/**
 * The requests of a batch with their latest outcome, by custom_id, its retries given oldest first. An answer is not replaced by a later
 * failure, and a request that a retry never came to keeps what it had. Shows what is stored now: read once, for one reply.
 */
export async function mergeRetries(
  requests: BatchRequests,
  batchId: string,
  retries: readonly string[],
): Promise<MergedRequests> {
  const unanswered = await requests.index(batchId, { states: UNANSWERED })
  const places = new Map(unanswered.map(({ n, customId }) => [customId, n]))
  const replaced = new Map<number, RetriedRequest & { readonly state: RequestState }>()
  for (const retry of retries) {
    if (places.size === 0) break
    for (const { n, customId, state } of await requests.index(retry, { states: ['completed', 'failed'] })) {
      const place = places.get(customId)
      if (place === undefined || (state === 'failed' && replaced.get(place)?.state === 'completed')) continue
      replaced.set(place, { batchId: retry, n, state })
    }
  }

  async function matching(query: RequestQuery): Promise<readonly number[]> {
    const own = await requests.index(batchId, query)
    const found = own.filter(({ n }) => !replaced.has(n)).map(({ n }) => n)
    for (const retry of new Set([...replaced.values()].map((each) => each.batchId))) {
      const hits = new Set((await requests.index(retry, query)).map(({ n }) => n))
      for (const [n, by] of replaced) if (by.batchId === retry && hits.has(by.n)) found.push(n)
    }
    return found.sort((a, b) => a - b)
  }

  async function merged(request: StoredRequest): Promise<MergedRequest> {
    const by = replaced.get(request.n)
    const outcome = by && (await requests.one(by.batchId, by.n))?.outcome
    return outcome ? { ...request, outcome, by } : request
  }

  async function at(ns: readonly number[]): Promise<readonly MergedRequest[]> {
    const found = await Promise.all(ns.map((n) => requests.one(batchId, n)))
    return await Promise.all(found.filter((one) => one !== undefined).map(merged))
  }

  return {
    async page(query, from, limit) {
      if (isForAll(query)) {
        const page = await requests.page(batchId, query, from, limit)
        return { total: page.total, requests: await Promise.all(page.requests.map(merged)) }
      }
      const ns = await matching(query)
      return { total: ns.length, requests: await at(ns.slice(from, from + limit)) }
    },
    async *all(query) {
      if (isForAll(query)) {
        for await (const request of requests.all(batchId, query)) yield await merged(request)
        return
      }
      const ns = await matching(query)
      for (let from = 0; from < ns.length; from += READ_AT_ONCE) yield* await at(ns.slice(from, from + READ_AT_ONCE))
    },
    async counts() {
      const { total, completed, failed, cancelled, expired } = await requests.counts(batchId)
      const pending = total - completed - failed - cancelled - expired
      const states: Record<RequestState, number> = { pending, running: 0, completed, failed, cancelled, expired }
      const answeredBy: Record<string, number> = Object.fromEntries(retries.map((retry) => [retry, 0]))
      for (const { n, state: before } of unanswered) {
        const by = replaced.get(n)
        if (!by) continue
        states[before] -= 1
        states[by.state] += 1
        if (by.state === 'completed') answeredBy[by.batchId] = (answeredBy[by.batchId] ?? 0) + 1
      }
      return { states, answeredBy }
    },
  }
}

function isForAll({ states, errorCodes, text }: RequestQuery): boolean {
  return states === undefined && errorCodes === undefined && (text === undefined || text === '')
}
