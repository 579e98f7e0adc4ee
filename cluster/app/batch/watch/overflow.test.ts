import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../../adapters/memory/clock.ts'
import { chatReply, refusalReply, type UpstreamScript } from '../../../adapters/memory/upstreams.ts'
import type { SubmitBatch } from '../../../messages/batch.ts'
import type { ServedModel } from '../../../ports/engines.ts'
import { UpstreamError, type UpstreamRequest } from '../../../ports/upstreams.ts'
import { writePrice } from '../../prices.ts'
import { startBatchWorld, type BatchWorld, type WorldOptions } from '../batches-under-test.ts'

const MINUTE_MS = 60_000

const large = { engine_id: 'other', model: 'large' }
const other: ServedModel = {
  reference: large,
  label: 'large',
  contextTokens: 8192,
  starter: false,
  parallel: 4,
  tokensPerSecond: null,
}
async function start(script: UpstreamScript, options: WorldOptions = {}): Promise<BatchWorld> {
  return await startBatchWorld(script, { others: [other], ...options })
}
/** A window of 4 h: its ramp is the last 21 minutes. */
const submitWith = (world: BatchWorld, lines: number, settings: SubmitBatch['settings'] = { fallbacks: [large] }) =>
  world.submit({ lines, completion_window: '4h', settings })

const isOwn = ({ model }: UpstreamRequest): boolean => model.model === 'small'
const downThen =
  (answer: UpstreamScript): UpstreamScript =>
  (request, tries, signal) => {
    if (isOwn(request)) throw new UpstreamError('unreachable', 'scripted cannot be reached (ECONNREFUSED).')
    return answer(request, tries, signal)
  }
const yes: UpstreamScript = () => chatReply('yes')
const overflows = async (world: BatchWorld, batchId: string) =>
  (await world.events(batchId)).flatMap((event) => (event.type === 'batch.overflow' ? [event.data] : []))
async function specOf(world: BatchWorld, batchId: string) {
  const first = (await world.events(batchId))[0]
  if (first?.type !== 'batch.submitted') throw new Error('It was not submitted.')
  return first.data.spec
}
const manifestOf = async (world: BatchWorld, sha256: string) =>
  JSON.parse(new TextDecoder().decode(await world.ports.blobs.read(sha256, 0, 1_000_000))) as Record<string, unknown>

