import { afterEach, expect, it } from 'vitest'
import { createMemoryBlobs } from '../../../adapters/memory/blobs.ts'
import { chatReply } from '../../../adapters/memory/upstreams.ts'
import { submitBatch } from '../../../messages/batch.ts'
import { openBatchWorld, type BatchWorld } from '../batches-under-test.ts'

let world: BatchWorld
afterEach(() => world.stop())

it('a file is read once for its check and for any number of estimates, and tells how far its check is', async () => {
  const blobs = createMemoryBlobs()
  let reads = 0
  const get: typeof blobs.get = (sha256) => {
    reads += 1
    return blobs.get(sha256)
  }
  world = await openBatchWorld(() => chatReply('yes'), { stores: { blobs: { ...blobs, get } } })
  const input_file_id = await world.file(30)
  const endpoint = '/v1/chat/completions'
  const told: number[] = []
  const report = await world.batches.validate(input_file_id, endpoint, { onRead: (bytes) => told.push(bytes) })
  expect(report).toMatchObject({ requests: 30 })
  expect(told.at(-1)).toBe('kind' in report ? null : report.bytes)
  for (const priority_offset of [0, 1, 2]) {
    const input = submitBatch.parse({ input_file_id, endpoint, settings: { priority_offset } })
    expect(await world.batches.estimate(input)).toMatchObject({ requests: 30 })
  }
  expect(reads).toBe(1)
})

it('check 8: an estimate says how many such requests a model does a day, at the rate that its batches had', async () => {
  world = await openBatchWorld(async (_request, _tries, signal) => {
    await world.clock.sleep(1000, signal)
    return chatReply('yes')
  })
  const input = async (lines: number) =>
    submitBatch.parse({ input_file_id: await world.file(lines), endpoint: '/v1/chat/completions' })
  const before = await world.batches.estimate(await input(30))
  expect('kind' in before ? before : before.basis).toBe(
    'No batch of this model has run yet: half of the limits that its requests set.',
  )
  await world.ended(await world.submit({ lines: 200 }), 300_000)
  const after = await world.batches.estimate(await input(30))
  if ('kind' in after) return expect.unreachable(after.message)
  const perDay = (after.requests / (after.duration_ms?.[0] ?? Infinity)) * 86_400_000
  const told = /^What earlier batches of this model took; it does ([\d,]+) such requests a day\.$/.exec(after.basis)?.[1]
  expect(Number(told?.replaceAll(',', '')) / perDay).toBeCloseTo(1, 3)
})
