import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../adapters/memory/clock.ts'
import { chatReply, refusalReply, type UpstreamScript } from '../../adapters/memory/upstreams.ts'
import { UnavailableError } from '../../ports/errors.ts'
import { UpstreamError } from '../../ports/upstreams.ts'
import { openBatchWorld, startBatchWorld as start, asks, hang } from './batches-under-test.ts'

const HOUR_MS = 3_600_000
const customIds = (lines: readonly Record<string, unknown>[]): readonly unknown[] => lines.map((line) => line['custom_id'])

describe('an engine that is away', () => {
  it('uses up no try of any request: the batch waits, says why, and goes on when it is back', async () => {
    let isUp = true
    let answered = 0
    const world = await start(({ body }) => {
      if (isUp && ++answered === 8) isUp = false
      if (isUp) return chatReply(body)
      throw new UpstreamError('unreachable', 'scripted cannot be reached (ECONNREFUSED).')
    })
    const batchId = await world.submit({ lines: 40, settings: { max_retries: 0 } })
    await world.until(() => world.upstreams.calls() >= 8)
    await world.pass(10 * 60_000, 500)
    const live = world.batches.live(batchId)
    expect(live?.hold).toMatchObject({ code: 'engine_down' })
    expect(live?.hold?.message).toContain('ECONNREFUSED')
    // A probe now and then, not a storm.
    expect(world.upstreams.calls()).toBeLessThan(80)
    expect(
      (await world.events(batchId)).some((event) => event.type === 'batch.alerted' && event.data.kind === 'engine_down'),
    ).toBe(true)
    isUp = true
    const end = await world.ended(batchId, 120_000)
    expect(end.counts).toMatchObject({ completed: 40, failed: 0 })
    expect(world.batches.live(batchId)).toBeUndefined()
  })

  it('check 11: for the whole window makes the batch expired, with an error row for each request and no answer invented', async () => {
    const world = await start(() => {
      throw new UpstreamError('unreachable', 'scripted cannot be reached.')
    })
    const batchId = await world.submit({ lines: 5, completion_window: '1h' })
    await world.until(async () => (await world.types(batchId)).includes('batch.ended'), HOUR_MS + 60_000, 1000)
    const end = await world.ended(batchId)
    expect(end).toMatchObject({ status: 'expired', output: null, counts: { completed: 0, failed: 0, expired: 5 } })
    expect((await world.errors(batchId)).map((line) => (line['error'] as { code: string }).code)).toEqual(
      Array(5).fill('batch_expired'),
    )
    expect((await world.events(batchId)).at(-1)).toMatchObject({ type: 'batch.settled', data: { verdict: 'missed' } })
  })

  it('by its own word (503) is waited for as well', async () => {
    let isUp = false
    const world = await start(({ body }) => (isUp ? chatReply(body) : refusalReply(503, 'loading the model')))
    const batchId = await world.submit({ lines: 20, settings: { max_retries: 1 } })
    await world.pass(120_000, 250)
    expect(world.batches.live(batchId)?.counts.failed).toBe(0)
    isUp = true
    expect((await world.ended(batchId, 120_000)).counts).toMatchObject({ completed: 20, failed: 0 })
  })
})

describe('a storm of refusals (429)', () => {
  it('is waited out without a request failing, and without more than a few being sent', async () => {
    const world = await start(({ body }) => (world.clock.now() < until ? refusalReply(429, 'slow down', 5000) : chatReply(body)))
    const until = world.clock.now() + 5 * 60_000
    const batchId = await world.submit({ lines: 30, settings: { max_retries: 1 } })
    await world.pass(4 * 60_000, 250)
    expect(world.batches.live(batchId)?.hold?.code).toBe('rate_limited')
    expect(world.upstreams.calls()).toBeLessThan(60 * 4 + 30)
    expect((await world.ended(batchId, 5 * 60_000)).counts).toMatchObject({ completed: 30, failed: 0 })
  })

  it('for one request, while others are answered, uses up its tries', async () => {
    const world = await start(async ({ body }, _tries, signal) => {
      await world.clock.sleep(500, signal)
      return asks(body, 3) ? refusalReply(429, 'not you') : chatReply(body)
    })
    const batchId = await world.submit({ lines: 100, settings: { max_retries: 2 } })
    expect((await world.ended(batchId, 10 * 60_000)).counts).toMatchObject({ completed: 99, failed: 1 })
    expect(await world.errors(batchId)).toMatchObject([{ custom_id: 'row-3', error: { code: 'rate_limited' } }])
  })
})

