import { describe, expect, it } from 'vitest'
import { chatReply, refusalReply, type UpstreamScript } from '../../adapters/memory/upstreams.ts'
import { submitBatch } from '../../messages/batch.ts'
import type { RequestQuery } from '../../ports/batch-requests.ts'
import { startBatchWorld as start, type BatchWorld } from './batches-under-test.ts'

const HOUR_MS = 3_600_000
const asks = (body: string, n: number): boolean => body.includes(`Question ${n}"`)
const hang = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
const slow = (world: () => BatchWorld, ms: number): UpstreamScript => {
  return async ({ body }, _tries, signal) => {
    await world().clock.sleep(ms, signal)
    signal.throwIfAborted()
    return chatReply(body)
  }
}

describe('a submit', () => {
  it('repeated with one idempotency key and the same file gets the first answer; with another file it is refused', async () => {
    const world = await start(() => chatReply('yes'))
    const input = async (lines: number, name?: string) =>
      submitBatch.parse({ input_file_id: await world.file(lines), endpoint: '/v1/chat/completions', name })
    const [one, again] = await Promise.all([
      world.batches.submit('key', 'spec', 'local', await input(3)),
      world.batches.submit('key', 'spec', 'local', await input(3)),
    ])
    expect(one).toEqual({ kind: 'accepted', batchId: expect.stringMatching(/^batch_/) as string })
    expect(again).toEqual(one)
    expect(await world.batches.submit('key', 'spec', 'local', await input(4))).toMatchObject({
      kind: 'refused',
      code: 'conflict',
    })
    expect(await world.batches.submit('key', 'spec', 'local', await input(3, 'Other'))).toMatchObject({ code: 'conflict' })
    expect(world.batches.allLive().length).toBeLessThanOrEqual(1)
  })

  it('check 12: is refused as overloaded, with when to try again, once the queue is full', async () => {
    const world = await start((_request, _tries, signal) => hang(signal), { bounds: { maxQueued: 2 } })
    await world.submit({})
    await world.submit({})
    await expect(world.submit({})).rejects.toThrow('overloaded')
    expect(world.batches.queue()).toMatchObject({ maxDepth: 2, state: 'OVERLOADED' })
  })

  it('of a file that is not there is refused', async () => {
    const world = await start(() => chatReply('yes'))
    await expect(world.submit({ input_file_id: 'file-none' })).rejects.toThrow('not-found')
  })
})

describe('batches over few slots', () => {
  it('check 12: wait without failing, and run later', async () => {
    const world: BatchWorld = await start(
      slow(() => world, 200),
      { parallel: 1 },
    )
    const ids = [await world.submit({ lines: 5 }), await world.submit({ lines: 5 }), await world.submit({ lines: 5 })]
    await world.until(() => world.upstreams.calls() > 0)
    const waiting = world.batches.allLive().filter((one) => one.queue !== null)
    expect(waiting.length).toBeGreaterThanOrEqual(1)
    for (const id of ids) expect((await world.ended(id)).counts.completed).toBe(5)
  })

  it('are claimed by deadline where one has no time to lose', async () => {
    const order: string[] = []
    const world: BatchWorld = await start(
      async ({ body }, _tries, signal) => {
        await world.clock.sleep(1000, signal)
        order.push(body)
        return chatReply('yes')
      },
      { parallel: 1 },
    )
    const relaxed = await world.submit({ lines: 60, completion_window: '24h' })
    await world.until(() => order.length > 2)
    const urgent = await world.submit({ lines: 3, completion_window: '1h' })
    await world.ended(urgent, 120_000)
    expect(world.batches.live(relaxed)).toBeDefined()
    await world.ended(relaxed, 300_000)
  })

  it('start at their start time and not before, and are not expected to be done before it', async () => {
    const world = await start(() => chatReply('yes'))
    await world.ended(await world.submit({ lines: 40 }))
    const at = world.clock.now() + HOUR_MS
    const batchId = await world.submit({ settings: { not_before: at } })
    await world.pass(50 * 60_000, 5 * 60_000)
    expect(world.upstreams.calls()).toBe(40)
    const live = world.batches.live(batchId)
    expect(live?.hold?.code).toBe('not_before')
    expect((live?.eta?.at ?? 0) + (live?.eta?.p50_ms ?? 0)).toBeGreaterThanOrEqual(at)
    await world.ended(batchId, 20 * 60_000)
  })
})

