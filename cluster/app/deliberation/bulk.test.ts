import { describe, expect, it } from 'vitest'
import { createMemoryBlobs } from '../../adapters/memory/blobs.ts'
import { createMemorySmallState } from '../../adapters/memory/small-state.ts'
import { systemClock } from '../../adapters/system/clock.ts'
import type { BulkOperation } from '../../messages/bulk.ts'
import { refuse } from '../refusal.ts'
import { createBulk, type Bulk, type BulkCandidate } from './bulk.ts'

const stores = () => ({ state: createMemorySmallState(), blobs: createMemoryBlobs(), clock: systemClock })
const run = (task_id: string, more: Partial<BulkCandidate> = {}): BulkCandidate => ({
  task_id,
  status: 'IN_PROGRESS',
  archived: false,
  ...more,
})
const many = (count: number) => Array.from({ length: count }, (_, index) => run(`dlb-${index}`))

/** Operations over a plane that cancels at once, but for the runs named. `gate` is awaited before each. */
async function opened(shared = stores(), { gate = (): Promise<unknown> => Promise.resolve(), faults = [] as unknown[] } = {}) {
  const cancelled: string[] = []
  const done = () => Promise.resolve({ kind: 'recorded' as const })
  const bulk = await createBulk({
    ...shared,
    commands: {
      cancel: async (taskId) => {
        await gate()
        if (taskId === 'ended') return refuse('conflict', 'The run has ended already.')
        if (taskId === 'broken') throw new Error('The disk is full.')
        cancelled.push(taskId)
        return { kind: 'cancelled' }
      },
      setArchived: done,
      expire: () => Promise.resolve({ kind: 'expired' }),
    },
    onFault: (fault) => faults.push(fault),
  })
  return { bulk, cancelled, shared }
}

/** Work that begins, and waits. */
function heldUp() {
  const first = Promise.withResolvers<undefined>()
  const begun = Promise.withResolvers<undefined>()
  const gate = (): Promise<undefined> => {
    begun.resolve(undefined)
    return first.promise
  }
  return { first, reached: begun.promise, gate }
}

async function settled(bulk: Bulk, id: string): Promise<BulkOperation> {
  for (;;) {
    const found = (await bulk.list()).find((one) => one.id === id)
    if (found && found.state !== 'running') return found
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

describe('an action on many runs', () => {
  it('says before it is done how many it applies to, by state, and who is left out and why', async () => {
    const { bulk } = await opened()
    const runs = [run('a'), run('b', { status: 'PENDING' }), run('c', { status: 'COMPLETED' }), run('d', { status: 'FAILED' })]
    expect(bulk.preview('cancel', runs)).toEqual({
      runs: 2,
      by_status: { PENDING: 1, IN_PROGRESS: 1, COMPLETED: 0, FAILED: 0, TIMEOUT: 0, CANCELLED: 0 },
      left_out: [{ reason: 'ended already', runs: 2, examples: ['c', 'd'] }],
    })
    expect(bulk.preview('delete', runs).left_out).toEqual([
      { reason: 'still in motion; cancel first', runs: 2, examples: ['a', 'b'] },
    ])
    expect(bulk.preview('archive', [run('e', { status: 'FAILED', archived: true })]).left_out[0]?.reason).toBe('archived already')
  })

  it('acts once on each run, and counts what was done, what failed and what came too late', async () => {
    const { bulk, cancelled } = await opened()
    await bulk.start('op-1', 'operator', 'cancel', [...many(20), run('ended'), run('broken'), run('x', { status: 'COMPLETED' })])
    expect(await settled(bulk, 'op-1')).toMatchObject({ state: 'done', total: 22, done: 20, skipped: 1, failed: 1 })
    expect((await bulk.list())[0]?.failures).toEqual([{ task_id: 'broken', message: 'The disk is full.' }])
    expect(cancelled.toSorted()).toEqual(
      many(20)
        .map((one) => one.task_id)
        .toSorted(),
    )
  })

  it('begins once for one id, however often it is sent', async () => {
    const { bulk, cancelled } = await opened()
    await bulk.start('op-1', 'operator', 'cancel', many(3))
    await bulk.start('op-1', 'operator', 'cancel', many(9))
    expect((await settled(bulk, 'op-1')).total).toBe(3)
    expect(cancelled.length).toBe(3)
  })

  it('can be stopped; what was done stays', async () => {
    const { gate, reached, first } = heldUp()
    const { bulk } = await opened(stores(), { gate })
    await bulk.start('op-1', 'operator', 'cancel', many(100))
    await reached
    const stopped = bulk.stop('op-1')
    first.resolve(undefined)
    expect([await stopped, await bulk.stop('op-1')]).toEqual([true, false])
    expect((await bulk.list())[0]).toMatchObject({ state: 'stopped', done: 8, total: 100 })
  })

  it('goes on where it was when the plane is there again, and says so', async () => {
    const { gate, reached, first } = heldUp()
    const { bulk, shared, cancelled } = await opened(stores(), { gate })
    await bulk.start('op-1', 'operator', 'cancel', many(100))
    await reached
    const closed = bulk.close()
    first.resolve(undefined)
    await closed
    const again = await opened(shared)
    expect(await settled(again.bulk, 'op-1')).toMatchObject({ state: 'done', done: 100, resumed: true })
    expect([cancelled.length, again.cancelled.length]).toEqual([8, 92])
  })

  it('keeps the last operations only', async () => {
    const { bulk } = await opened()
    for (let index = 0; index < 30; index++) {
      await bulk.start(`op-${index}`, 'operator', 'cancel', many(1))
      await settled(bulk, `op-${index}`)
    }
    expect((await bulk.list()).length).toBeLessThanOrEqual(21)
  })
})
