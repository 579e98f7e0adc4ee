import { describe, expect, it } from 'vitest'
import { scriptedFailure } from '../../adapters/memory/engines.ts'
import { answersOf, hang, plainly, startPlane } from '../plane-under-test.ts'

/** A plane on which the first agent fails and the others hang, as does whoever is asked again. */
async function withOneLost() {
  let first: number | undefined
  const world = await startPlane((call, tries, signal) => {
    first ??= call.seed
    if (call.seed === first) throw scriptedFailure('connection', false)
    return hang(signal)
  })
  const taskId = await world.submit({ rounds: 0 })
  const failures = async () => (await world.events(taskId)).filter((event) => event.type === 'deliberation.call_failed')
  await expect.poll(async () => (await failures()).length).toBe(1)
  const lost = (await failures())[0]?.data.agent_id ?? ''
  return { world, taskId, lost }
}

describe('retrying the failed call of one agent', () => {
  it('makes it once more, under an id of its own, however often the command is repeated', async () => {
    const { world, taskId, lost } = await withOneLost()
    const retry = (commandId: string) => world.plane.retry(commandId, 'ann', taskId, lost)
    const call = { round: 0, phase: 'propose', agent_id: lost, attempt: 2 }
    expect(await Promise.all([retry('command-1'), retry('command-1'), retry('command-1')])).toEqual(
      Array.from({ length: 3 }, () => ({ kind: 'retried', call })),
    )
    const events = await world.events(taskId)
    expect(events.filter((event) => event.type === 'deliberation.call_retried').map((event) => event.data)).toEqual([
      { ...call, command_id: 'command-1' },
    ])
    await expect
      .poll(async () =>
        (await world.events(taskId)).flatMap((event) => (event.type === 'deliberation.call_failed' ? [event.data.attempt] : [])),
      )
      .toEqual([undefined])
  })

  it('is refused where there is no such run, agent or failed call', async () => {
    const { world, taskId, lost } = await withOneLost()
    const codes = await Promise.all([
      world.plane.retry('command-1', 'ann', 'dlb-none', lost),
      world.plane.retry('command-2', 'ann', taskId, 'nobody'),
      world.plane.retry('command-3', 'ann', taskId, lost === 'agent-001' ? 'agent-002' : 'agent-001'),
    ])
    expect(codes).toMatchObject([
      { code: 'not-found' },
      { code: 'invalid-input', field: 'agent_id' },
      { code: 'conflict', message: expect.stringContaining('still under way') as string },
    ])
  })

  it('goes on with the right attempt in the plane that takes the run up after a crash', async () => {
    const { world, taskId, lost } = await withOneLost()
    await world.stop()
    const idle = await startPlane(plainly, world.ports, false)
    await idle.plane.retry('command-1', 'ann', taskId, lost)
    await idle.stop()
    const second = await startPlane(plainly, world.ports)
    expect(await second.ended(taskId)).toMatchObject({ status: 'COMPLETED', partial: false })
    const proposals = answersOf(await second.events(taskId)).filter((event) => event.data.phase === 'propose')
    expect(proposals.filter((event) => event.data.agent_id === lost).map((event) => event.data.attempt)).toEqual([2])
    expect(proposals).toHaveLength(3)
  })
})