describe('a request that kills its engine', () => {
  /** Everything that runs dies with the engine. */
  const fragile = (reason: 'crashed' | 'connection', parallel: number) => {
    let dying = new AbortController()
    const script: UpstreamScript = async ({ body }, _tries, signal) => {
      const { signal: death } = dying
      for (let turn = 0; turn < 20; turn++) {
        await new Promise((resolve) => setImmediate(resolve))
        signal.throwIfAborted()
        if (death.aborted) throw new UpstreamError(reason, 'The engine died.')
        if (asks(body, 7) && turn === 10) {
          dying.abort()
          dying = new AbortController()
          throw new UpstreamError(reason, 'The engine died.')
        }
      }
      return chatReply(body)
    }
    return { script, options: { parallel } }
  }

  it.each([
    ['crashed', 4],
    ['crashed', 1],
    ['connection', 64],
  ] as const)('(%s, %i at once) gets an error row, and all others are answered', async (reason, parallel) => {
    const { script, options } = fragile(reason, parallel)
    const world = await start(script, options)
    const batchId = await world.submit({ lines: 100 })
    const end = await world.ended(batchId, 20 * 60_000)
    expect(end).toMatchObject({ status: 'completed', counts: { completed: 99, failed: 1 } })
    expect(await world.errors(batchId)).toMatchObject([{ custom_id: 'row-7', error: { code: 'engine_crashed' } }])
  })
})

describe('a cancel', () => {
  it('check 12: stops dispatch and running requests, keeps what is finished, and names the rest in the error file', async () => {
    let answered = 0
    const world = await start((_request, _tries, signal) => (++answered > 10 ? hang(signal) : chatReply('yes')))
    const batchId = await world.submit({ lines: 30 })
    await world.until(() => world.batches.live(batchId)?.counts.completed === 10)
    expect(await world.batches.cancel(batchId, 'spec')).toEqual({ kind: 'done' })
    const end = await world.ended(batchId)
    expect(end).toMatchObject({ status: 'cancelled', counts: { completed: 10, cancelled: 20 } })
    expect([(await world.output(batchId)).length, (await world.errors(batchId)).length]).toEqual([10, 20])
    expect((await world.errors(batchId))[0]).toMatchObject({ response: null, error: { code: 'batch_cancelled' } })
    const calls = world.upstreams.calls()
    await world.pass(60_000, 1000)
    expect(world.upstreams.calls()).toBe(calls)
    expect(await world.batches.cancel(batchId, 'spec')).toMatchObject({ kind: 'refused', code: 'conflict' })
  })
})

describe('a pause', () => {
  it('sends nothing more while what runs is finished, and a resume goes on from there', async () => {
    const finish: (() => void)[] = []
    const world = await start(() => new Promise((resolve) => finish.push(() => resolve(chatReply('yes')))))
    const batchId = await world.submit({ lines: 10 })
    await world.until(() => finish.length === 4)
    expect(await world.batches.pause(batchId, 'spec')).toEqual({ kind: 'done' })
    for (const each of finish.splice(0)) each()
    await world.pass(30_000)
    expect(world.batches.live(batchId)).toMatchObject({ running: 0, counts: { completed: 4 }, hold: { code: 'paused' } })
    expect(finish.length).toBe(0)
    await world.batches.resume(batchId, 'spec')
    await world.until(() => {
      for (const each of finish.splice(0)) each()
      return world.batches.live(batchId) === undefined
    })
    expect((await world.ended(batchId)).counts.completed).toBe(10)
  })
})

