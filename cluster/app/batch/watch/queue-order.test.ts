import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../../adapters/memory/clock.ts'
import { chatReply } from '../../../adapters/memory/upstreams.ts'
import { queueEffect as wireEffect } from '../../../messages/batch-views.ts'
import { startBatchWorld, requestLine, type BatchWorld, type WorldOptions } from '../batches-under-test.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** One request at a time, a second each; `sent` has the batch of each in the order in which they were sent. */
async function start(options: WorldOptions = {}): Promise<{ readonly world: BatchWorld; readonly sent: string[] }> {
  const clock = options.clock ?? createManualClock()
  const sent: string[] = []
  const world = await startBatchWorld(
    async ({ body }, _tries, signal) => {
      sent.push(/Of (\w+)/.exec(body)?.[1] ?? body)
      await clock.sleep(1000, signal)
      signal.throwIfAborted()
      return chatReply('yes')
    },
    { parallel: 1, ...options, clock },
  )
  return { world, sent }
}

const linesOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) =>
    requestLine(n, { body: { model: 'small', messages: [{ role: 'user', content: `Of ${name}, ${n}` }], max_tokens: 100 } }),
  )

async function submit(world: BatchWorld, name: string, count: number, more: Parameters<BatchWorld['submit']>[0] = {}) {
  const batchId = await world.submit({ lines: linesOf(name, count), name, ...more })
  await world.until(() => world.batches.live(batchId)?.counts.total === count)
  return batchId
}

const done = { kind: 'done' }

describe('a place in the queue', () => {
  it('is changed by hand: who is moved up is claimed before those that were before it, who is moved down after them', async () => {
    const { world, sent } = await start()
    const first = await submit(world, 'first', 20)
    await submit(world, 'second', 3)
    const third = await submit(world, 'third', 3)
    const before = sent.length
    expect(await world.batches.change(third, 'spec', { priority_offset: 1 })).toEqual(done)
    await world.ended(third)
    // One or two of the first go before: while requests are fetched and a start is stored, the place is not left empty.
    expect(sent.slice(before, before + 5).filter((name) => name === 'third').length).toBe(3)
    expect(await world.batches.change(first, 'spec', { priority_offset: -1 })).toEqual(done)
    await world.until(() => sent.includes('second'))
    const from = sent.indexOf('second')
    await world.ended(first, 120_000)
    expect(sent.slice(from, from + 3)).toEqual(['second', 'second', 'second'])
    expect(sent.length).toBe(26)
  })

  it('given by hand holds after a restart', async () => {
    const { world } = await start()
    await submit(world, 'first', 20)
    const second = await submit(world, 'second', 20)
    await world.batches.change(second, 'spec', { priority_offset: 2 })
    await world.stop()
    const { world: next, sent } = await start({ stores: world.ports, clock: world.clock })
    await next.until(() => sent.length >= 6)
    // While its file is read again, others go on.
    expect(sent.slice(2)).toEqual(['second', 'second', 'second', 'second'])
  })

  it('is told with what it does before it is taken', async () => {
    const { world } = await start()
    // What the model does a second, for the ends.
    await world.ended(await submit(world, 'before', 200), 300_000)
    await submit(world, 'first', 600)
    await submit(world, 'second', 600)
    const third = await submit(world, 'third', 600)
    await world.pass(30_000, 500)
    const effect = await world.batches.queueEffect(third, { priority_offset: 1 })
    if ('kind' in effect) throw new Error(effect.message)
    expect(wireEffect.parse(effect)).toMatchObject({ position: { now: 3, then: 1 }, of: 3, passes: 2, lets_pass: 0 })
    const minutes = (at: number | null) => Math.round(((at ?? 0) - world.clock.now()) / MINUTE_MS)
    expect([minutes(effect.end.now), minutes(effect.end.then)]).toEqual([30, 10])
    expect(effect.others.map(({ name, end }) => [name, minutes(end.now), minutes(end.then)])).toEqual([
      ['first', 10, 20],
      ['second', 20, 30],
    ])
    const endOf = (batchId: string) => {
      const eta = world.batches.live(batchId)?.eta
      return minutes(eta ? eta.at + eta.p50_ms : null)
    }
    expect(endOf(third)).toBe(30)
    await world.batches.change(third, 'spec', { priority_offset: 1 })
    expect(endOf(third)).toBe(10)
    const back = await world.batches.queueEffect(third, { priority_offset: 1 })
    expect(back).toMatchObject({ passes: 0, lets_pass: 0, others: [] })
  })

  it('is not known, and said not to be, where no rate was ever measured; nor has a batch that ended one', async () => {
    const { world } = await start()
    const only = await submit(world, 'only', 3)
    expect(await world.batches.queueEffect(only, { priority_offset: 2 })).toMatchObject({
      position: { now: 1, then: 1 },
      end: { now: null, then: null },
      basis: 'When they end is not known: no rate of this model was ever measured.',
    })
    await world.ended(only)
    expect(await world.batches.queueEffect(only, { priority_offset: 2 })).toMatchObject({ kind: 'refused', code: 'conflict' })
  })
})

