import { describe, expect, test } from 'vitest'
import { holdOf, type HoldReason } from './holds.ts'

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