describe('the deadline', () => {
  it('ends the batch as expired at that moment, keeps what is finished and names the rest', async () => {
    let answered = 0
    const world = await start((_request, _tries, signal) => (++answered > 2 ? hang(signal) : chatReply('yes')))
    const batchId = await world.submit({ lines: 6, completion_window: '1h' })
    await world.pass(HOUR_MS - 1000, 5000)
    expect(world.batches.live(batchId)).toBeDefined()
    const end = await world.ended(batchId, 3000)
    expect(end).toMatchObject({ status: 'expired', counts: { completed: 2, expired: 4 } })
    expect((await world.errors(batchId))[0]).toMatchObject({ error: { code: 'batch_expired' } })
  })

  it('settles as missed, once, where the batch goes on', async () => {
    let isHeld = true
    const world = await start((_request, _tries, signal) => (isHeld ? hang(signal) : chatReply('yes')))
    const batchId = await world.submit({ lines: 3, completion_window: '1h', settings: { on_deadline: 'continue' } })
    await world.until(async () => (await world.types(batchId)).includes('batch.settled'), HOUR_MS + 30_000, 5000)
    expect(world.batches.live(batchId)?.sla.state).toBe('breached')
    isHeld = false
    await world.batches.pause(batchId, 'spec')
    await world.batches.cancel(batchId, 'spec')
    await world.ended(batchId)
    expect((await world.types(batchId)).filter((type) => type === 'batch.settled').length).toBe(1)
  })

  it('of one in the background promises nothing: it expires without a warning, and is not settled as missed', async () => {
    let answered = 0
    const world = await start((_request, _tries, signal) => (++answered <= 40 ? chatReply('yes') : hang(signal)))
    const batchId = await world.submit({ lines: 50, completion_window: 'background' })
    await world.until(() => world.batches.live(batchId)?.counts.completed === 40)
    await world.pass(150 * HOUR_MS, 600_000)
    expect(world.batches.live(batchId)?.sla).toMatchObject({
      state: 'estimating',
      why: expect.stringContaining('no time is promised') as string,
    })
    await world.until(() => world.batches.live(batchId) === undefined, 19 * HOUR_MS, 600_000)
    expect((await world.ended(batchId)).status).toBe('expired')
    for (const type of ['batch.alerted', 'batch.sla_changed', 'batch.settled'])
      expect(await world.types(batchId)).not.toContain(type)
  })

  it('is not brought on by a time of day that jumps', async () => {
    let up = 0
    const world: BatchWorld = await start((_request, _tries, signal) => hang(signal), { uptime: () => up })
    const batchId = await world.submit({ lines: 2, completion_window: '1h' })
    await world.until(() => world.upstreams.calls() > 0)
    up += 60_000
    await world.pass(3 * HOUR_MS, 20 * 60_000)
    expect(world.batches.live(batchId)).toBeDefined()
    up += HOUR_MS
    await world.ended(batchId, 2 * HOUR_MS)
  })
})

