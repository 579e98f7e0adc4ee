import { describe, expect, it } from 'vitest'
import { chatReply } from '../../../adapters/memory/upstreams.ts'
import { startBatchWorld as start, hang, slow, type BatchWorld } from '../batches-under-test.ts'

const HOUR_MS = 3_600_000

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
