import { describe, expect, it } from 'vitest'
import { createMemoryBatchRequests } from '../../adapters/memory/batch-requests.ts'
import { chatReply, refusalReply, type UpstreamScript } from '../../adapters/memory/upstreams.ts'
import { UpstreamError } from '../../ports/upstreams.ts'
import { startBatchWorld as start, requestLine } from './batches-under-test.ts'

const answers: UpstreamScript = ({ body }) => chatReply(`Answer to ${body.length}`)
const asks = (body: string, n: number): boolean => body.includes(`Question ${n}"`)

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
