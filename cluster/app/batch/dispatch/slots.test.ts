import { describe, expect, it } from 'vitest'
import { createManualClock, type ManualClock } from '../../../adapters/memory/clock.ts'
import { chatReply } from '../../../adapters/memory/upstreams.ts'
import { startBatchWorld, type BatchWorld, type WorldOptions } from '../batches-under-test.ts'

const HOUR_MS = 3_600_000

/** Answers after ten seconds, sixteen at once. */
async function start(clock: ManualClock = createManualClock(), stores?: WorldOptions['stores']): Promise<BatchWorld> {
  return await startBatchWorld(
    async ({ body }, _tries, signal) => {
      await clock.sleep(10_000, signal)
      signal.throwIfAborted()
      return chatReply(body)
    },
    { clock, parallel: 16, ...(stores && { stores }) },
  )
}

const spot = (slots: number) => ({ name: 'spot', slots, hour_micro_usd: 100_000 }) as const
const dedicated = { name: 'dedicated', slots: 1, hour_micro_usd: 500_000 } as const
const status = (world: BatchWorld, batchId: string) => world.types(batchId).then((types) => types.at(-1))

it('check 12: the third job with all slots taken waits, says its place in line, and runs later', async () => {
  const world = await start()
  await world.batches.setPools([spot(1), dedicated])
  const [first, second] = [await world.submit({ lines: 32 }), await world.submit({ lines: 32 })]
  await world.until(() => world.batches.pools().pools.every(({ batches }) => batches.length === 1))
  const third = await world.submit({ lines: 4 })
  await world.pass(5000)
  expect(await status(world, third)).toBe('batch.validated')
  expect(world.batches.live(third)).toMatchObject({
    running: 0,
    queue: { position: 1, ahead: 0 },
    hold: {
      code: 'pool',
      cured_by_waiting: true,
      message: 'All 2 slots are taken; it is number 1 of those that wait.',
    },
  })
  expect((await world.ended(third)).counts).toMatchObject({ completed: 4, failed: 0 })
  for (const batchId of [first, second]) expect((await world.ended(batchId)).status).toBe('completed')
})

describe('slots of the operator’s pools', () => {
  it('are needed by no batch where there are no pools', async () => {
    const world = await start()
    const batchId = await world.submit({})
    await world.until(() => world.batches.live(batchId)?.running === 3)
    expect(world.batches.live(batchId)?.slot).toBeUndefined()
    expect((await world.ended(batchId)).slot_cost_micro_usd).toBeUndefined()
  })

  it('go to high priority first, though it came later', async () => {
    const world = await start()
    await world.batches.setPools([spot(1)])
    await world.submit({ lines: 32 })
    await world.until(() => world.batches.pools().pools[0]?.batches.length === 1)
    const low = await world.submit({ lines: 4 })
    const high = await world.submit({ lines: 4, completion_window: '1h' })
    await world.until(() => world.batches.pools().waiting.length === 2)
    expect(world.batches.pools().waiting).toEqual([high, low])
    // One that is paused gives its place to the next.
    await world.batches.pause(high, 'spec')
    expect(world.batches.pools().waiting).toEqual([low])
  })

  it('of spot that are taken away return what runs, and every request is answered once all the same', async () => {
    const world = await start()
    await world.batches.setPools([spot(2)])
    const [first, second] = [await world.submit({ lines: 8 }), await world.submit({ lines: 8 })]
    await world.until(() => world.batches.live(second)?.running === 8)
    await world.batches.setPools([spot(1)])
    await world.pass(1000)
    expect(world.batches.live(second)).toMatchObject({ running: 0, hold: { code: 'pool' }, counts: { failed: 0 } })
    expect(world.batches.live(first)?.running).toBe(8)
    const end = await world.ended(second)
    expect(end.counts).toMatchObject({ completed: 8, failed: 0 })
    expect(new Set((await world.output(second)).map((line) => line['custom_id'])).size).toBe(8)
  })

  it('count towards the ceiling of what a batch may cost, also where nothing is answered', async () => {
    const world = await startBatchWorld(
      (_request, _tries, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error))
        }),
    )
    await world.batches.setPools([spot(1)])
    const batchId = await world.submit({ lines: 4, settings: { cost_ceiling_micro_usd: 50_000 } })
    await world.pass(29 * 60_000, 1000)
    expect(await status(world, batchId)).not.toBe('batch.settled')
    const end = await world.ended(batchId, 2 * 60_000)
    expect(end).toMatchObject({ status: 'failed', counts: { cancelled: 4, cost_micro_usd: 0 } })
    expect(end.message).toBe('It has cost $0.05 ($0.05 of it for its slots), more than its ceiling of $0.05.')
  })

  it('check 8: cost $14 for 7 h at the usual price, and each of 100 requests 140,000 micro-dollars of it', async () => {
    const world = await startBatchWorld(
      async (_request, _tries, signal) => {
        await world.clock.sleep(252_000, signal)
        return chatReply('yes')
      },
      { parallel: 1 },
    )
    const { usual_hour_micro_usd: hour_micro_usd } = world.batches.pools()
    await world.batches.setPools([{ ...dedicated, hour_micro_usd }])
    const batchId = await world.submit({ lines: 101 })
    await world.until(() => world.batches.live(batchId)?.counts.completed === 100, 8 * HOUR_MS, 12_000)
    const live = world.batches.live(batchId)
    expect((live?.slot?.cost_micro_usd ?? 0) / 14_000_000).toBeCloseTo(1, 2)
    expect((live?.request_cost_micro_usd ?? 0) / 140_000).toBeCloseTo(1, 2)
  })

  it('cost by their time beside the tokens, also over a restart', async () => {
    const first = await startBatchWorld(
      async (_request, _tries, signal) => {
        await first.clock.sleep(HOUR_MS, signal)
        return chatReply('late')
      },
      { parallel: 4 },
    )
    await first.batches.setPools([spot(1)])
    const batchId = await first.submit({ lines: 4 })
    await first.pass(30 * 60_000, 1000)
    const cost = first.batches.live(batchId)?.slot?.cost_micro_usd ?? 0
    expect(cost).toBeGreaterThan(49_000)
    await first.stop()
    first.clock.advance(HOUR_MS)
    const { log, state, blobs, requests } = first.ports
    const second = await start(first.clock, { log, state, blobs, requests })
    const end = await second.ended(batchId)
    expect(end.slot_cost_micro_usd).toBeGreaterThanOrEqual(cost - 500)
    expect(end.slot_cost_micro_usd).toBeLessThan(52_000)
    expect(end.counts.cost_micro_usd).toBe(0)
  })
})
