import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changePools, forgetSlots, loseSpot, openPools, releaseSlot, requestSlot, runningCost, type Pools } from './pools.ts'

const HOUR = 3_600_000
const examples = [
  { name: 'spot', slots: 2, hourMicroUsd: 100_000 },
  { name: 'dedicated', slots: 1, hourMicroUsd: 500_000 },
] as const
const open = openPools(examples)
const request = (state: Pools, ...batches: readonly (readonly [id: string, isHigh: boolean])[]) =>
  batches.reduce((now, [id, isHigh]) => requestSlot(now, { batchId: id, isHigh, offset: 0 }, 0), state)
const where = ({ taken }: Pools) => Object.fromEntries(taken.map(({ batchId, pool }) => [batchId, pool]))
const waits = ({ waiting }: Pools) => waiting.map(({ batchId }) => batchId)

describe('slots', () => {
  test('go to HIGH on the dedicated pool first, to LOW on spot', () => {
    expect(where(request(open, ['high', true], ['low', false]))).toEqual({ high: 'dedicated', low: 'spot' })
    expect(where(request(open, ['a', true], ['b', true]))).toEqual({ a: 'dedicated', b: 'spot' })
    expect(where(request(open, ['a', false], ['b', false], ['c', false]))).toEqual({ a: 'spot', b: 'spot', c: 'dedicated' })
  })

  const full = request(open, ['a', false], ['b', false], ['c', false])

  test('that are all taken are waited for, HIGH at the front, and nobody is dropped by asking again', () => {
    const state = request(full, ['d', false], ['e', true], ['f', true], ['d', false])
    expect(waits(state)).toEqual(['e', 'f', 'd'])
    expect(waits(request(state, ['d', true]))).toEqual(['e', 'f', 'd'])
    expect(where(state)).toEqual(where(full))
  })

  test('are waited for in the order that the operator gives, and HIGH stays before LOW', () => {
    const moved = requestSlot(
      request(full, ['d', false], ['e', false], ['f', true]),
      { batchId: 'e', isHigh: false, offset: 1 },
      0,
    )
    expect(waits(moved)).toEqual(['f', 'e', 'd'])
    expect(waits(requestSlot(moved, { batchId: 'e', isHigh: false, offset: 0 }, 0))).toEqual(['f', 'd', 'e'])
  })

  test('that are given back go to the first that waits', () => {
    const state = releaseSlot(request(full, ['d', false], ['e', true]), 'c', HOUR)
    expect(where(state)).toEqual({ a: 'spot', b: 'spot', e: 'dedicated' })
    expect(waits(releaseSlot(state, 'd', HOUR))).toEqual([])
  })

  test('of spot that are lost return their batches to the front of those that wait', () => {
    const { state, returned } = loseSpot(request(full, ['d', true]), 1, HOUR)
    expect(returned).toEqual(['b'])
    expect(waits(state)).toEqual(['b', 'd'])
    expect(runningCost(state, 'b', 9 * HOUR)).toBe(100_000)
  })

  test('that are fewer from now on return what no longer fits, and cost what they did until then', () => {
    const [spot, dedicated] = examples
    const cheaper = [
      { ...spot, slots: 1, hourMicroUsd: 50_000 },
      { ...dedicated, slots: 0 },
    ]
    const { state, returned } = changePools(full, cheaper, HOUR)
    expect(returned).toEqual(['b'])
    expect(where(state)).toEqual({ a: 'spot', c: 'dedicated' })
    expect(runningCost(state, 'a', 2 * HOUR)).toBe(150_000)
    expect(waits(releaseSlot(state, 'c', HOUR))).toEqual(['b'])
    expect(runningCost(forgetSlots(releaseSlot(state, 'c', HOUR), 'c'), 'c', HOUR)).toBe(0)
  })

  test('cost by their time, spot $0.10 and dedicated $0.50 an hour', () => {
    expect(runningCost(full, 'a', HOUR / 2)).toBe(50_000)
    expect(runningCost(full, 'c', HOUR / 2)).toBe(250_000)
    expect(runningCost(releaseSlot(full, 'c', HOUR), 'c', 5 * HOUR)).toBe(500_000)
    expect(runningCost(full, 'unknown', HOUR)).toBe(0)
  })

  test('are never given twice, and none stands free while somebody waits', () => {
    const moves = fc.array(
      fc.record({
        id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        kind: fc.constantFrom('high', 'low', 'release', 'lose'),
        slots: fc.nat(2),
      }),
    )
    fc.assert(
      fc.property(moves, (list) => {
        let state = open
        for (const { id, kind, slots } of list) {
          if (kind === 'release') state = releaseSlot(state, id, 0)
          else if (kind === 'lose') state = loseSpot(state, slots, 0).state
          else state = requestSlot(state, { batchId: id, isHigh: kind === 'high', offset: 0 }, 0)
          const everyone = [...state.taken, ...state.waiting].map(({ batchId }) => batchId)
          expect(new Set(everyone).size).toBe(everyone.length)
          const free = state.pools.reduce((sum, pool) => sum + pool.slots, 0) - state.taken.length
          expect(free).toBeGreaterThanOrEqual(0)
          expect(free === 0 || state.waiting.length === 0).toBe(true)
        }
      }),
    )
  })
})
