import { expect, it } from 'vitest'
import { createRateMeter } from './rate-meter.ts'

it('The rate of one call and of all side by side is measured from answers, never from failures', () => {
  const meter = createRateMeter()
  expect([meter.single, meter.overall]).toEqual([null, null])
  meter.started(0)
  meter.ended({ startedAt: 0, endedAt: 500, tokensOut: 0 })
  expect([meter.single, meter.overall]).toEqual([null, null])
  meter.started(1000)
  meter.started(1000)
  meter.ended({ startedAt: 1000, endedAt: 2000, tokensOut: 40 })
  expect([meter.single, meter.overall]).toEqual([40, null])
  meter.ended({ startedAt: 1000, endedAt: 2000, tokensOut: 40 })
  expect([meter.single, meter.overall]).toEqual([40, 80])
  meter.started(3000)
  meter.ended({ startedAt: 3000, endedAt: 4000, tokensOut: 140 })
  expect(meter.single).toBeCloseTo(70)
})
