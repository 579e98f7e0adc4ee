import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DeadLetter, Delivery, PublishResult } from '../delivery.ts'

/** A queue seen without regard to what it carries. */
export interface AnyQueue<T> {
  publish(id: string, message: T): Promise<PublishResult>
  take(leaseMs: number, signal: AbortSignal): Promise<Delivery<T> | undefined>
  deadLetters(): Promise<readonly DeadLetter<T>[]>
  replay(id: string): Promise<boolean>
  removeDeadLetter(id: string): Promise<boolean>
}

export interface QueueUnderTest<T> {
  readonly queue: AnyQueue<T>
  /** Closes the store and opens it again from what is durable. */
  readonly reopen?: () => Promise<AnyQueue<T>>
  /** Lets time pass for the store: its clock moved on where the test holds it, else waited for. */
  readonly pass?: (ms: number) => Promise<void>
  close(): Promise<void>
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Messages that may be in the queue at once, in the tests of the bound. */
export const CAPACITY = 5
const LEASE_MS = 300
/** Long enough that no test sees it end. */
const LONG_LEASE_MS = 60_000

/** What every queue promises; `open` gives an empty one that holds CAPACITY messages, `durable` if it can reopen. */
export function deliveryConformance<T extends object>(
  name: string,
  durable: boolean,
  sample: (id: string) => T,
  open: () => Promise<QueueUnderTest<T>>,
): void {
  describe(name, () => {
    let opened: QueueUnderTest<T>
    let queue: AnyQueue<T>
    let stop: AbortController
    beforeEach(async () => {
      opened = await open()
      queue = opened.queue
      stop = new AbortController()
    })
    afterEach(async () => {
      stop.abort()
      await opened.close()
    })
    const pass = (ms: number) => (opened.pass ?? wait)(ms)
    const publish = (id: string) => queue.publish(id, sample(id))
    const take = async (leaseMs = LONG_LEASE_MS) => {
      const delivery = await queue.take(leaseMs, stop.signal)
      return delivery ?? expect.unreachable('the pull was not aborted')
    }
    /** True if nothing is handed out within `ms`. */
    const isQuiet = async (ms = 250) => (await queue.take(LONG_LEASE_MS, AbortSignal.timeout(ms))) === undefined

    it('hands out what was published', async () => {
      expect(await publish('a')).toBe('accepted')
      const delivery = await take()
      expect([delivery.id, delivery.message, delivery.deliveries]).toEqual(['a', sample('a'), 1])
    })

    it('hands a message to a reader that waited for it', async () => {
      const waiting = take()
      await publish('a')
      expect((await waiting).id).toBe('a')
    })

    it('hands out in the order of publishing', async () => {
      for (const id of ['a', 'b', 'c']) await publish(id)
      expect([(await take()).id, (await take()).id, (await take()).id]).toEqual(['a', 'b', 'c'])
    })

    it('never hands one message to two readers at a time', async () => {
      const waiting = Array.from({ length: CAPACITY }, () => take())
      const ids = Array.from({ length: CAPACITY }, (_, index) => `m${index}`)
      await Promise.all(ids.map(publish))
      expect((await Promise.all(waiting)).map((delivery) => delivery.id).sort()).toEqual(ids)
      expect(await isQuiet()).toBe(true)
    })

    it('ends a wait when its signal aborts, and the message goes to the next reader', async () => {
      const abandoned = new AbortController()
      const waiting = queue.take(LONG_LEASE_MS, abandoned.signal)
      abandoned.abort()
      expect(await waiting).toBeUndefined()
      await publish('a')
      expect((await take()).id).toBe('a')
    })

    it('loses nothing when a wait is aborted while the message comes in', async () => {
      const abandoned = new AbortController()
      const waiting = queue.take(LONG_LEASE_MS, abandoned.signal)
      const published = publish('a')
      abandoned.abort()
      await published
      await (await waiting)?.release(0)
      expect((await take()).id).toBe('a')
    })

    it('never hands out again what was acknowledged', async () => {
      await publish('a')
      await (await take(LEASE_MS)).ack()
      await pass(LEASE_MS * 2)
      expect(await isQuiet()).toBe(true)
    })

    it('hands a message out again when its lease ends without an acknowledgement', async () => {
      await publish('a')
      await take(LEASE_MS)
      const waiting = take()
      await pass(LEASE_MS)
      const again = await waiting
      expect([again.id, again.deliveries]).toEqual(['a', 2])
    })

    it('keeps a lease that is extended in time', async () => {
      await publish('a')
      // Longer than elsewhere: to extend it in time must not need a quick machine.
      const leaseMs = 4 * LEASE_MS
      const delivery = await take(leaseMs)
      for (let times = 0; times < 6; times++) {
        await pass(leaseMs / 4)
        expect(await delivery.extend()).toBe('held')
      }
      expect(await isQuiet(leaseMs / 4)).toBe(true)
    })

    it('tells a reader that its lease is lost', async () => {
      await publish('a')
      const slow = await take(LEASE_MS)
      await pass(LEASE_MS)
      const next = await take()
      expect(await slow.extend()).toBe('lost')
      expect(await next.extend()).toBe('held')
    })

    it('takes a late acknowledgement for done', async () => {
      await publish('a')
      const slow = await take(LEASE_MS)
      await pass(LEASE_MS)
      const next = await take(LEASE_MS)
      await slow.ack()
      expect(await next.extend()).toBe('gone')
      await pass(LEASE_MS * 2)
      expect(await isQuiet()).toBe(true)
    })

    it('hands out a released message again, counted', async () => {
      await publish('a')
      await (await take()).release(0)
      const again = await take()
      expect([again.id, again.deliveries]).toEqual(['a', 2])
    })

    it('holds a released message back for the delay it was given', async () => {
      await publish('a')
      await (await take()).release(LEASE_MS)
      expect(await isQuiet(LEASE_MS / 4)).toBe(true)
      await pass(LEASE_MS)
      expect((await take()).id).toBe('a')
    })

    it('goes on with other messages while one is held back', async () => {
      await publish('a')
      await publish('b')
      await (await take()).release(LONG_LEASE_MS)
      expect((await take()).id).toBe('b')
    })

    it('keeps a parked message as a dead letter with its reason', async () => {
      await publish('a')
      await (await take()).park('answered with nonsense')
      expect(await queue.deadLetters()).toEqual([
        { id: 'a', message: sample('a'), reason: 'answered with nonsense', deliveries: 1, at: expect.any(Number) as number },
      ])
      expect(await isQuiet()).toBe(true)
    })

    it('hands out a replayed dead letter like a new message', async () => {
      await publish('a')
      await (await take()).park('answered with nonsense')
      expect(await queue.replay('a')).toBe(true)
      const again = await take()
      expect([again.id, again.message, again.deliveries]).toEqual(['a', sample('a'), 1])
      expect(await queue.deadLetters()).toEqual([])
    })

    it('replays nothing that is not parked', async () => {
      await publish('a')
      expect([await queue.replay('a'), await queue.replay('never-seen')]).toEqual([false, false])
    })

    it('replays a dead letter once, however often it is asked to', async () => {
      await publish('a')
      await (await take()).park('answered with nonsense')
      expect([await queue.replay('a'), await queue.replay('a')]).toEqual([true, false])
      expect((await take()).id).toBe('a')
      expect(await isQuiet()).toBe(true)
    })

    it('removes a dead letter for good, and remembers its id', async () => {
      await publish('a')
      await publish('b')
      await (await take()).park('answered with nonsense')
      await (await take()).park('answered with nonsense')
      expect([await queue.removeDeadLetter('a'), await queue.removeDeadLetter('a')]).toEqual([true, false])
      expect((await queue.deadLetters()).map(({ id }) => id)).toEqual(['b'])
      expect(await queue.replay('a')).toBe(false)
      expect(await publish('a')).toBe('duplicate')
      expect(await isQuiet()).toBe(true)
    })

    it('removes nothing that is not parked', async () => {
      await publish('a')
      expect([await queue.removeDeadLetter('a'), await queue.removeDeadLetter('never-seen')]).toEqual([false, false])
      expect((await take()).id).toBe('a')
    })

    it('shows what it cannot read as unreadable, hands it out to nobody, and only removes it', async () => {
      await queue.publish('odd', { ...sample('odd'), round: 'first' })
      await publish('a')
      expect((await take().catch(() => take())).id).toBe('a')
      expect(await queue.deadLetters()).toEqual([
        {
          id: 'odd',
          unreadable: { text: expect.stringMatching(/^\{"/) as string, fault: expect.stringContaining('`round`') as string },
          reason: expect.stringContaining('odd') as string,
          deliveries: 1,
          at: expect.any(Number) as number,
        },
      ])
      expect(await queue.replay('odd')).toBe(false)
      expect([await queue.removeDeadLetter('odd'), await queue.deadLetters()]).toEqual([true, []])
      expect(await isQuiet()).toBe(true)
    })

    it.each([
      ['waiting', () => Promise.resolve()],
      ['handed out', () => take()],
      ['acknowledged', async () => (await take()).ack()],
      ['parked', async () => (await take()).park('nonsense')],
    ])('takes the id of a message that is %s for a duplicate', async (_, act) => {
      await publish('a')
      await act()
      expect(await publish('a')).toBe('duplicate')
    })

    it('accepts one of several publishes of an id at once', async () => {
      expect((await Promise.all([publish('a'), publish('a'), publish('a')])).sort()).toEqual([
        'accepted',
        'duplicate',
        'duplicate',
      ])
    })

    it('refuses what is more than it may hold, and takes it when there is room', async () => {
      for (let index = 0; index < CAPACITY; index++) expect(await publish(`m${index}`)).toBe('accepted')
      const first = await take()
      expect(await publish('late')).toBe('overloaded')
      await first.ack()
      expect(await publish('late')).toBe('accepted')
    })

    if (durable)
      it('remembers waiting, done and parked messages after it was closed and opened', async () => {
        for (const id of ['done', 'parked', 'waiting']) await publish(id)
        await (await take()).ack()
        await (await take()).park('nonsense')
        queue = (await opened.reopen?.()) ?? expect.unreachable('a durable store opens again')
        expect((await take()).id).toBe('waiting')
        expect((await queue.deadLetters()).map((letter) => letter.id)).toEqual(['parked'])
        expect(await publish('done')).toBe('duplicate')
      })
  })
}
