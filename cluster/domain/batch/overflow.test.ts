import { describe, expect, test } from 'vitest'
import { decideOverflow, leavesRoom, overflowOf, type Fallback, type OverflowLook } from './overflow.ts'
import { applyEvents, sampleCounts, sampleSpec, SUBMITTED_AT } from './sample-batches.ts'
import type { BatchState } from './state.ts'
import type { OverflowData } from './types.ts'

const MINUTE = 60_000
const fallback = (model: string, more: Partial<Fallback> = {}): Fallback => ({
  engine_id: 'second',
  model,
  escalation_only: false,
  refusal: null,
  breaker: 'closed',
  price: { price_in: 0, price_out: 1_000_000 },
  ...more,
})
const paid = fallback('paid', { escalation_only: true })
const near = fallback('near')
/** A batch of 24 h whose own model is away, half an hour before its deadline, with 10 rows of 100 tokens left. */
const look = (more: Partial<OverflowLook> = {}): OverflowLook => ({
  windowMs: 24 * 60 * MINUTE,
  leftMs: 30 * MINUTE,
  away: 'its own model is not live: refused',
  p50Ms: null,
  fallbacks: [near],
  counts: sampleCounts({ total: 20, completed: 10, cost_micro_usd: 500 }),
  rowsLeft: 10,
  tokensIn: 50,
  tokensOut: 100,
  ceilingMicroUsd: undefined,
  before: null,
  ...more,
})
const live = { away: null } as const
const started = (model: string, cause: 'away' | 'late' = 'away'): OverflowData => ({
  state: 'started',
  cause,
  to: { engine_id: 'second', model, price_in: 0, price_out: 1_000_000 },
  why: 'before',
})
const told = (overflow: OverflowData): string =>
  overflow.state === 'started' ? `${overflow.to.model}, ${overflow.cause}` : `${overflow.state}: ${overflow.why}`

describe('rows of a batch', () => {
  test.each<[string, Partial<OverflowLook>, string]>([
    ['go to the first fallback in the ramp while its own model is away', {}, 'near, away'],
    ['wait before the ramp, however long it is away', { leftMs: 60 * MINUTE }, 'ended: the deadline is far enough away'],
    [
      'keep to their own model where it is live and in time',
      { ...live, p50Ms: 29 * MINUTE },
      'ended: its own model is live and in time',
    ],
    ['keep to it while no end is known', live, 'ended: its own model is live and in time'],
    ['go to a fallback too where it would be late', { ...live, p50Ms: 31 * MINUTE }, 'near, late'],
    ['never leave it where no fallback is named', { fallbacks: [] }, 'ended: no fallback is named any more'],
    [
      'do not go to a paid model before the last 15 minutes',
      { fallbacks: [paid] },
      'blocked: its own model is not live: refused, but paid is for the last 15 min alone',
    ],
    ['go to a paid model in the last 15 minutes', { fallbacks: [paid], leftMs: 15 * MINUTE }, 'paid, away'],
    ['go to the first named then, whichever it is', { fallbacks: [near, paid], leftMs: 15 * MINUTE }, 'near, away'],
    [
      'pass over one that cannot take them',
      { fallbacks: [fallback('gone', { refusal: 'is not served now' }), near] },
      'near, away',
    ],
    ['pass over one that does not answer', { fallbacks: [fallback('down', { breaker: 'open' }), near] }, 'near, away'],
    [
      'wait where none answers',
      { fallbacks: [fallback('down', { breaker: 'open' })] },
      'blocked: its own model is not live: refused, but down does not answer',
    ],
    [
      'stay at the one that they went to while it recovers, and no other is known to answer',
      { fallbacks: [fallback('a', { breaker: 'probe' }), fallback('b', { breaker: 'open' })], before: started('b') },
      'b, away',
    ],
    ['go where all that is left keeps the cost ceiling', { ceilingMicroUsd: 1500 }, 'near, away'],
    [
      'wait where it would pass the cost ceiling',
      { ceilingMicroUsd: 1499 },
      'blocked: its own model is not live: refused, but near would bring the cost to $0.001500, above the ceiling of $0.001499',
    ],
    [
      'go to the first that keeps the ceiling',
      { ceilingMicroUsd: 600, fallbacks: [near, fallback('free', { price: { price_in: 0, price_out: 0 } })] },
      'free, away',
    ],
    [
      'wait where a ceiling is set and nobody knows the price',
      { ceilingMicroUsd: 1e9, fallbacks: [fallback('near', { price: null })] },
      'blocked: its own model is not live: refused, but near has no price, so that the cost ceiling cannot be kept',
    ],
    ['go without a price where no ceiling is set', { fallbacks: [fallback('near', { price: null })] }, 'near, away'],
    [
      'come back when their own model is live again',
      { ...live, p50Ms: MINUTE, before: started('near') },
      'ended: its own model is live and in time',
    ],
    ['go on where it would be late without', { ...live, p50Ms: MINUTE, before: started('near', 'late') }, 'near, late'],
    ['go on after the deadline in a batch that goes on', { leftMs: -MINUTE }, 'near, away'],
  ])('%s', (_name, more, expected) => {
    expect(told(overflowOf(look(more)).overflow)).toBe(expected)
  })

  test('are claimed in full from the beginning of the ramp on', () => {
    expect(overflowOf(look({ ...live, leftMs: 60 * MINUTE })).isInRamp).toBe(false)
    expect(overflowOf(look(live)).isInRamp).toBe(true)
  })
})

describe('what is told of it', () => {
  const state = (overflow: OverflowData | null): BatchState => {
    const first = applyEvents(undefined, [{ type: 'batch.submitted', data: { spec: sampleSpec() } }], SUBMITTED_AT)
    if (!first) throw new Error('It has no state.')
    return { ...first, status: 'in_progress', overflow }
  }
  test.each<[string, OverflowData | null, OverflowData, number]>([
    ['its beginning', null, started('near'), 1],
    ['nothing while it stays, whatever the figures', started('near'), { ...started('near'), why: 'another' }, 0],
    ['another fallback', started('near'), started('paid'), 1],
    ['that it is blocked, once', { state: 'blocked', cause: 'away', why: 'x' }, { state: 'blocked', cause: 'away', why: 'y' }, 0],
    ['its end', started('near'), { state: 'ended', why: 'x' }, 1],
    ['no end where nothing began', null, { state: 'ended', why: 'x' }, 0],
  ])('%s', (_name, before, after, count) => {
    expect(decideOverflow(state(before), after)).toHaveLength(count)
  })
})

test('one more row goes only where it and those under way cannot pass the ceiling', () => {
  const row = { spentMicroUsd: 100, rowsUnderWay: 4, rowMicroUsd: 10 }
  expect(leavesRoom(150, row)).toBe(true)
  expect(leavesRoom(149, row)).toBe(false)
  expect(leavesRoom(undefined, row)).toBe(true)
})
