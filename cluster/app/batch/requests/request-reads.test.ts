import { describe, expect, it } from 'vitest'
import { chatReply, refusalReply } from '../../../adapters/memory/upstreams.ts'
import type { RequestQuery } from '../../../ports/batch-requests.ts'
import { startBatchWorld as start, asks, hang } from '../batches-under-test.ts'

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
      for await (const line of world.batches.lines(batchId, kind, query)) all.push(line)
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
      for await (const line of world.batches.lines(batchId, 'manifest')) return JSON.parse(line) as unknown
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