it('a batch that others pass after it began waits its turn and is told so, and raises no alarm', async () => {
  const { world } = await start()
  const first = await submit(world, 'first', 900)
  await world.pass(4 * MINUTE_MS, 500)
  const second = await submit(world, 'second', 600)
  await world.batches.change(second, 'spec', { priority_offset: 1 })
  await world.pass(6 * MINUTE_MS, 500)
  const live = world.batches.live(first)
  expect(live).toMatchObject({ hold: { code: 'slots', cured_by_waiting: true }, queue: { position: 2, ahead: 1 } })
  expect((await world.events(first)).filter(({ type }) => type === 'batch.alerted')).toEqual([])
  // Some 4 minutes of the second, then some 11 of its own, at a request a second.
  const eta = live?.eta ? live.eta.at + live.eta.p50_ms : 0
  expect((eta - world.clock.now()) / MINUTE_MS).toBeGreaterThan(13)
  expect((eta - world.clock.now()) / MINUTE_MS).toBeLessThan(17)
  await world.ended(second, 300_000)
  await world.pass(30_000, 500)
  expect(world.batches.live(first)).toMatchObject({ hold: null, queue: null })
})

describe('a start that is set later', () => {
  it('is kept after a change of it and after a restart, and taken back at once', async () => {
    const { world, sent } = await start()
    const busy = await submit(world, 'busy', 5)
    const batchId = await submit(world, 'later', 3)
    const at = world.clock.now() + HOUR_MS
    expect(await world.batches.change(batchId, 'spec', { not_before: at })).toEqual(done)
    await world.ended(busy)
    await world.pass(50 * MINUTE_MS, MINUTE_MS)
    expect(await world.batches.change(batchId, 'spec', { not_before: at + HOUR_MS })).toEqual(done)
    await world.pass(30 * MINUTE_MS, MINUTE_MS)
    expect(sent).not.toContain('later')
    await world.stop()
    const { world: next, sent: then } = await start({ stores: world.ports, clock: world.clock })
    await next.pass(30 * MINUTE_MS, MINUTE_MS)
    expect(then).toEqual([])
    expect(next.batches.live(batchId)?.hold?.code).toBe('not_before')
    expect(next.clock.now()).toBeLessThan(at + HOUR_MS)
    expect(await next.batches.change(batchId, 'spec', { not_before: null })).toEqual(done)
    await next.until(() => then.length === 1, 1000)
    expect(await next.batches.change(batchId, 'spec', { not_before: at + 2 * HOUR_MS })).toMatchObject({
      kind: 'refused',
      message: 'It has begun already; pause it instead.',
    })
    expect((await next.ended(batchId)).counts.completed).toBe(3)
  })

  it('begins at that time, with a slot of the pools too', async () => {
    const { world, sent } = await start()
    await world.batches.setPools([{ name: 'spot', slots: 1, hour_micro_usd: 0 }])
    const at = world.clock.now() + HOUR_MS + 7000
    await submit(world, 'later', 3, { settings: { not_before: at } })
    await world.pass(HOUR_MS, MINUTE_MS)
    expect(sent).toEqual([])
    await world.until(() => sent.length > 0, 10_000)
    expect(world.clock.now() - at).toBeLessThan(1000)
  })

  it('takes no place from others meanwhile, however many wait for theirs', async () => {
    const { world, sent } = await start()
    const settings = { not_before: world.clock.now() + HOUR_MS }
    for (const name of ['a', 'b', 'c', 'd', 'e']) await submit(world, name, 1, { completion_window: '2h', settings })
    const batchId = await submit(world, 'now', 3)
    await world.ended(batchId, 30_000)
    expect(sent).toEqual(['now', 'now', 'now'])
  })

  it('after its deadline is refused, at the submit as well', async () => {
    const { world } = await start()
    const not_before = world.clock.now() + 25 * HOUR_MS
    await expect(world.submit({ settings: { not_before } })).rejects.toThrow('It must start before its deadline.')
  })
})