describe('a plane that ends at any moment', () => {
  it('check 10: goes on with what has no outcome: every custom_id exactly once, calls ≤ N + what was in flight', async () => {
    let [calls, mayAnswer] = [0, 50]
    const script: UpstreamScript = (_request, _tries, signal) => {
      calls += 1
      return calls > mayAnswer ? hang(signal) : chatReply('yes')
    }
    const first = await start(script, { parallel: 8 })
    const batchId = await first.submit({ lines: 100 })
    await first.until(() => first.batches.live(batchId)?.counts.completed === 50)
    mayAnswer = Infinity
    const { log, state, blobs, requests } = first.ports
    const second = await start(script, { stores: { log, state, blobs, requests }, clock: first.clock, parallel: 8 })
    const end = await second.ended(batchId)
    expect(end.counts).toMatchObject({ total: 100, completed: 100 })
    expect(new Set(customIds(await second.output(batchId))).size).toBe(100)
    expect(calls).toBeLessThanOrEqual(108)
  })

  it('goes on with the pace it had: its end is not "estimating" again, and the time away is in no rate', async () => {
    const clock = createManualClock()
    const script: UpstreamScript = async ({ body }, _tries, signal) => {
      await clock.sleep(4000, signal)
      signal.throwIfAborted()
      return chatReply(body)
    }
    const first = await openBatchWorld(script, { clock })
    const batchId = await first.submit({ lines: 600 })
    await first.pass(3 * 60_000, 500)
    const before = first.batches.live(batchId)
    expect(before?.eta?.source).toBe('measured')
    await first.stop()
    clock.advance(30 * 60_000)
    const { log, state, blobs, requests } = first.ports
    const second = await start(script, { stores: { log, state, blobs, requests }, clock })
    await second.pass(16_000, 500)
    const after = second.batches.live(batchId)
    expect(after?.eta?.source).toBe('measured')
    expect(after?.rates?.slow).toBeCloseTo(before?.rates?.slow ?? 0, 0)
  })

  it('writes the same result files again where it ended while they were written', async () => {
    const first = await start(() => chatReply('yes'))
    const put = first.ports.blobs.put.bind(first.ports.blobs)
    let isBroken = true
    Object.assign(first.ports.blobs, {
      put: (content: Parameters<typeof put>[0]) =>
        isBroken && !(content instanceof Uint8Array) ? Promise.reject(new UnavailableError('disk full')) : put(content),
    })
    isBroken = false
    const batchId = await first.submit({ lines: 5 })
    isBroken = true
    await first.until(async () => (await first.types(batchId)).includes('batch.finalizing'))
    expect(await first.batches.cancel(batchId, 'spec')).toMatchObject({ kind: 'refused', code: 'conflict' })
    isBroken = false
    const { log, state, blobs, requests } = first.ports
    const second = await start(() => chatReply('no'), { stores: { log, state, blobs, requests }, clock: first.clock })
    expect((await second.ended(batchId)).counts.completed).toBe(5)
    expect(second.upstreams.calls()).toBe(0)
  })
})

describe('a store that is full', () => {
  it('pauses the batch with the reason, loses no answer, and the batch goes on after a resume', async () => {
    let isFull = false
    const world = await start(() => chatReply('yes'))
    const { requests } = world.ports
    const record = requests.record.bind(requests)
    Object.assign(requests, {
      record: (...args: Parameters<typeof record>) =>
        isFull ? Promise.reject(new UnavailableError('No room on the disk.')) : record(...args),
    })
    const batchId = await world.submit({ lines: 600 })
    await world.until(() => (world.batches.live(batchId)?.counts.completed ?? 0) > 0)
    isFull = true
    await world.until(async () => (await world.types(batchId)).includes('batch.paused'))
    const calls = world.upstreams.calls()
    expect(world.batches.live(batchId)?.hold?.message).toContain('No room on the disk.')
    await world.pass(60_000, 500)
    expect(world.upstreams.calls()).toBe(calls)
    expect(await world.batches.resume(batchId, 'spec')).toMatchObject({ kind: 'refused', code: 'unavailable' })
    isFull = false
    await world.batches.resume(batchId, 'spec')
    expect((await world.ended(batchId)).counts.completed).toBe(600)
    expect(world.upstreams.calls()).toBe(600)
  })
})