describe('the SLA clock', () => {
  it('check 4: tells of a stall by its timer, also where not one request was finished', async () => {
    const world = await start((_request, _tries, signal) => hang(signal))
    const batchId = await world.submit({})
    await world.until(
      async () => (await world.events(batchId)).some((event) => event.type === 'batch.alerted' && event.data.kind === 'stalled'),
      120_000,
      1000,
    )
    await world.pass(10 * 60_000, 5000)
    const stalls = (await world.events(batchId)).filter((event) => event.type === 'batch.alerted')
    expect(stalls.length).toBe(1)
  })

  it('stores progress with rates and a time left once enough is measured', async () => {
    const world: BatchWorld = await start(slow(() => world, 1000))
    const batchId = await world.submit({ lines: 2000 })
    await world.pass(4 * 60_000, 250)
    const progress = (await world.events(batchId)).filter((event) => event.type === 'batch.progress')
    expect(progress.length).toBeGreaterThan(10)
    expect(progress.at(-1)?.data).toMatchObject({ eta: { source: 'measured' }, rates: { unit: 'tokens' } })
    const { eta, rates } = progress.at(-1)!.data
    expect(rates!.slow).toBeGreaterThan(35)
    expect(eta!.p50_ms).toBeGreaterThan(200_000)
    expect(
      (await world.events(batchId)).some((event) => event.type === 'batch.sla_changed' && event.data.to === 'on_track'),
    ).toBe(true)
  })
})

describe('a forecast', () => {
  it('is told with how the ends shown of earlier batches of its model came true', async () => {
    const world: BatchWorld = await start(slow(() => world, 1000))
    const first = await world.submit({ lines: 2000 })
    await world.pass(4 * 60_000, 250)
    expect(world.batches.live(first)).toMatchObject({ eta: { source: 'measured' }, calibration: undefined })
    await world.until(() => world.batches.live(first) === undefined, HOUR_MS, 250)
    const second = await world.submit({ lines: 2000 })
    await world.pass(30_000, 250)
    const calibration = world.batches.live(second)?.calibration
    expect(calibration?.batches).toBe(1)
    expect(calibration?.mean_error).toBeLessThan(0.2)
  })

  it('tells the end as it runs now and with each remedy, from the same pace', async () => {
    const world: BatchWorld = await start(slow(() => world, 1000))
    const batchId = await world.submit({ lines: 2000 })
    await world.pass(4 * 60_000, 250)
    const deadline = world.clock.now() + 48 * HOUR_MS
    const told = await world.batches.forecasts(batchId, [
      { kind: 'concurrency', limit: 8 },
      { kind: 'deadline', deadline },
    ])
    if ('kind' in told) throw new Error(told.message)
    const [now, more, later] = told
    expect(now).toMatchObject({ remedy: null, eta: { source: 'measured' }, extra_cost_micro_usd: 0 })
    expect(more!.eta!.p50_ms).toBeCloseTo(now!.eta!.p50_ms / 2, -1)
    expect(later!.deadline).toBe(deadline)
  })
})

describe('ceilings', () => {
  it('of failures end the batch as failed with the reason, and what is finished stays', async () => {
    const world = await start(({ body }, _tries, signal) => (asks(body, 399) ? hang(signal) : refusalReply(400, 'no')))
    const batchId = await world.submit({ lines: 400, settings: { error_ceiling: 0.2 } })
    const end = await world.ended(batchId)
    expect(end.status).toBe('failed')
    expect(end.message).toContain('ceiling')
    expect(end.counts.failed).toBeGreaterThanOrEqual(100)
  })
})

describe('a retry', () => {
  it('is a child batch with the failed requests only, in a file of its own', async () => {
    let isMended = false
    const world = await start(({ body }) => (!isMended && asks(body, 2) ? refusalReply(400, 'no') : chatReply('yes')))
    const batchId = await world.submit({ lines: 5, name: 'Labels' })
    await world.ended(batchId)
    isMended = true
    const child = await world.batches.retry('again', batchId, 'spec', {})
    expect(child).toMatchObject({ kind: 'accepted' })
    expect(await world.batches.retry('again', batchId, 'spec', {})).toEqual(child)
    const childId = (child as { batchId: string }).batchId
    expect(await world.ended(childId)).toMatchObject({ status: 'completed', counts: { total: 1, completed: 1 } })
    expect((await world.output(childId)).map((line) => line['custom_id'])).toEqual(['row-2'])
    expect((await world.events(childId))[0]).toMatchObject({ data: { spec: { retry_of: batchId, name: 'Labels (retry)' } } })
    expect(await world.batches.retry('other', batchId, 'spec', { ns: [0] })).toMatchObject({
      kind: 'refused',
      code: 'invalid-input',
    })
    expect(await world.batches.retry('named', batchId, 'spec', { customIds: ['row-2', 'row-0', 'row-77'] })).toMatchObject({
      kind: 'refused',
      message: 'No failed request of this batch has the custom_id row-0, row-77.',
    })
    const named = await world.batches.retry('named', batchId, 'spec', { customIds: ['row-2'] })
    expect(await world.ended((named as { batchId: string }).batchId)).toMatchObject({ counts: { total: 1, completed: 1 } })
  })
})

