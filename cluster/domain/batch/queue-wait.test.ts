import { describe, expect, test } from 'vitest'
import { holdOf, type HoldReason } from './holds.ts'
import { placeInQueue, type Queued } from './queue-wait.ts'

const queue: readonly Queued[] = [
  { batchId: 'runs', model: 'small', unitsLeft: 60_000, isRunning: true },
  { batchId: 'other', model: 'large', unitsLeft: 500_000, isRunning: false },
  { batchId: 'first', model: 'small', unitsLeft: 48_000, isRunning: false },
  { batchId: 'own', model: 'small', unitsLeft: 10, isRunning: false },
]
const model = { rate: 100, coldStartMs: 0 }

describe('a batch that waits', () => {
  test('starts when what is ahead on its model is done', () => {
    expect(placeInQueue('own', queue, model, null)).toEqual({
      position: 3,
      ahead: 2,
      waitMs: 1_080_000,
      message: 'Number 3 of 3 that wait, 2 ahead on its model, about 18 min.',
    })
  })

  test('waits for the start of its model too', () => {
    expect(placeInQueue('own', queue, { rate: 100, coldStartMs: 60_000 }, null)?.waitMs).toBe(1_140_000)
    expect(placeInQueue('other', queue, { rate: null, coldStartMs: 60_000 }, null)?.waitMs).toBe(60_000)
  })

  test('has an unknown wait while no rate is known', () => {
    expect(placeInQueue('own', queue, { rate: null, coldStartMs: 0 }, null)).toMatchObject({
      waitMs: null,
      message: expect.stringContaining('unknown, because no rate') as string,
    })
  })

  test('has no wait to tell where waiting cures nothing', () => {
    const place = placeInQueue('own', queue, model, holdOf({ code: 'model_missing', model: 'small' }))
    expect(place?.waitMs).toBeNull()
    expect(place?.message).toContain('will not start by waiting: No engine serves small.')
    expect(placeInQueue('own', queue, model, holdOf({ code: 'slots', running: 4 }))?.waitMs).toBe(1_080_000)
  })

  test.each([['runs'], ['unknown']])('has a place, unlike one that %s', (batchId) => {
    expect(placeInQueue(batchId, queue, model, null)).toBeUndefined()
  })
})

describe('a hold', () => {
  test.each<[HoldReason, boolean, string]>([
    [{ code: 'validating' }, true, 'Its file is being checked.'],
    [{ code: 'slots', running: 1 }, true, 'Its model is busy: 1 request runs on it, as many as it takes.'],
    [{ code: 'not_before', inMs: 10_800_000 }, true, 'It is set to start later, in 3 h.'],
    [{ code: 'rate_limited', inMs: 30_000 }, true, 'Its engine takes no more requests for now; it is asked again in 30 s.'],
    [{ code: 'deferred', cause: 'the queue is 83 % full' }, true, 'Batches of low priority wait: the queue is 83 % full.'],
    [
      { code: 'engine_down', engine: 'vllm-1', cause: 'Connection refused.' },
      false,
      'vllm-1 cannot be used: Connection refused.',
    ],
    [{ code: 'paused', by: 'ana' }, false, 'ana paused it.'],
    [{ code: 'model_missing', model: 'm' }, false, 'No engine serves m.'],
  ])('for %j is cured by waiting: %s', (reason, cured, message) => {
    const hold = holdOf(reason)
    expect(hold).toMatchObject({ code: reason.code, cured_by_waiting: cured, message })
    expect(hold.fix === null).toBe(cured)
  })
})
