import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WorkQueue } from '../work-queue.ts'
import { deliveryConformance } from './deliveries.ts'
import type { AnyQueue } from './deliveries.ts'
import { sampleWork } from './samples.ts'

export interface WorkQueueUnderTest {
  readonly queue: WorkQueue
  /** Closes the store and opens it again from what is durable. */
  readonly reopen?: () => Promise<WorkQueue>
  readonly pass?: (ms: number) => Promise<void>
  close(): Promise<void>
}

/** What every work queue promises; `open` gives an empty one that holds CAPACITY items, `durable` if it can reopen. */
export function workQueueConformance(name: string, durable: boolean, open: () => Promise<WorkQueueUnderTest>): void {
  deliveryConformance(
    `${name} as a work queue`,
    durable,
    (id) => sampleWork('run', id),
    async () => {
      const store = await open()
      const { reopen, pass } = store
      return {
        queue: plain(store.queue),
        close: () => store.close(),
        ...(pass && { pass }),
        ...(reopen && { reopen: async () => plain(await reopen()) }),
      }
    },
  )

  describe(`${name} as a work queue of runs`, () => {
    let opened: WorkQueueUnderTest
    let queue: WorkQueue
    let stop: AbortController
    beforeEach(async () => {
      opened = await open()
      queue = opened.queue
      stop = new AbortController()
      await queue.publish('one.a', sampleWork('one', 'a'))
      await queue.publish('one.b', sampleWork('one', 'b'))
      await queue.publish('two.a', sampleWork('two', 'a'))
    })
    afterEach(async () => {
      stop.abort()
      await opened.close()
    })
    const pull = async () => (await queue.pull(60_000, stop.signal)) ?? expect.unreachable('the pull was not aborted')

    it('counts what waits and what is handed out', async () => {
      await pull()
      await (await pull()).ack()
      expect(await queue.depth()).toEqual({ waiting: 1, leased: 1 })
    })

    it('withdraws all items of a run that are not done, and no other', async () => {
      await (await pull()).ack()
      expect(await queue.withdraw('one')).toBe(1)
      expect((await pull()).id).toBe('two.a')
      expect(await queue.depth()).toEqual({ waiting: 0, leased: 1 })
    })

    it('withdraws one item alone where it is named', async () => {
      const held = await pull()
      expect(await queue.withdraw('one', held.id)).toBe(1)
      expect(await held.extend()).toBe('gone')
      expect(await queue.withdraw('one', 'one.never')).toBe(0)
      expect(await queue.depth()).toEqual({ waiting: 2, leased: 0 })
    })

    it('takes the lease from a worker whose item is withdrawn', async () => {
      const held = await pull()
      expect(await queue.withdraw('one')).toBe(2)
      expect(await held.extend()).toBe('gone')
      await held.ack()
      expect((await pull()).id).toBe('two.a')
    })

    it('does not take back what a worker releases after it was withdrawn', async () => {
      const held = await pull()
      await queue.withdraw('one')
      await held.release(0)
      expect((await pull()).id).toBe('two.a')
      expect(await queue.depth()).toEqual({ waiting: 0, leased: 1 })
    })

    it('takes the id of a withdrawn item for a duplicate', async () => {
      await queue.withdraw('one')
      expect(await queue.publish('one.a', sampleWork('one', 'a'))).toBe('duplicate')
    })

    it('has nothing to withdraw of a run it never saw', async () => {
      expect(await queue.withdraw('three')).toBe(0)
    })
  })
}

function plain(queue: WorkQueue): AnyQueue<ReturnType<typeof sampleWork>> {
  return {
    publish: (id, item) => queue.publish(id, item),
    take: (leaseMs, signal) => queue.pull(leaseMs, signal),
    deadLetters: () => queue.deadLetters(),
    replay: (id) => queue.replay(id),
    removeDeadLetter: (id) => queue.removeDeadLetter(id),
  }
}
