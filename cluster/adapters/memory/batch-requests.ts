import type { BatchCounts } from '../../messages/batch.ts'
import type { ErrorGroup } from '../../messages/batch-views.ts'
import { DuplicateCustomId } from '../../ports/batch-requests.ts'
import type { BatchRequests, RequestOutcome, RequestQuery, StoredRequest } from '../../ports/batch-requests.ts'
import { NO_COUNTS } from '../../domain/batch/state.ts'
import { meanAndVariance, retryHelps, unanswered } from '../local/batch-outcomes.ts'

interface Batch {
  readonly requests: Map<number, StoredRequest>
  readonly lines: Map<string, number>
  counts: BatchCounts
}

/** Requests of batches that live as long as the process. */
export function createMemoryBatchRequests(): BatchRequests {
  const batches = new Map<string, Batch>()
  const stored = (batchId: string): readonly StoredRequest[] =>
    [...(batches.get(batchId)?.requests.values() ?? [])].sort((a, b) => a.n - b.n)
  const matching = (batchId: string, query: RequestQuery) => stored(batchId).filter((request) => matches(request, query))
  const completed = (batchId: string) => stored(batchId).filter(({ outcome }) => outcome?.state === 'completed')

  function record(batchId: string, outcomes: readonly RequestOutcome[]): BatchCounts {
    const batch = batches.get(batchId)
    if (!batch) return NO_COUNTS
    for (const outcome of outcomes) {
      const request = batch.requests.get(outcome.n)
      if (!request || request.outcome) continue
      batch.requests.set(outcome.n, { ...request, outcome })
      batch.counts = counted(batch.counts, outcome)
    }
    return batch.counts
  }

  return {
    begin: (batchId) => {
      batches.set(batchId, { requests: new Map(), lines: new Map(), counts: NO_COUNTS })
      return Promise.resolve()
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- refusals reject, they do not throw
    add: async (batchId, requests) => {
      const batch = batches.get(batchId)
      if (!batch) throw new RangeError(`There is no batch ${batchId} to add requests to.`)
      const lines = new Map(batch.lines)
      for (const { customId, n } of requests) {
        const earlier = lines.get(customId)
        if (earlier !== undefined) throw new DuplicateCustomId(customId, n, earlier)
        lines.set(customId, n)
      }
      for (const request of requests) {
        batch.lines.set(request.customId, request.n)
        batch.requests.set(request.n, { ...request, outcome: null })
      }
      batch.counts = { ...batch.counts, total: batch.counts.total + requests.length }
    },
    isWhole: (batchId, total) => Promise.resolve((batches.get(batchId)?.requests.size ?? 0) === total),
    replace: (batchId, by) => {
      const fresh = batches.get(by)
      if (!fresh) return Promise.reject(new RangeError(`There is nothing under ${by} to put in the place of ${batchId}.`))
      record(
        by,
        stored(batchId).flatMap(({ outcome }) => outcome ?? []),
      )
      batches.delete(by)
      batches.set(batchId, fresh)
      return Promise.resolve(fresh.counts)
    },
    pending: (batchId, afterN, limit) =>
      Promise.resolve(
        stored(batchId)
          .filter(({ n, outcome }) => n > afterN && outcome === null)
          .slice(0, limit)
          .map(({ outcome: _none, ...request }) => request),
      ),
    record: (batchId, outcomes) => Promise.resolve(record(batchId, outcomes)),
    close: (batchId, state, at) => {
      const open = stored(batchId).filter(({ outcome }) => outcome === null)
      return Promise.resolve(
        record(
          batchId,
          open.map(({ n }) => unanswered(n, state, at)),
        ),
      )
    },
    counts: (batchId) => Promise.resolve(batches.get(batchId)?.counts ?? NO_COUNTS),
    outputTokens: (batchId) => {
      const lengths = completed(batchId).map(({ outcome }) => outcome?.tokensOut ?? 0)
      const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
      return Promise.resolve(meanAndVariance(lengths.length, sum(lengths), sum(lengths.map((length) => length * length))))
    },
    page: (batchId, query, from, limit) => {
      const all = matching(batchId, query)
      return Promise.resolve({ total: all.length, requests: all.slice(from, from + limit) })
    },
    all: async function* (batchId, query) {
      for (const request of matching(batchId, query)) yield await Promise.resolve(request)
    },
    index: (batchId, query) =>
      Promise.resolve(
        matching(batchId, query).map(({ n, customId, outcome }) => ({ n, customId, state: outcome?.state ?? 'pending' })),
      ),
    one: (batchId, n) => Promise.resolve(batches.get(batchId)?.requests.get(n)),
    errorGroups: (batchId) => Promise.resolve(groups(stored(batchId))),
    remove: (batchId) => Promise.resolve(batches.delete(batchId)),
  }
}

function counted(counts: BatchCounts, outcome: RequestOutcome): BatchCounts {
  return {
    ...counts,
    [outcome.state]: counts[outcome.state] + 1,
    retries: counts.retries + Math.max(0, outcome.attempts - 1),
    tokens_in: counts.tokens_in + outcome.tokensIn,
    tokens_out: counts.tokens_out + outcome.tokensOut,
    cost_micro_usd: counts.cost_micro_usd + outcome.costMicroUsd,
  }
}

function matches({ customId, outcome }: StoredRequest, { states, errorCodes, text }: RequestQuery): boolean {
  if (states && !states.includes(outcome?.state ?? 'pending')) return false
  if (errorCodes && !errorCodes.includes(outcome?.error?.code ?? '')) return false
  if (text === undefined || text === '') return true
  return [customId, outcome?.body, outcome?.error?.message].some((where) => lowered(where ?? '').includes(lowered(text)))
}

function lowered(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function groups(requests: readonly StoredRequest[]): ErrorGroup[] {
  const found = new Map<string, ErrorGroup>()
  for (const { outcome } of requests) {
    if (!outcome?.error) continue
    const { statusCode, error, endedAt } = outcome
    const key = `${error.code} ${statusCode}`
    const group = found.get(key)
    found.set(key, {
      code: error.code,
      status_code: statusCode,
      count: (group?.count ?? 0) + 1,
      first_at: Math.min(group?.first_at ?? endedAt, endedAt),
      last_at: Math.max(group?.last_at ?? endedAt, endedAt),
      retry_helps: retryHelps(statusCode),
      example: group?.example ?? error.message,
    })
  }
  return [...found.values()].sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))
}