describe('a batch with the answers of its retries', () => {
  it('has each request once, with its latest outcome and the batch that it comes from', async () => {
    let mended: readonly number[] = []
    const isBroken = (body: string) => [1, 2, 3].some((n) => !mended.includes(n) && asks(body, n))
    const world = await start(({ body }) => (isBroken(body) ? refusalReply(422, 'no') : chatReply(`yes after ${mended.length}`)))
    const batchId = await world.submit({ lines: 5 })
    await world.ended(batchId)
    const retried = async (parent: string, command: string, ns: readonly number[]) => {
      mended = [...mended, ...ns]
      const child = (await world.batches.retry(command, parent, 'spec', {})) as { batchId: string }
      await world.ended(child.batchId)
      return child.batchId
    }
    const first = await retried(batchId, 'first-retry', [2])
    const second = await retried(first, 'second-retry', [3])

    const merged = world.batches.withRetries(batchId, [first, second])
    const { states, answeredBy } = await merged.counts()
    expect(states).toMatchObject({ completed: 4, failed: 1, pending: 0 })
    expect(answeredBy).toEqual({ [first]: 1, [second]: 1 })
    const shown = (rows: readonly { n: number; state: string; retried_in?: { batch_id: string; n: number } | undefined }[]) =>
      rows.map(({ n, state, retried_in }) => [n, state, retried_in?.batch_id ?? batchId])
    expect(shown((await merged.requests({}, 0, 10)).rows)).toEqual([
      [0, 'completed', batchId],
      [1, 'failed', second],
      [2, 'completed', first],
      [3, 'completed', second],
      [4, 'completed', batchId],
    ])
    const done = await merged.requests({ states: ['completed'] }, 1, 2)
    expect([done.total, ...shown(done.rows)]).toEqual([4, [2, 'completed', first], [3, 'completed', second]])
    expect(shown((await merged.requests({ text: 'yes after 1' }, 0, 10)).rows)).toEqual([[2, 'completed', first]])

    const lines = async (kind: 'output' | 'errors' | 'joined' | 'csv') => {
      const all: string[] = []
      for await (const line of merged.lines(kind)) all.push(line)
      return all
    }
    const ids = async (kind: 'output' | 'errors' | 'joined') =>
      (await lines(kind)).map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)
    expect([await ids('output'), await ids('errors')]).toEqual([['row-0', 'row-2', 'row-3', 'row-4'], ['row-1']])
    expect(JSON.parse((await lines('joined'))[2]!)).toMatchObject({
      custom_id: 'row-2',
      request: { custom_id: 'row-2' },
      batch_id: first,
    })
    expect((await lines('csv')).map((line) => line.split(',').at(-1))).toEqual([
      'batch_id',
      batchId,
      second,
      first,
      second,
      batchId,
    ])
  })

  it('keeps for a request what it had where a retry never came to it', async () => {
    let isMended = false
    const world = await start(({ body }, _tries, signal) =>
      !asks(body, 1) && !asks(body, 2) ? chatReply('yes') : isMended && asks(body, 2) ? hang(signal) : refusalReply(422, 'no'),
    )
    const batchId = await world.submit({ lines: 3 })
    await world.ended(batchId)
    isMended = true
    const child = ((await world.batches.retry('again', batchId, 'spec', {})) as { batchId: string }).batchId
    await world.until(() => world.batches.live(child)?.counts.failed === 1)
    await world.batches.cancel(child, 'spec')
    await world.ended(child)
    const { rows } = await world.batches.withRetries(batchId, [child]).requests({}, 0, 10)
    expect(rows.map(({ state, retried_in }) => [state, retried_in?.batch_id])).toEqual([
      ['completed', undefined],
      ['failed', child],
      ['failed', undefined],
    ])
  })
})

