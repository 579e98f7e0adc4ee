import { expect, test } from 'vitest'
import { createManualClock } from '../../../adapters/memory/clock.ts'
import { createScriptedUpstreams, chatReply } from '../../../adapters/memory/upstreams.ts'
import { sampleSettings } from '../../../domain/batch/sample-batches.ts'
import { laneCapacityOf } from './capacity.ts'
import { createLanes, noteLoad, type Lane } from './lanes.ts'

const adaptive = sampleSettings({ adaptive_concurrency: true })
const clock = createManualClock()
async function laneOf(parallel: number): Promise<Lane> {
  const upstreams = createScriptedUpstreams(() => chatReply('yes'), undefined, parallel)
  return await createLanes(upstreams, clock).of({ engine_id: 'scripted', model: 'small' })
}
const limitOf = (lane: Lane, isInRamp: boolean): number => laneCapacityOf({ isInRamp }, lane, adaptive, false).limit

test('a batch begins low where the engine sets the number at once, and near its deadline in full', async () => {
  const lane = await laneOf(64)
  expect(limitOf(lane, false)).toBe(4)
  expect(limitOf(lane, true)).toBe(64)
})

test('an engine that refused is not pressed again because a deadline is near', async () => {
  const lane = await laneOf(64)
  noteLoad(lane, clock.now(), 429, clock.now() + 1000)
  expect(lane.concurrency.mode).not.toBe('doubling')
  expect(limitOf(lane, true)).toBe(limitOf(lane, false))
})
