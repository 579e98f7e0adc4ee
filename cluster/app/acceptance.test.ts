import { describe, expect, it } from 'vitest'
import { applyEvent, type RunState } from '../domain/deliberation/index.ts'
import { answersOf, plainly, startPlane, type World } from './plane-under-test.ts'

/** As a poll sees it. */
async function statusOf(world: World, taskId: string): Promise<RunState['status'] | undefined> {
  const events = await world.events(taskId)
  return events.reduce<RunState | undefined>((state, event) => applyEvent(state, event, 0), undefined)?.status
}

/** A door in front of an engine: `let(n)` opens it for n calls in all. */
function door() {
  let allowed = 0
  let passed = 0
  const waiting: (() => void)[] = []
  const move = () => {
    while (passed < allowed && waiting.length > 0) {
      passed += 1
      waiting.shift()?.()
    }
  }
  return {
    called: () => passed + waiting.length,
    let(calls: number) {
      allowed = calls
      move()
    },
    pass: () =>
      new Promise<void>((resolve) => {
        waiting.push(resolve)
        move()
      }),
  }
}

/** What the reference asks of whole runs; its other checks stand beside the parts that they are about. */
describe('a deliberation', () => {
  it('check 1: has its id before any model is called; polled it is PENDING, IN_PROGRESS, then COMPLETED', async () => {
    const engine = door()
    const world = await startPlane(async (call, tries, signal) => {
      await engine.pass()
      return await plainly(call, tries, signal)
    })
    const taskId = await world.submit({ num_agents: 2, rounds: 0, options: { peer_scoring: false } })
    expect({ called: engine.called(), status: await statusOf(world, taskId) }).toEqual({ called: 0, status: 'PENDING' })
    await expect.poll(() => engine.called()).toBe(2)
    expect(await statusOf(world, taskId)).toBe('PENDING')
    engine.let(1)
    await expect.poll(() => statusOf(world, taskId)).toBe('IN_PROGRESS')
    engine.let(2)
    await world.ended(taskId)
    expect(await statusOf(world, taskId)).toBe('COMPLETED')
  })

  it('check 2: of three agents asks for its proposals at the temperatures 0.7, 0.91 and 0.91', async () => {
    const asked: number[] = []
    const world = await startPlane((call, tries, signal) => {
      if (!call.format) asked.push(call.temperature)
      return plainly(call, tries, signal)
    })
    await world.ended(await world.submit({ rounds: 0 }))
    expect(asked.toSorted((a, b) => a - b)).toEqual([0.7, 0.91, 0.91])
  })

  it(
    'check 12: 50 runs of three agents and 5 councils of ten at once lose and double no answer',
    { timeout: 30_000 },
    async () => {
      const world = await startPlane(plainly)
      const wanted = [
        ...Array.from({ length: 50 }, () => ({ num_agents: 3, rounds: 1, calls: 12 })),
        ...Array.from({ length: 5 }, () => ({ num_agents: 10, rounds: 0, calls: 20 })),
      ]
      const runs = await Promise.all(wanted.map(async ({ calls, ...run }) => ({ calls, run, taskId: await world.submit(run) })))
      for (const { calls, run, taskId } of runs) {
        expect(await world.ended(taskId)).toMatchObject({ status: 'COMPLETED', partial: false })
        const answers = answersOf(await world.events(taskId)).map(({ data }) => `${data.round}.${data.phase}.${data.agent_id}`)
        expect({ run, answers: answers.length, distinct: new Set(answers).size }).toEqual({
          run,
          answers: calls,
          distinct: calls,
        })
      }
    },
  )
})
