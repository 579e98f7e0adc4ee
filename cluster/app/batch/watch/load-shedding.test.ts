import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../../adapters/memory/clock.ts'
import { chatReply, refusalReply } from '../../../adapters/memory/upstreams.ts'
import type { UpstreamReply } from '../../../ports/upstreams.ts'
import { startBatchWorld, type BatchWorld } from '../batches-under-test.ts'

const MINUTE_MS = 60_000

/** Four at once, each answered after `seconds`. */
async function start(seconds: number, reply: (body: string) => UpstreamReply = chatReply): Promise<BatchWorld> {
  const clock = createManualClock()
  return await startBatchWorld(
    async ({ body }, _tries, signal) => {
      await clock.sleep(seconds * 1000, signal)
      signal.throwIfAborted()
      return reply(body)
    },
    { clock },
  )
}

describe('a batch of high priority whose deadline is short', () => {
  it('has those of low priority on its engine wait, with the reason, and keeps its own pace', async () => {
    const world = await start(10)
    const high = await world.submit({ lines: 1200, completion_window: '1h', settings: { force: true } })
    const low = await world.submit({ lines: 500 })
    await world.until(() => world.batches.live(low)?.hold?.code === 'deferred', 20 * MINUTE_MS, 1000)
    expect(world.batches.live(low)?.hold?.message).toMatch(
      /^Batches of low priority wait: a batch of high priority has .* to spare/,
    )
    await world.pass(16 * MINUTE_MS, 1000)
    expect(world.batches.live(low)?.running).toBe(0)
    expect(world.batches.live(high)).toMatchObject({ running: 4, concurrency: { limit: 4 } })
    const told = (await world.events(low)).filter((event) => event.type === 'batch.alerted')
    expect(told.length).toBeLessThanOrEqual(1)
  })

  it('is none where the work fills little of its window, however short that is', async () => {
    const world = await start(10)
    await world.submit({ lines: 240, completion_window: '1h' })
    await world.submit({ lines: 20 })
    for (let minute = 0; minute < 9; minute++) {
      await world.pass(MINUTE_MS, 1000)
      expect(world.batches.shedding()).toBeNull()
    }
  })
})

describe('errors beyond 5 % in 5 minutes', () => {
  it('lower what runs at once, then refuse new batches, then call a person, who ends the call', async () => {
    const world = await start(15, () => refusalReply(500, 'out of memory'))
    const batchId = await world.submit({ lines: 2000, settings: { max_retries: 0 } })
    await world.until(() => world.batches.shedding() !== null, 10 * MINUTE_MS, 1000)
    expect(world.batches.shedding()).toMatchObject({
      actions: ['defer_low'],
      why: ['100 % of the requests of the last 5 minutes failed'],
    })
    // There is nothing of high priority to wait for.
    expect(world.batches.live(batchId)?.hold).toBeNull()
    await world.pass(5 * MINUTE_MS + 30_000, 1000)
    expect(world.batches.shedding()?.actions).toContain('lower_concurrency')
    expect(world.batches.live(batchId)?.concurrency).toEqual({ limit: 2, why: 'Half of its limit, while load is shed.' })
    await world.pass(5 * MINUTE_MS, 1000)
    await expect(world.submit({})).rejects.toThrow('overloaded: No batch is taken in for now: 100 %')
    await world.pass(5 * MINUTE_MS, 1000)
    expect(world.batches.shedding()?.escalated_at).not.toBeNull()
    world.batches.acknowledgeShedding()
    expect(world.batches.shedding()).toMatchObject({ escalated_at: null })
    expect(world.batches.shedding()?.actions).not.toContain('escalate')
  })

  it('are not forgotten over a restart: what is in force stays so, and the time away does not count', async () => {
    const first = await start(15, () => refusalReply(500, 'out of memory'))
    await first.submit({ lines: 4000, settings: { max_retries: 0 } })
    await first.until(() => (first.batches.shedding()?.actions.length ?? 0) === 3, 30 * MINUTE_MS, 1000)
    await first.pass(20_000, 1000)
    const before = first.batches.shedding()
    await first.stop()
    first.clock.advance(3 * 60 * MINUTE_MS)

    const { log, state, blobs, requests } = first.ports
    const second = await startBatchWorld(() => chatReply('yes'), { clock: first.clock, stores: { log, state, blobs, requests } })
    expect(second.batches.shedding()).toEqual(before)
    await expect(second.submit({})).rejects.toThrow('overloaded: No batch is taken in for now')
    await second.pass(30_000, 1000)
    expect(second.batches.shedding()?.escalated_at).toBeNull()
    // Nothing fails any more: it ends step by step, and a third plane has nothing to shed.
    await second.until(() => second.batches.shedding() === null, 30 * MINUTE_MS, 1000)
    await second.pass(20_000, 1000)
    expect(await state.get('batch.shedding')).toBeUndefined()
  })

  it('keep over a restart that a person has seen them', async () => {
    const first = await start(15, () => refusalReply(500, 'out of memory'))
    await first.submit({ lines: 4000, settings: { max_retries: 0 } })
    await first.until(
      () => first.batches.shedding()?.escalated_at !== undefined && first.batches.shedding()?.escalated_at !== null,
      60 * MINUTE_MS,
      1000,
    )
    first.batches.acknowledgeShedding()
    const { log, state, blobs, requests } = first.ports
    await first.stop()
    const second = await startBatchWorld(() => chatReply('yes'), { clock: first.clock, stores: { log, state, blobs, requests } })
    expect(second.batches.shedding()).toMatchObject({ escalated_at: null, actions: { length: 3 } })
  })

  it('that are the requests’ own fault are no reason', async () => {
    const world = await start(5, () => refusalReply(400, 'no such parameter'))
    await world.submit({ lines: 400 })
    await world.pass(5 * MINUTE_MS, 1000)
    expect(world.batches.shedding()).toBeNull()
  })
})
