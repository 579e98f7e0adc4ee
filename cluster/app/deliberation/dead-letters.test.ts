import { describe, expect, it } from 'vitest'
import { createMemoryBlobs } from '../../adapters/memory/blobs.ts'
import { createMemoryAnswers, createMemoryWorkQueue } from '../../adapters/memory/queues.ts'
import { sampleWork } from '../../ports/conformance/samples.ts'
import { CorruptionError } from '../../ports/errors.ts'
import { hang, plainly, startPlane } from '../plane-under-test.ts'

const LARGE = 'A long proposal. '.repeat(5_000)

/** A blob store that loses what it holds while `broken`. */
function brittleBlobs() {
  const blobs = createMemoryBlobs()
  const held = { broken: true }
  return {
    held,
    blobs: {
      ...blobs,
      get: (sha256: string) =>
        held.broken ? Promise.reject(new CorruptionError('The disk gives nonsense for it.')) : blobs.get(sha256),
    },
  }
}

describe('a dead letter', () => {
  it('is shown with its call and the reason, and its run completes once the cause is gone and it is replayed', async () => {
    const { held, blobs } = brittleBlobs()
    let large = true
    const world = await startPlane(
      (call, tries, signal) => {
        if (call.format || !large) return plainly(call, tries, signal)
        large = false
        return LARGE
      },
      { blobs },
    )
    const taskId = await world.submit({ num_agents: 2, rounds: 0, limits: { timeout_seconds: 60 } })
    await expect.poll(async () => (await world.plane.deadLetters.list()).length).toBe(1)
    const [letter] = await world.plane.deadLetters.list()
    expect(letter).toMatchObject({
      queue: 'answers',
      task_id: taskId,
      run_title: 'Design a retry policy.',
      round: 0,
      phase: 'propose',
      reason: 'The disk gives nonsense for it.',
      deliveries: 1,
      effect: 'counts',
    })

    held.broken = false
    const id = letter?.id ?? expect.unreachable('it is there')
    expect(await world.plane.deadLetters.replay('answers', id)).toMatchObject({ kind: 'replayed' })
    await expect.poll(async () => (await world.events(taskId)).at(-1)?.type).toBe('deliberation.ended')
    expect((await world.events(taskId)).at(-1)?.data).toMatchObject({ status: 'COMPLETED', partial: false })
    expect(await world.plane.deadLetters.replay('answers', id)).toMatchObject({ kind: 'refused', code: 'not-found' })
  })

  it('that cannot be read is shown with the beginning of its text, is not replayed, and can be removed', async () => {
    const work = createMemoryWorkQueue()
    const world = await startPlane((_call, _tries, signal) => hang(signal), { work }, false)
    await work.publish('odd', { ...sampleWork('run', 'odd'), round: -1 })
    await expect(work.pull(60_000, AbortSignal.timeout(1000))).rejects.toThrow('odd')
    expect(await world.plane.deadLetters.list()).toMatchObject([
      { kind: 'unreadable', queue: 'work', id: 'odd', fault: '`round` is to be at least 0, not -1.', effect: 'none' },
    ])
    expect(await world.plane.deadLetters.replay('work', 'odd')).toMatchObject({ kind: 'refused', code: 'conflict' })
    expect(await world.plane.deadLetters.remove('work', 'odd')).toEqual({ kind: 'removed' })
    expect(await world.plane.deadLetters.list()).toEqual([])
  })

  it('with work of a run that has ended is not replayed but says why, and can be removed', async () => {
    const [work, answers] = [createMemoryWorkQueue(), createMemoryAnswers()]
    const world = await startPlane((_call, _tries, signal) => hang(signal), { work, answers }, false)
    const taskId = await world.submit({ num_agents: 2, rounds: 0 })
    const soon = AbortSignal.timeout(5_000)
    const item = (await work.pull(60_000, soon)) ?? expect.unreachable('its work is there')
    await item.park('no worker lived to answer it')
    await world.plane.cancel(taskId, 'spec')
    expect(await world.plane.deadLetters.list()).toMatchObject([{ queue: 'work', effect: 'none' }])
    expect(await world.plane.deadLetters.replay('work', item.id)).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/would change nothing.*has ended \(CANCELLED\).*can be removed/) as string,
    })
    expect(await world.plane.deadLetters.remove('work', item.id)).toEqual({ kind: 'removed' })
    expect(await world.plane.deadLetters.list()).toEqual([])
  })

  it('of a run that nobody knows is not replayed, since it would only come back', async () => {
    const world = await startPlane(plainly, undefined, false)
    const metrics = { tokens_in: 0, tokens_out: 0, queued_at: 1, started_at: 1, first_token_at: null, ended_at: 2, attempts: 1 }
    const call = { task_id: 'dlb-none', round: 0, phase: 'propose' as const, agent_id: 'a', role: 'r', num_agents: 1, metrics }
    await world.ports.answers.publish('x', { kind: 'failed', ...call, error: 'e', error_type: 'internal', content: null })
    await expect.poll(async () => (await world.plane.deadLetters.list()).map(({ effect }) => effect)).toEqual(['none'])
    expect(await world.plane.deadLetters.replay('answers', 'x')).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('There is no run dlb-none') as string,
    })
    expect(await world.plane.deadLetters.remove('answers', 'never-seen')).toMatchObject({ code: 'not-found' })
  })
})
