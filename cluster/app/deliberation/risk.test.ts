import { expect, it } from 'vitest'
import { createManualClock } from '../../adapters/memory/clock.ts'
import type { Script } from '../../adapters/memory/engines.ts'
import { byPhase, hang, plainly, startPlane, type World } from '../plane-under-test.ts'

const told = async (world: World, taskId: string) =>
  (await world.events(taskId)).flatMap(({ type, data }) => (type === 'deliberation.risk_changed' ? [data] : []))

const atRisk = expect.objectContaining({ from: 'on_track', to: 'at_risk' }) as unknown

/** Passes 5 s at a time, so that each look is taken. */
async function pass(clock: ReturnType<typeof createManualClock>, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 5) {
    clock.advance(5000)
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}

it('a run whose last phase hangs is told of as at risk once, also after a restart, then as sure to miss its deadline, and times out', async () => {
  const clock = createManualClock()
  const proposed = Promise.withResolvers<null>()
  const script: Script = async (call, tries, signal) => {
    if (call.format) return hang(signal)
    await proposed.promise
    return plainly(call, tries, signal)
  }
  const world = await startPlane(script, { clock })
  const taskId = await world.submit({ rounds: 0, limits: { timeout_seconds: 120 } })
  await pass(clock, 20)
  proposed.resolve(null)
  await expect.poll(async () => (await world.events(taskId)).some(byPhase('score'))).toBe(true)
  await pass(clock, 20)
  expect(await told(world, taskId)).toEqual([])
  await pass(clock, 50)
  await expect.poll(() => told(world, taskId)).toEqual([atRisk])
  await world.stop()

  const after = await startPlane(script, world.ports)
  await pass(clock, 5)
  expect(await told(after, taskId)).toEqual([atRisk])
  await pass(clock, 15)
  await expect.poll(() => told(after, taskId)).toEqual([atRisk, expect.objectContaining({ from: 'at_risk', to: 'breaching' })])
  clock.advance(10_000)
  expect(await after.ended(taskId)).toMatchObject({ status: 'TIMEOUT' })
})