describe('a batch whose own model is down', () => {
  it('waits outside the ramp; in it the fallback answers every row once, at its own price, and all say so', async () => {
    const asked: string[] = []
    const world = await start(
      downThen(({ body }) => {
        asked.push(body)
        return chatReply('yes')
      }),
    )
    await writePrice(world.ports.state, large, { price_in: 0, price_out: 2_000_000 })
    const batchId = await submitWith(world, 30)
    const { deadline } = await specOf(world, batchId)
    await world.pass(218 * MINUTE_MS, 5000)
    expect(asked).toEqual([])
    const { overflow } = world.batches.live(batchId) ?? {}
    expect(overflow).toMatchObject({ to: null, why: null })
    expect((deadline - (overflow?.from ?? 0)) / MINUTE_MS).toBeCloseTo(21.5, 1)
    expect(await overflows(world, batchId)).toEqual([])
    const end = await world.ended(batchId, 5 * MINUTE_MS)
    expect(end).toMatchObject({
      status: 'completed',
      counts: { completed: 30, failed: 0, cost_micro_usd: 30 * 20 },
      served_by: { 'other/large': 30 },
    })
    expect(new Set(asked).size).toBe(30)
    expect(asked).toHaveLength(30)
    const output = await world.output(batchId)
    expect(output.map((line) => line['served_model'])).toEqual(Array(30).fill('other/large'))
    expect(await manifestOf(world, end.manifest?.sha256 ?? '')).toMatchObject({ served_by: { 'other/large': 30 } })
    expect(await overflows(world, batchId)).toEqual([
      {
        state: 'started',
        cause: 'away',
        to: { ...large, price_in: 0, price_out: 2_000_000 },
        why: 'its own model is not live: scripted cannot be reached (ECONNREFUSED)',
      },
    ])
  })

  it('without fallbacks waits to the end, and nobody else is asked', async () => {
    let strangers = 0
    const world = await start(
      downThen(() => {
        strangers += 1
        return chatReply('yes')
      }),
    )
    const batchId = await submitWith(world, 5, {})
    await world.pass(241 * MINUTE_MS, 5000)
    const end = await world.ended(batchId)
    expect(end).toMatchObject({ status: 'expired', counts: { expired: 5 } })
    expect(end.served_by).toBeUndefined()
    expect(strangers).toBe(0)
  })

  it('waits where the fallback would pass the cost ceiling, and says that', async () => {
    const world = await start(downThen(yes))
    await writePrice(world.ports.state, large, { price_in: 0, price_out: 2_000_000 })
    const batchId = await submitWith(world, 30, { fallbacks: [large], cost_ceiling_micro_usd: 100 })
    await world.pass(230 * MINUTE_MS, 5000)
    const { overflow, counts } = world.batches.live(batchId) ?? {}
    expect(overflow?.to).toBeNull()
    expect(overflow?.why).toContain('above the ceiling of $0.000100')
    expect(counts?.completed).toBe(0)
    expect(await overflows(world, batchId)).toHaveLength(1)
  })

  it('never passes its ceiling through a fallback whose answers are longer than was expected', async () => {
    // 50 tokens a row are expected, 100 come.
    const world = await start(downThen(() => chatReply('yes', 100)))
    await writePrice(world.ports.state, large, { price_in: 0, price_out: 1_000_000 })
    const batchId = await submitWith(world, 30, { fallbacks: [large], cost_ceiling_micro_usd: 2000 })
    await world.pass(241 * MINUTE_MS, 5000)
    const end = await world.ended(batchId)
    expect(end.status).toBe('expired')
    expect(end.counts.completed).toBeGreaterThan(10)
    expect(end.counts.cost_micro_usd).toBeLessThanOrEqual(2000)
  })

  it('asks a model that is for the last 15 minutes only then', async () => {
    const world = await start(downThen(yes))
    const batchId = await submitWith(world, 5, { fallbacks: [{ ...large, escalation_only: true }] })
    await world.pass(224 * MINUTE_MS, 5000)
    expect(world.batches.live(batchId)?.overflow).toMatchObject({ to: null })
    expect((await world.ended(batchId, 2 * MINUTE_MS)).counts.completed).toBe(5)
    expect((await overflows(world, batchId)).map(({ state }) => state)).toEqual(['blocked', 'started'])
  })

  it('goes back to it when it is up again, and keeps for it what the fallback refused', async () => {
    let isUp = false
    const world = await start((request, tries, signal) => {
      if (!isOwn(request)) return refusalReply(401, 'no such key')
      return isUp ? chatReply('own') : downThen(yes)(request, tries, signal)
    })
    const batchId = await submitWith(world, 8)
    await world.pass(222 * MINUTE_MS, 5000)
    expect(world.batches.live(batchId)?.counts).toMatchObject({ completed: 0, failed: 0 })
    expect((await overflows(world, batchId)).at(-1)?.why).toContain('large refused')
    expect(world.batches.live(batchId)?.hold).toMatchObject({ code: 'engine_down' })
    isUp = true
    const end = await world.ended(batchId, 5 * MINUTE_MS)
    expect(end).toMatchObject({ counts: { completed: 8, failed: 0 }, served_by: { 'scripted/small': 8 } })
  })

  it('or not even served any more loses no row by asking for it', async () => {
    const world = await start((request) =>
      isOwn(request) ? refusalReply(404, 'the model small does not exist') : chatReply('yes'),
    )
    const notBefore = world.clock.now() + 2 * MINUTE_MS
    const batchId = await submitWith(world, 8, { fallbacks: [large], max_retries: 0, not_before: notBefore })
    await world.pass(MINUTE_MS, 5000)
    Object.assign(world.ports.upstreams, { served: () => Promise.resolve([other]) })
    await world.pass(216 * MINUTE_MS, 5000)
    expect(await overflows(world, batchId)).toEqual([])
    expect(world.batches.live(batchId)?.hold).toMatchObject({ code: 'model_missing' })
    await world.pass(2 * MINUTE_MS, 5000)
    const end = await world.ended(batchId, MINUTE_MS)
    expect(end.counts).toMatchObject({ completed: 8, failed: 0 })
    expect((await overflows(world, batchId))[0]?.why).toBe('its own model is not live: scripted does not serve small')
  })

  it('taken up after a restart answers each row once, and tells of the overflow once', async () => {
    const clock = createManualClock()
    const answered: string[] = []
    const slow = downThen(async ({ body }, _tries, signal) => {
      await clock.sleep(2000, signal)
      signal.throwIfAborted()
      answered.push(body)
      return chatReply('yes')
    })
    const first = await start(slow, { clock })
    const batchId = await submitWith(first, 40)
    await first.pass(218 * MINUTE_MS, 5000)
    await first.until(() => answered.length >= 8, 5 * MINUTE_MS)
    await first.stop()
    const { log, state, blobs, requests } = first.ports
    const second = await start(slow, { stores: { log, state, blobs, requests }, clock })
    const end = await second.ended(batchId, 5 * MINUTE_MS)
    expect(end).toMatchObject({ counts: { completed: 40 }, served_by: { 'other/large': 40 } })
    expect(new Set((await second.output(batchId)).map((line) => line['custom_id'])).size).toBe(40)
    expect(await overflows(second, batchId)).toHaveLength(1)
  })
})

it('a batch that would be late has its rows answered by both, with each row’s model', async () => {
  const clock = createManualClock()
  const world = await start(
    async (request, _tries, signal) => {
      await clock.sleep(isOwn(request) ? 60_000 : 2000, signal)
      signal.throwIfAborted()
      return chatReply('yes')
    },
    { clock, parallel: 1 },
  )
  const batchId = await submitWith(world, 300)
  await world.pass(239 * MINUTE_MS, 5000)
  const end = await world.ended(batchId)
  expect(end).toMatchObject({ status: 'completed', counts: { completed: 300 } })
  const served = end.served_by ?? {}
  expect(served['scripted/small']).toBeGreaterThan(200)
  expect((served['scripted/small'] ?? 0) + (served['other/large'] ?? 0)).toBe(300)
  const [began] = await overflows(world, batchId)
  expect(began).toMatchObject({ state: 'started', cause: 'late' })
  expect(began?.why).toMatch(/^it would take another \d+ m and has \d+ m left$/)
})
