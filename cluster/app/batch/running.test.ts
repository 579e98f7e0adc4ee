import { describe, expect, it } from 'vitest'
import { createMemoryBatchRequests } from '../../adapters/memory/batch-requests.ts'
import { chatReply, refusalReply, type UpstreamScript } from '../../adapters/memory/upstreams.ts'
import { submitBatch } from '../../messages/batch.ts'
import { UpstreamError } from '../../ports/upstreams.ts'
import { startBatchWorld as start, requestLine, asks, hang, slow, type BatchWorld } from './batches-under-test.ts'

const HOUR_MS = 3_600_000
const answers: UpstreamScript = ({ body }) => chatReply(`Answer to ${body.length}`)

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

describe('a batch', () => {
  it('goes from validating to completed, with every answer in its output file', async () => {
    const world = await start(answers)
    const batchId = await world.submit({ lines: 7 })
    const end = await world.ended(batchId)
    expect(end).toMatchObject({
      status: 'completed',
      errors: null,
      counts: { total: 7, completed: 7, failed: 0, tokens_out: 70 },
    })
    expect(await world.types(batchId)).toEqual([
      'batch.submitted',
      'batch.validated',
      'batch.started',
      'batch.finalizing',
      'batch.ended',
      'batch.settled',
    ])
    const output = await world.output(batchId)
    expect(output.map((line) => line['custom_id'])).toEqual([0, 1, 2, 3, 4, 5, 6].map((n) => `row-${n}`))
    expect(output[0]).toMatchObject({ response: { status_code: 200, request_id: 'req-1' }, error: null })
    expect(world.faults).toEqual([])
  })

  it('begins no more than 4 times what may run at once while the store takes none of the answers', async () => {
    const requests = createMemoryBatchRequests()
    const isSlow = Promise.withResolvers<null>()
    const record: typeof requests.record = async (...given) => {
      await isSlow.promise
      return await requests.record(...given)
    }
    const world = await start(answers, { stores: { requests: { ...requests, record } } })
    const batchId = await world.submit({ lines: 300, settings: { max_concurrency: 20 } })
    await world.pass(10_000)
    expect(world.upstreams.calls()).toBe(80)
    isSlow.resolve(null)
    expect(await world.ended(batchId)).toMatchObject({ counts: { completed: 300 } })
    expect(world.upstreams.calls()).toBe(300)
  })

  it('check 9: with one poisoned row of 1,000 has 999 answers and one error with its cause', async () => {
    const world = await start(({ body }) => (asks(body, 500) ? refusalReply(400, 'context length exceeded') : chatReply('yes')), {
      parallel: 64,
    })
    const batchId = await world.submit({ lines: 1000 })
    const end = await world.ended(batchId)
    expect(end).toMatchObject({ status: 'completed', counts: { total: 1000, completed: 999, failed: 1 } })
    expect(await world.errors(batchId)).toEqual([
      {
        id: expect.stringMatching(/_500$/) as string,
        custom_id: 'row-500',
        response: { status_code: 400, request_id: '', body: expect.anything() as unknown },
        error: {
          code: 'invalid_request',
          message: 'The engine answered 400: context length exceeded',
          attempts: 1,
          cause: 'context length exceeded',
        },
      },
    ])
  })

  it('is refused with the lines that are wrong, and nothing is sent', async () => {
    const world = await start(answers)
    const batchId = await world.submit({ lines: [requestLine(0), '{oops'] })
    await world.until(async () => (await world.types(batchId)).includes('batch.refused'))
    expect((await world.events(batchId)).at(-1)).toMatchObject({ data: { error_count: 1, errors: [{ line: 2 }] } })
    expect(world.upstreams.calls()).toBe(0)
  })

  it('never runs more requests at once than its engine takes, or than it was told', async () => {
    const world = await start(
      async () => {
        await new Promise((resolve) => setImmediate(resolve))
        return chatReply('yes')
      },
      { parallel: 8 },
    )
    await world.ended(await world.submit({ lines: 40 }))
    expect(world.upstreams.most()).toBe(8)
    const other = await start(async () => {
      await new Promise((resolve) => setImmediate(resolve))
      return chatReply('yes')
    })
    await other.ended(await other.submit({ lines: 40, settings: { max_concurrency: 2 } }))
    expect(other.upstreams.most()).toBe(2)
  })
})

describe('a request that fails', () => {
  it('is tried again with jitter, and its last error stands in the error file', async () => {
    const world = await start(({ body }) => (asks(body, 1) ? refusalReply(500, 'boom') : chatReply('yes')))
    const batchId = await world.submit({ lines: 3 })
    const end = await world.ended(batchId)
    expect(end.counts).toMatchObject({ completed: 2, failed: 1, retries: 3 })
    expect(await world.errors(batchId)).toMatchObject([{ custom_id: 'row-1', error: { code: 'server_error', attempts: 4 } }])
  })

  it('waits as long as Retry-After says, without a slot', async () => {
    const world = await start(
      ({ body }, tries) => (asks(body, 0) && tries === 1 ? refusalReply(500, 'later', 20_000) : chatReply('yes')),
      { parallel: 1 },
    )
    const batchId = await world.submit({ lines: 3 })
    await world.until(() => world.upstreams.calls() === 3)
    await world.pass(19_000)
    expect(world.upstreams.calls()).toBe(3)
    expect((await world.ended(batchId)).counts.completed).toBe(3)
  })

  it('is an error at once where the answer is no JSON', async () => {
    const world = await start(({ body }) => {
      if (asks(body, 0)) throw new UpstreamError('malformed', 'scripted answered with HTML.')
      return chatReply('yes')
    })
    const batchId = await world.submit({ lines: 2 })
    await world.ended(batchId)
    expect(await world.errors(batchId)).toMatchObject([{ response: null, error: { code: 'invalid_answer', attempts: 1 } }])
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