describe('what an operator reads', () => {
  it('is each request joined with its answer, while it runs too, and the lines of every kind', async () => {
    const world = await start(({ body }, _tries, signal) =>
      asks(body, 2) ? hang(signal) : asks(body, 1) ? refusalReply(422, 'bad') : chatReply('=1+1, "so"'),
    )
    const batchId = await world.submit({ lines: 3 })
    await world.until(
      () => world.batches.live(batchId)?.counts.failed === 1 && world.batches.live(batchId)?.counts.completed === 1,
    )
    const page = await world.batches.requests(batchId, {}, 0, 10)
    expect(page.rows.map(({ n, state, input, output }) => ({ n, state, input, output }))).toEqual([
      { n: 0, state: 'completed', input: 'Question 0', output: '=1+1, "so"' },
      { n: 1, state: 'failed', input: 'Question 1', output: null },
      { n: 2, state: 'running', input: 'Question 2', output: null },
    ])
    expect((await world.batches.requests(batchId, { states: ['running'] }, 0, 10)).rows.map(({ n }) => n)).toEqual([2])
    const lines = async (kind: 'output' | 'errors' | 'joined' | 'csv', query?: RequestQuery) => {
      const all: string[] = []
      for await (const line of world.batches.lines(batchId, kind, query) ?? []) all.push(line)
      return all
    }
    expect([(await lines('output')).length, (await lines('errors')).length]).toEqual([1, 1])
    expect(JSON.parse((await lines('joined'))[0]!)).toMatchObject({
      custom_id: 'row-0',
      request: { custom_id: 'row-0' },
      status: 'completed',
    })
    for (const [n, state] of (['completed', 'failed', 'running'] as const).entries())
      expect((await lines('joined', { states: [state] })).map((line) => JSON.parse(line) as unknown)).toMatchObject([
        { custom_id: `row-${n}` },
      ])
    expect((await lines('csv', { states: ['failed'] })).slice(1)).toMatchObject([expect.stringContaining('row-1') as string])
    expect((await lines('csv'))[1]).toContain(`"'=1+1, ""so"""`)
    expect((await world.batches.request(batchId, 0))?.input).toContain('"model":"small"')
    expect(await world.batches.errors(batchId)).toMatchObject([{ code: 'invalid_request', status_code: 422, count: 1 }])
  })

  it('is the manifest once the batch has ended: what was run with what, and the digest of each file', async () => {
    const world = await start((_request, _tries, signal) => hang(signal))
    const batchId = await world.submit({})
    const manifest = async () => {
      for await (const line of world.batches.lines(batchId, 'manifest') ?? []) return JSON.parse(line) as unknown
      return null
    }
    await world.until(() => world.batches.live(batchId)?.running === 3)
    expect(await manifest()).toBeNull()
    await world.batches.cancel(batchId, 'spec')
    const { errors } = await world.ended(batchId)
    expect(await manifest()).toMatchObject({
      batch_id: batchId,
      model: { model: 'small' },
      engine: { parallel: expect.any(Number) as number },
      counts: { cancelled: 3 },
      files: { output: null, errors: errors?.content },
    })
  })

  it('is gone once the batch is removed, but for its tombstone', async () => {
    const world = await start(() => chatReply('yes'))
    const batchId = await world.submit({})
    const end = await world.ended(batchId)
    expect(await world.batches.expire(batchId, 'spec')).toMatchObject({ kind: 'removed' })
    expect(await world.batches.files.get(end.output!.id)).toBeUndefined()
    expect((await world.batches.requests(batchId, {}, 0, 10)).total).toBe(0)
    expect(await world.batches.cancel(batchId, 'spec')).toMatchObject({ kind: 'refused', code: 'expired' })
  })
})
