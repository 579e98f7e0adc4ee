import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { afterRequest, boundConcurrency, startConcurrency, type Concurrency, type Ended } from './concurrency.ts'
import { playServer, type SampleServer } from './sample-servers.ts'
import { mulberry32 as dice } from '../dice.ts'

const bounds = { floor: 1, cap: 1024 }

describe('the limit after 30 s gets within 10 % of the best fixed one done', () => {
  test.each<SampleServer>([
    { kind: 'queues', capacity: 100, latencyMs: 50, spread: 0 },
    { kind: 'queues', capacity: 24, latencyMs: 50, spread: 0.5 },
    { kind: 'slows', capacity: 100, latencyMs: 50, spread: 0 },
    { kind: 'slows', capacity: 24, latencyMs: 50, spread: 0.3 },
    { kind: 'refuses', capacity: 100, latencyMs: 50, spread: 0 },
    { kind: 'refuses', capacity: 24, latencyMs: 50, spread: 0.5 },
    { kind: 'batches', capacity: 64, latencyMs: 50, spread: 0.5 },
    { kind: 'queues', capacity: 3, latencyMs: 50, spread: 0 },
  ])('of a server that $kind past $capacity, lengths ± $spread', (server) => {
    const fixed = [0.8, 0.9, 1, 1.1, 1.3].map((share) => Math.max(1, Math.round(share * server.capacity)))
    const best = Math.max(...fixed.map((limit) => playServer(server, limit, dice(1), 5000, 15_000).perSecond))
    const adaptive = playServer(server, startConcurrency(bounds, 0), dice(2), 30_000, 45_000)
    expect(adaptive.perSecond / best).toBeGreaterThan(0.9)
  })
})

test('a server that only queues is not buried in requests', () => {
  const { limits } = playServer(
    { kind: 'queues', capacity: 50, latencyMs: 50, spread: 0 },
    startConcurrency(bounds, 0),
    dice(3),
    0,
    40_000,
  )
  expect(Math.max(...limits.slice(30))).toBeLessThan(100)
})

test('a server that refuses is seldom asked for more than it takes', () => {
  const { limits, perSecond, refused } = playServer(
    { kind: 'refuses', capacity: 50, latencyMs: 50, spread: 0 },
    startConcurrency(bounds, 0),
    dice(4),
    30_000,
    60_000,
  )
  expect(limits.slice(30).every((limit) => limit <= 58)).toBe(true)
  expect(refused).toBeLessThan(0.01 * perSecond * 30)
})

/** A level's worth of answers of the same latency. */
function answers(state: Concurrency, nowMs: number, latencyMs: number, running = state.limit): Concurrency {
  const { sinceMs } = state
  for (let i = 0; state.sinceMs === sinceMs && i < 5000; i += 1)
    state = afterRequest(state, { startedMs: nowMs, endedMs: nowMs + latencyMs, kind: 'answered', running })
  return state
}

describe('the limit', () => {
  const start = startConcurrency(bounds, 0)

  test('doubles while twice as many at once get more done, and says so', () => {
    const second = answers(answers(start, 0, 300), 1000, 300)
    expect(second.limit).toBe(16)
    expect(second.why).toBe('Raised from 8: 100 % more at once got 100 % more done.')
  })

  test('is cut when twice as many only wait', () => {
    const cut = answers(answers(start, 0, 300), 1000, 600)
    expect(cut.limit).toBe(4)
    expect(cut.why).toBe('Cut from 8: 100 % more at once got nothing more done.')
  })

  test('is cut at once when its engine refuses, whatever was measured', () => {
    const cut = afterRequest({ ...start, limit: 100 }, { startedMs: 5, endedMs: 9, kind: 'refused', running: 100 })
    expect(cut).toMatchObject({ limit: 85, why: 'Cut from 100: its engine refused requests.' })
    // What began before the cut tells of the old limit.
    expect(afterRequest(cut, { startedMs: 8, endedMs: 10, kind: 'refused', running: 100 })).toBe(cut)
  })

  test('goes half-way back to where it was refused', () => {
    const cut = afterRequest({ ...start, limit: 100 }, { startedMs: 5, endedMs: 9, kind: 'refused', running: 100 })
    expect(answers(cut, 100, 300).limit).toBe(92)
  })

  test('is left alone by failures that tell nothing of the load, and while it is not used up', () => {
    expect(afterRequest(start, { startedMs: 5, endedMs: 9, kind: 'failed', running: 4 })).toBe(start)
    expect(answers(start, 0, 300, 2).limit).toBe(4)
  })

  test('keeps within new bounds', () => {
    expect(boundConcurrency({ ...start, limit: 100 }, { floor: 1, cap: 10 }, 5).limit).toBe(10)
    expect(boundConcurrency(start, bounds, 5)).toBe(start)
  })

  test('is always within its bounds, whatever happens', () => {
    const endings = fc.array(
      fc.record({
        startedMs: fc.integer({ min: 0, max: 10_000 }),
        latencyMs: fc.integer({ min: 0, max: 5000 }),
        kind: fc.constantFrom<Ended['kind']>('answered', 'answered', 'answered', 'answered', 'refused', 'failed'),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { maxLength: 400 },
    )
    fc.assert(
      fc.property(endings, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 100 }), (list, floor, more) => {
        let state = startConcurrency({ floor, cap: floor + more }, 0)
        for (const { startedMs, latencyMs, kind, share } of list) {
          state = afterRequest(state, {
            startedMs: state.sinceMs + startedMs,
            endedMs: state.sinceMs + startedMs + latencyMs,
            kind,
            running: Math.ceil(state.limit * (0.8 + 0.2 * share)),
          })
          expect(state.limit).toBeGreaterThanOrEqual(floor)
          expect(state.limit).toBeLessThanOrEqual(floor + more)
          expect(Number.isInteger(state.limit)).toBe(true)
          expect(state.why).not.toBe('')
        }
      }),
      { numRuns: 50 },
    )
  })
})
