import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  acknowledgeShedding,
  lowersConcurrency,
  NOT_SHEDDING,
  SHEDDING_ACTIONS,
  shed,
  sheddingActions,
  sheddingReasons,
  shortMargin,
  type Load,
} from './shedding.ts'

const CHECK = 300_000
const HOUR = 3_600_000
const calm: Load = { queueShare: 0.8, leastMarginMs: 2 * HOUR, gpuMemoryShare: 0.95, errorShare: 0.05, enginesOver: [] }
const full: Load = { ...calm, queueShare: 0.81 }

describe('load is shed', () => {
  test.each<[string, Partial<Load>, readonly string[]]>([
    ['not at the thresholds themselves', {}, []],
    ['for a queue over 80 %', { queueShare: 0.83 }, ['the queue is 83 % full']],
    [
      'for a HIGH batch with under 2 h to spare',
      { leastMarginMs: 1.5 * HOUR },
      ['a batch of high priority has 1.5 h to spare at worst'],
    ],
    ['for GPU memory over 0.95', { gpuMemoryShare: 0.97 }, ['GPU memory is 97 % full']],
    ['for errors over 5 %', { errorShare: 0.06 }, ['6 % of the requests of the last 5 minutes failed']],
    ['for an engine over its own limit', { enginesOver: ['vllm-1'] }, ['vllm-1 runs more than its limit']],
    ['not for what is not known', { leastMarginMs: null, gpuMemoryShare: null, errorShare: null }, []],
  ])('%s', (_name, load, reasons) => {
    expect(sheddingReasons({ ...calm, ...load }).map(({ message }) => message)).toEqual(reasons)
  })

  test('one action at once, and one more every 300 s while the reason holds', () => {
    let state = shed(NOT_SHEDDING, full, 1000)
    expect(sheddingActions(state)).toEqual(['defer_low'])
    expect(shed(state, full, 1000 + CHECK - 1)).toBe(state)
    const levels: number[] = []
    for (let i = 1; i <= 6; i += 1) {
      state = shed(state, full, 1000 + i * CHECK)
      levels.push(state.level)
    }
    expect(levels).toEqual([2, 3, 4, 4, 4, 4])
    expect(sheddingActions(state)).toEqual(SHEDDING_ACTIONS)
  })

  test('one action less every 300 s while there is no reason', () => {
    const state = { level: 2, why: sheddingReasons(full), sinceMs: 0, checkedMs: 0 }
    expect(shed(state, calm, CHECK - 1).level).toBe(2)
    const once = shed(state, calm, CHECK)
    expect(once.level).toBe(1)
    expect(shed(once, calm, 2 * CHECK)).toEqual(NOT_SHEDDING)
  })

  test('for no longer than an hour without a person', () => {
    const state = { level: 1, why: [], sinceMs: 0, checkedMs: HOUR - 1 }
    const called = shed(state, calm, HOUR)
    expect(sheddingActions(called)).toContain('escalate')
    const seen = acknowledgeShedding(called, HOUR + 5)
    expect(seen).toMatchObject({ level: 3, sinceMs: HOUR + 5 })
    expect(acknowledgeShedding(NOT_SHEDDING, 5)).toBe(NOT_SHEDDING)
  })

  test('in steps of one, but for the hour', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ isFull: fc.boolean(), ms: fc.integer({ min: 0, max: 900_000 }) })), (looks) => {
        let state = NOT_SHEDDING
        let now = 1
        for (const { isFull, ms } of looks) {
          now += ms
          const next = shed(state, isFull ? full : calm, now)
          expect(Math.abs(next.level - state.level) <= 1 || next.level === SHEDDING_ACTIONS.length).toBe(true)
          state = next
        }
      }),
    )
  })
})

test.each([
  ['ten minutes of work in an hour', HOUR, HOUR / 6, null],
  ['five minutes of work an hour before the end of a day', HOUR, HOUR / 12, null],
  ['hours of work that fill most of what is left', 6 * HOUR, 4.5 * HOUR, 1.5 * HOUR],
  ['work that will not fit', HOUR, 2 * HOUR, -HOUR],
  ['work that is late already', -HOUR, 2 * HOUR, null],
])('the margin of %s', (_name, left, p90, margin) => {
  expect(shortMargin(left, p90)).toBe(margin)
})

test('what runs at once is lowered for an overload, not for a short deadline alone', () => {
  const at = (load: Load) => lowersConcurrency({ level: 2, why: sheddingReasons(load), sinceMs: 0, checkedMs: 0 })
  expect(at(full)).toBe(true)
  expect(at({ ...calm, leastMarginMs: HOUR })).toBe(false)
  expect(lowersConcurrency({ level: 1, why: sheddingReasons(full), sinceMs: 0, checkedMs: 0 })).toBe(false)
})
