import { expect, test } from 'vitest'
import { courseOf } from './course.ts'
import { restoreRates } from './rate.ts'
import { NO_COUNTS } from './state.ts'
import type { BatchEvent } from './types.ts'

const at = (seconds: number, event: BatchEvent) => ({ at: seconds * 1000, event })
const started: BatchEvent = { type: 'batch.started', data: {} }
const paused: BatchEvent = { type: 'batch.paused', data: { by: 'spec', reason: '' } }
const progress = (completed: number): BatchEvent => ({
  type: 'batch.progress',
  data: { counts: { ...NO_COUNTS, completed, failed: 1, tokens_out: 10 * completed }, rates: null, eta: null, concurrency: 1 },
})

const history = [
  at(0, started),
  at(15, progress(15)),
  at(20, paused),
  at(25, progress(20)),
  at(55, started),
  at(70, progress(35)),
]

test('the course of a batch is its starts and its ticks; what it did while it was paused is no part of its pace', () => {
  expect(courseOf('tokens', history)).toEqual([
    { at: 0, units: 0, active: false },
    { at: 15_000, units: 150, active: true },
    { at: 25_000, units: 200, active: false },
    { at: 55_000, units: 200, active: false },
    { at: 70_000, units: 350, active: true },
  ])
  expect(courseOf('requests', history).map(({ units }) => units)).toEqual([0, 16, 21, 21, 36])
})

test('a night between two ticks is in no rate', () => {
  const slept = [...history, at(70 + 8 * 3600, progress(36)), at(85 + 8 * 3600, progress(51))]
  const rates = restoreRates('tokens', courseOf('tokens', slept))
  expect(rates.activeMs).toBe(45_000)
  expect(rates.fast.mean).toBeCloseTo(10)
})
