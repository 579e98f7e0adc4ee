import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NO_COUNTS } from '../../domain/batch/state.ts'
import { DuplicateCustomId } from '../batch-requests.ts'
import type { BatchRequests, NewRequest, RequestOutcome, RequestQuery } from '../batch-requests.ts'

export interface BatchRequestsUnderTest {
  readonly requests: BatchRequests
  /** Closes the store and opens it again from what is durable. */
  readonly reopen?: () => Promise<BatchRequests>
  close(): Promise<void>
}

const B = 'batch_1'

/** What every store of requests promises; `open` gives an empty one, `durable` if it can reopen. */
export function batchRequestsConformance(name: string, durable: boolean, open: () => Promise<BatchRequestsUnderTest>): void {
  describe(`${name} as the requests of batches`, () => {
    let opened: BatchRequestsUnderTest
    let requests: BatchRequests
    beforeEach(async () => {
      opened = await open()
      requests = opened.requests
      await requests.begin(B)
    })
    afterEach(() => opened.close())

    const fill = (count: number, batchId = B) =>
      requests.add(
        batchId,
        Array.from({ length: count }, (_, n) => sampleRequest(n)),
      )
    const pendingNs = async (afterN = -1, limit = 100) => (await requests.pending(B, afterN, limit)).map(({ n }) => n)
    const pageNs = async (query: RequestQuery, from = 0, limit = 100) => {
      const page = await requests.page(B, query, from, limit)
      return { total: page.total, ns: page.requests.map(({ n }) => n) }
    }

    it('knows nothing of a batch that never began', async () => {
      expect(await requests.counts('other')).toEqual(NO_COUNTS)
      expect(await requests.outputTokens('other')).toEqual({ count: 0, mean: 0, variance: 0 })
      expect(await requests.pending('other', -1, 10)).toEqual([])
      expect(await requests.page('other', {}, 0, 10)).toEqual({ total: 0, requests: [] })
      expect(await requests.page('other', { text: 'a' }, 0, 10)).toEqual({ total: 0, requests: [] })
      expect(await collect(requests.all('other', {}))).toEqual([])
      expect(await requests.index('other', {})).toEqual([])
      expect(await requests.one('other', 0)).toBeUndefined()
      expect(await requests.errorGroups('other')).toEqual([])
      expect(await requests.record('other', [completed(0)])).toEqual(NO_COUNTS)
      expect(await requests.close('other', 'expired', 1)).toEqual(NO_COUNTS)
      expect(await requests.remove('other')).toBe(false)
      await expect(requests.add('other', [sampleRequest(0)])).rejects.toBeInstanceOf(RangeError)
    })

    it('gives requests back as they were added, by place, in pages', async () => {
      await requests.add(B, [sampleRequest(0), sampleRequest(1)])
      await requests.add(B, [sampleRequest(4, { maxTokens: null })])
      expect(await requests.pending(B, -1, 2)).toEqual([sampleRequest(0), sampleRequest(1)])
      expect(await requests.pending(B, 1, 2)).toEqual([sampleRequest(4, { maxTokens: null })])
      expect(await requests.counts(B)).toEqual({ ...NO_COUNTS, total: 3 })
      expect(await requests.one(B, 4)).toEqual({ ...sampleRequest(4, { maxTokens: null }), outcome: null })
      expect(await requests.one(B, 2)).toBeUndefined()
    })

    it('takes offsets beyond 32 bits', async () => {
      const far = sampleRequest(0, { offset: 5_000_000_000, bodyOffset: 5_000_000_090 })
      await requests.add(B, [far])
      expect(await requests.pending(B, -1, 1)).toEqual([far])
    })

    it('keeps nothing of an earlier validation of the same batch', async () => {
      await fill(3)
      await requests.record(B, [completed(0)])
      await requests.begin(B)
      expect(await requests.counts(B)).toEqual(NO_COUNTS)
      await fill(2)
      expect(await pendingNs()).toEqual([0, 1])
      expect(await requests.one(B, 0)).toEqual({ ...sampleRequest(0), outcome: null })
    })

    it('refuses a custom_id that an earlier call or the same one has, naming both lines', async () => {
      await requests.add(B, [sampleRequest(0), sampleRequest(1)])
      const later = requests.add(B, [sampleRequest(2), sampleRequest(5, { customId: 'request-1' })])
      await expect(later).rejects.toBeInstanceOf(DuplicateCustomId)
      await expect(later).rejects.toMatchObject({ customId: 'request-1', line: 6, earlierLine: 2 })
      const within = requests.add(B, [sampleRequest(2), sampleRequest(3), sampleRequest(4, { customId: 'request-3' })])
      await expect(within).rejects.toMatchObject({ customId: 'request-3', line: 5, earlierLine: 4 })
      expect(await pendingNs()).toEqual([0, 1])
      expect((await requests.counts(B)).total).toBe(2)
    })

    it('lets two batches have the same custom_ids and tells them apart', async () => {
      await requests.begin('batch_2')
      await fill(2)
      await fill(3, 'batch_2')
      await requests.record('batch_2', [completed(1)])
      expect(await pendingNs()).toEqual([0, 1])
      expect(await requests.counts('batch_2')).toMatchObject({ total: 3, completed: 1 })
      expect(await requests.counts(B)).toMatchObject({ total: 2, completed: 0 })
    })

    it('stores what became of a request and adds it up', async () => {
      await fill(4)
      const [done, gone] = [
        completed(2, { attempts: 3, tokensOut: 40, servedModel: 'other/large' }),
        failed(1, 400, 'bad_request'),
      ]
      expect(await requests.record(B, [done, gone])).toEqual({
        ...NO_COUNTS,
        total: 4,
        completed: 1,
        failed: 1,
        retries: 2,
        tokens_in: 20,
        tokens_out: 40,
        cost_micro_usd: 14,
      })
      expect(await requests.one(B, 2)).toEqual({ ...sampleRequest(2), outcome: done })
      expect(await requests.one(B, 1)).toEqual({ ...sampleRequest(1), outcome: gone })
      expect(await pendingNs()).toEqual([0, 3])
    })

    it('counts an outcome once, whatever comes again or is not there', async () => {
      await fill(2)
      await requests.record(B, [completed(0, { body: 'first' }), completed(0, { body: 'second' })])
      const counts = await requests.record(B, [failed(0, 500, 'server_error'), completed(7)])
      expect(counts).toMatchObject({ total: 2, completed: 1, failed: 0 })
      expect((await requests.one(B, 0))?.outcome?.body).toBe('first')
    })

    it('counts each outcome when many record at a time', async () => {
      await fill(200)
      const calls = Array.from({ length: 40 }, (_, call) =>
        requests.record(
          B,
          Array.from({ length: 10 }, (_none, index) => completed((call * 5 + index) % 200)),
        ),
      )
      await Promise.all(calls)
      expect(await requests.counts(B)).toMatchObject({ completed: 200, tokens_out: 200 * 10 })
      expect(await pendingNs()).toEqual([])
    })

    it('knows mean and sample variance of the output tokens of completed requests', async () => {
      await fill(5)
      await requests.record(B, [completed(0, { tokensOut: 10 })])
      expect(await requests.outputTokens(B)).toEqual({ count: 1, mean: 10, variance: 0 })
      await requests.record(B, [completed(1, { tokensOut: 20 }), completed(2, { tokensOut: 60 }), failed(3, 500, 'server_error')])
      expect(await requests.outputTokens(B)).toEqual({ count: 3, mean: 30, variance: 700 })
    })

    it('gives whatever is unanswered one outcome at the end', async () => {
      await fill(3)
      await requests.record(B, [completed(1)])
      expect(await requests.close(B, 'expired', 77)).toMatchObject({ total: 3, completed: 1, expired: 2, retries: 0 })
      expect((await requests.one(B, 0))?.outcome).toMatchObject({
        state: 'expired',
        error: { code: 'batch_expired' },
        endedAt: 77,
      })
      expect(await requests.record(B, [completed(0)])).toMatchObject({ completed: 1, expired: 2 })
      expect(await requests.close(B, 'cancelled', 78)).toMatchObject({ cancelled: 0, expired: 2 })
    })

    it('finds requests by state, error and text, a page at a time', async () => {
      await fill(6)
      await requests.record(B, [
        completed(1, { body: '{"answer":"The Moon"}' }),
        completed(3, { body: '{"answer":"100% ünsure_"}' }),
        failed(4, 429, 'rate_limited'),
        failed(2, 400, 'bad_request', 'The moon is not a model'),
      ])
      expect(await pageNs({})).toEqual({ total: 6, ns: [0, 1, 2, 3, 4, 5] })
      expect(await pageNs({}, 4, 1)).toEqual({ total: 6, ns: [4] })
      expect(await pageNs({ states: ['completed', 'pending'] }, 1, 2)).toEqual({ total: 4, ns: [1, 3] })
      expect(await pageNs({ states: [] })).toEqual({ total: 0, ns: [] })
      expect(await pageNs({ states: ['running'] })).toEqual({ total: 0, ns: [] })
      expect(await pageNs({ errorCodes: ['rate_limited', 'other'] })).toEqual({ total: 1, ns: [4] })
      expect(await pageNs({ errorCodes: ['rate_limited'], states: ['completed'] })).toEqual({ total: 0, ns: [] })
      expect(await pageNs({ text: 'mOOn' })).toEqual({ total: 2, ns: [1, 2] })
      expect(await pageNs({ text: 'moon', states: ['completed'] })).toEqual({ total: 1, ns: [1] })
      expect(await pageNs({ text: 'REQUEST-5' })).toEqual({ total: 1, ns: [5] })
      expect(await pageNs({ text: '%' })).toEqual({ total: 1, ns: [3] })
      expect(await pageNs({ text: 'ünsure_"' })).toEqual({ total: 1, ns: [3] })
      expect(await pageNs({ text: 'request-' }, 2, 2)).toEqual({ total: 6, ns: [2, 3] })
      expect(await pageNs({ text: '' }, 5)).toEqual({ total: 6, ns: [5] })
      expect(await requests.index(B, { text: 'moon' })).toEqual([
        { n: 1, customId: 'request-1', state: 'completed' },
        { n: 2, customId: 'request-2', state: 'failed' },
      ])
      expect((await requests.index(B, { states: ['pending'] })).map(({ n }) => n)).toEqual([0, 5])
      expect(await requests.index(B, {})).toHaveLength(6)
    })

    it('reads all matches by place, however many', async () => {
      await fill(1_501)
      await requests.record(
        B,
        Array.from({ length: 700 }, (_, index) => completed(index * 2, { body: index % 7 === 0 ? 'seven' : 'other' })),
      )
      expect((await collect(requests.all(B, {}))).map(({ n }) => n)).toEqual(Array.from({ length: 1_501 }, (_, n) => n))
      expect(await collect(requests.all(B, { states: ['completed'] }))).toHaveLength(700)
      expect((await collect(requests.all(B, { text: 'seven' }))).map(({ n }) => n)).toEqual(
        Array.from({ length: 100 }, (_, index) => index * 14),
      )
      expect((await pageNs({ text: 'seven' }, 98)).ns).toEqual([1372, 1386])
    })

    it('groups failures by code and status, the most frequent first', async () => {
      await fill(6)
      await requests.record(B, [
        failed(1, 400, 'bad_request', 'first', 10),
        failed(2, 429, 'rate_limited', 'slow down', 30),
        failed(3, 429, 'rate_limited', 'slow down!', 20),
        failed(4, null, 'connection', 'refused', 40),
        completed(0),
      ])
      expect(await requests.errorGroups(B)).toEqual([
        { code: 'rate_limited', status_code: 429, count: 2, first_at: 20, last_at: 30, retry_helps: true, example: 'slow down' },
        { code: 'bad_request', status_code: 400, count: 1, first_at: 10, last_at: 10, retry_helps: false, example: 'first' },
        { code: 'connection', status_code: null, count: 1, first_at: 40, last_at: 40, retry_helps: true, example: 'refused' },
      ])
      await requests.close(B, 'cancelled', 50)
      expect((await requests.errorGroups(B)).find(({ code }) => code === 'batch_cancelled')).toMatchObject({ count: 1 })
    })

    it('puts requests that were read again in the place of a batch, with the outcomes that it has', async () => {
      await requests.add(B, [sampleRequest(0), sampleRequest(1, { customId: 'damaged' })])
      await requests.record(B, [completed(0), failed(1, 400, 'bad_request')])
      expect([await requests.isWhole(B, 2), await requests.isWhole(B, 3), await requests.isWhole('other', 3)]).toEqual([
        true,
        false,
        false,
      ])
      await requests.begin('again')
      await fill(3, 'again')
      const counts = await requests.replace(B, 'again')
      expect(counts).toEqual({
        ...NO_COUNTS,
        total: 3,
        completed: 1,
        failed: 1,
        tokens_in: 20,
        tokens_out: 10,
        cost_micro_usd: 14,
      })
      expect([await requests.isWhole(B, 3), await requests.counts(B)]).toEqual([true, counts])
      expect((await requests.one(B, 1))?.customId).toBe('request-1')
      expect([await pendingNs(), await requests.counts('again')]).toEqual([[2], NO_COUNTS])
      await expect(requests.replace(B, 'nothing')).rejects.toBeInstanceOf(RangeError)
    })

    it('removes a batch with all that it has', async () => {
      await fill(3)
      await requests.record(B, [completed(0)])
      expect([await requests.remove(B), await requests.remove(B)]).toEqual([true, false])
      expect([await requests.counts(B), await pendingNs(), await requests.one(B, 0)]).toEqual([NO_COUNTS, [], undefined])
    })

    if (durable)
      it('has everything again after it was closed and opened', async () => {
        await fill(3)
        const counts = await requests.record(B, [completed(1), failed(2, 400, 'bad_request')])
        requests = (await opened.reopen?.()) ?? expect.unreachable('a durable store opens again')
        expect([await requests.counts(B), await pendingNs()]).toEqual([counts, [0]])
        expect(await requests.one(B, 1)).toEqual({ ...sampleRequest(1), outcome: completed(1) })
        await expect(requests.add(B, [sampleRequest(9, { customId: 'request-1' })])).rejects.toMatchObject({ earlierLine: 2 })
      })
  })
}

/** A request as validation finds it. */
export function sampleRequest(n: number, change: Partial<NewRequest> = {}): NewRequest {
  const offset = n * 1_000
  const where = { offset, length: 900, bodyOffset: offset + 90, bodyLength: 800 }
  return { n, customId: `request-${n}`, ...where, tokensIn: 200, maxTokens: 64, ...change }
}

/** A whole answer. */
export function completed(n: number, change: Partial<RequestOutcome> = {}): RequestOutcome {
  return {
    n,
    state: 'completed',
    statusCode: 200,
    requestId: `upstream-${n}`,
    body: '{"choices":[]}',
    error: null,
    attempts: 1,
    tokensIn: 10,
    tokensOut: 10,
    costMicroUsd: 7,
    startedAt: 1_000,
    endedAt: 2_000,
    ...change,
  }
}

function failed(n: number, statusCode: number | null, code: string, message = 'It failed.', endedAt = 2_000): RequestOutcome {
  const error = { code, message, cause: 'the upstream’s own words' }
  return completed(n, { state: 'failed', statusCode, body: null, error, tokensOut: 0, endedAt })
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
