import { describe, expect, it } from 'vitest'
import { createMemoryBatchRequests } from '../../adapters/memory/batch-requests.ts'
import { createMemoryEventLog } from '../../adapters/memory/event-log.ts'
import { chatReply, refusalReply } from '../../adapters/memory/upstreams.ts'
import { startBatchWorld, type BatchWorld, type WorldOptions } from './batches-under-test.ts'
import { createBatches } from './create-batches.ts'

/** The first request of each batch fails. */
async function start(options?: WorldOptions): Promise<BatchWorld> {
  return await startBatchWorld(
    ({ body }) => (body.includes('Question 0"') ? refusalReply(422, 'bad') : chatReply('yes')),
    options,
  )
}

async function ended(world: BatchWorld, input: Parameters<BatchWorld['submit']>[0] = {}): Promise<string> {
  const batchId = await world.submit(input)
  await world.ended(batchId)
  return batchId
}

const names = async (world: BatchWorld) => (await world.batches.files.list()).map(({ filename }) => filename)
const gone = { kind: 'refused', code: 'expired' }

describe('the removal of a batch', () => {
  it('takes its input along: nothing of it is left in the store of files', async () => {
    const world = await start()
    const batchId = await ended(world)
    const { count, bytes } = await world.ports.blobs.usage()
    expect(count).toBe(4)
    expect(await world.batches.expire(batchId, 'spec')).toEqual({ kind: 'removed', bytes })
    expect([await names(world), await world.ports.blobs.usage()]).toEqual([[], { count: 0, bytes: 0 }])
  })

  it('leaves an input that another batch names, ended or in motion, to the last of them', async () => {
    const world = await start()
    const input_file_id = await world.file(3)
    const [one, two] = [await ended(world, { input_file_id }), await ended(world, { input_file_id })]
    const three = await world.submit({ input_file_id, settings: { not_before: world.clock.now() + 3_600_000 } })
    await Promise.all([world.batches.expire(one, 'spec'), world.batches.expire(two, 'spec')])
    expect(await names(world)).toEqual(['input.jsonl'])
    await world.batches.cancel(three, 'spec')
    await world.ended(three)
    await world.batches.expire(three, 'spec')
    expect(await names(world)).toEqual([])
  })

  it('leaves the parent of a retry its input, and a retry its own', async () => {
    const world = await start()
    const parent = await ended(world)
    const again = await world.batches.retry('again', parent, 'spec', {})
    const child = again.kind === 'accepted' ? again.batchId : expect.unreachable(again.message)
    await world.ended(child)
    await world.batches.expire(parent, 'spec')
    expect((await world.batches.requests(child, {}, 0, 10)).rows).toMatchObject([{ input: 'Question 0' }])
    await world.batches.expire(child, 'spec')
    expect(await names(world)).toEqual([])
  })

  it.each(['requests', 'log'] as const)('that was cut off at its %s is done when it is asked for again', async (broken) => {
    let isBroken = true
    const cutOff = () => Promise.reject(new Error('cut off'))
    const [requests, log] = [createMemoryBatchRequests(), createMemoryEventLog()]
    const world = await start({
      stores: {
        requests: { ...requests, remove: (id) => (isBroken && broken === 'requests' ? cutOff() : requests.remove(id)) },
        log: { ...log, purge: (subject, stone) => (isBroken && broken === 'log' ? cutOff() : log.purge(subject, stone)) },
      },
    })
    const batchId = await ended(world)
    await expect(world.batches.expire(batchId, 'spec')).rejects.toThrow('cut off')
    isBroken = false
    expect(await world.batches.expire(batchId, 'spec')).toMatchObject({ kind: 'removed' })
    expect(await world.batches.cancel(batchId, 'spec')).toMatchObject(gone)
    expect([await names(world), (await world.batches.requests(batchId, {}, 0, 10)).total]).toEqual([[], 0])
  })

  it('takes the input of a batch along that was made before such uses were kept', async () => {
    const world = await start()
    const input_file_id = await world.file(3)
    const [one, two] = [await ended(world, { input_file_id }), await ended(world, { input_file_id })]
    for (const { key } of await world.ports.state.list('batch.input')) await world.ports.state.remove(key)
    const later = await createBatches(world.ports)
    await later.expire(one, 'spec')
    expect(await names(world)).toContain('input.jsonl')
    await later.expire(two, 'spec')
    expect(await names(world)).toEqual([])
    const stopping = later.stop()
    await world.pass(60_000)
    await stopping
  })
})

it('a file whose submit was cut off before the batch was there goes like any draft', async () => {
  const log = createMemoryEventLog()
  let isBroken = true
  const append: typeof log.append = (subject, expected, events) =>
    isBroken ? Promise.reject(new Error('cut off')) : log.append(subject, expected, events)
  const world = await start({ stores: { log: { ...log, append } } })
  const content = new Blob(['{"custom_id":"a","body":{"model":"small"}}\n']).stream()
  const file = await world.batches.files.create({ filename: 'draft.jsonl', tenant: 'local', content, isDraft: true })
  await expect(world.submit({ input_file_id: 'id' in file ? file.id : '' })).rejects.toThrow('cut off')
  isBroken = false
  world.clock.advance(86_400_000)
  const later = await createBatches(world.ports)
  await world.until(async () => (await names(world)).length === 0, 700_000, 60_000)
  const stopping = later.stop()
  await world.pass(60_000)
  await stopping
})
