import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TOMBSTONE_TYPE } from '../../messages/envelope.ts'
import { MAX_ENTRY_BYTES } from '../event-log.ts'
import type { EventLog, LogEntry } from '../event-log.ts'
import { sampleEvent } from './samples.ts'

export interface EventLogUnderTest {
  readonly log: EventLog
  /** Closes the store and opens it again from what is durable. */
  readonly reopen?: () => Promise<EventLog>
  close(): Promise<void>
}

/** What every event log promises, as tests over the adapter that `open` gives: an empty log each time, `durable` if it can reopen. */
export function eventLogConformance(name: string, durable: boolean, open: () => Promise<EventLogUnderTest>): void {
  describe(`${name} as an event log`, () => {
    let opened: EventLogUnderTest
    let log: EventLog
    beforeEach(async () => {
      opened = await open()
      log = opened.log
    })
    afterEach(() => opened.close())

    it('starts empty', async () => {
      expect([await log.lastSequence(), await log.readAfter(0, 10), await log.readSubject('run.a')]).toEqual([0, [], []])
    })

    it('stores a list of events as one entry', async () => {
      const events = [sampleEvent('1'), sampleEvent('2', { nested: [1, null, 'ü'] })]
      const sequence = await append(log, 'run.a', 0, events)
      expect(await log.readSubject('run.a')).toEqual([{ sequence, subject: 'run.a', events }])
    })

    it('keeps what was given, whatever the caller changes afterwards', async () => {
      const data = { votes: 1 }
      await log.append('run.a', 0, [sampleEvent('1', data)])
      data.votes = 2
      expect((await log.readSubject('run.a'))[0]?.events[0]?.data).toEqual({ votes: 1 })
    })

    it.each([
      ['no events', []],
      ['events too large for one entry', [sampleEvent('1', 'x'.repeat(MAX_ENTRY_BYTES))]],
    ])('refuses an entry with %s', async (_, events) => {
      await expect(log.append('run.a', 0, events)).rejects.toBeInstanceOf(RangeError)
      expect(await log.lastSequence()).toBe(0)
    })

    it('gives entries of all subjects growing sequences', async () => {
      const first = await append(log, 'run.a', 0)
      const second = await append(log, 'run.b', 0)
      const third = await append(log, 'run.a', first)
      expect(first < second && second < third).toBe(true)
      expect(await log.lastSequence()).toBe(third)
    })

    it.each([
      ['a subject believed empty', 0],
      ['an entry that is no longer the last', 'first'],
      ['an entry that does not exist', 1_000_000],
    ])('refuses an append that expects %s and tells the actual sequence', async (_, expected) => {
      const first = await append(log, 'run.a', 0)
      const second = await append(log, 'run.a', first)
      const result = await log.append('run.a', expected === 'first' ? first : Number(expected), [sampleEvent('late')])
      expect(result).toEqual({ kind: 'conflict', actual: second })
      expect(await log.readSubject('run.a')).toHaveLength(2)
    })

    it('lets exactly one of two writers win that expect the same', async () => {
      const results = await Promise.all(['x', 'y', 'z'].map((id) => log.append('run.a', 0, [sampleEvent(id)])))
      const won = results.filter((result) => result.kind === 'appended')
      expect(won).toHaveLength(1)
      expect(results.filter((result) => result.kind === 'conflict')).toEqual([
        { kind: 'conflict', actual: won[0]?.sequence },
        { kind: 'conflict', actual: won[0]?.sequence },
      ])
    })

    it('does not let a conflict on one subject hold up another', async () => {
      await append(log, 'run.a', 0)
      const results = await Promise.all([
        log.append('run.a', 0, [sampleEvent('late')]),
        log.append('run.b', 0, [sampleEvent('fine')]),
      ])
      expect(results.map((result) => result.kind)).toEqual(['conflict', 'appended'])
    })

    it('reads entries after a sequence, oldest first, up to the limit', async () => {
      const sequences = await appendMany(log, 5)
      const page = await log.readAfter(sequences[0] ?? 0, 3)
      expect(page.map((entry) => entry.sequence)).toEqual(sequences.slice(1, 4))
      expect(await log.readAfter(sequences[4] ?? 0, 3)).toEqual([])
    })

    it('follows stored entries and then new ones, each exactly once and in order', async () => {
      const stored = await appendMany(log, 3)
      const followed = collect(log, stored[0] ?? 0, 4)
      const fresh = await appendMany(log, 2, 'run.new')
      expect((await followed).map((entry) => entry.sequence)).toEqual([...stored.slice(1), ...fresh])
    })

    it('follows exactly once and in order while writers race', async () => {
      const count = 300
      const followers = [collect(log, 0, count), collect(log, 0, count)]
      const writers = Array.from({ length: 6 }, (_, writer) => appendMany(log, count / 6, `run.${writer}`))
      const appended = (await Promise.all(writers)).flat().sort((a, b) => a - b)
      for (const seen of await Promise.all(followers)) expect(seen.map((entry) => entry.sequence)).toEqual(appended)
    })

    it('stops following when the signal aborts', async () => {
      const stop = new AbortController()
      const reading = (async () => {
        for await (const _ of log.follow(0, stop.signal)) expect.unreachable('the log is empty')
      })()
      stop.abort()
      await reading
    })

    it('leaves only the tombstone of a purged subject, as its newest entry', async () => {
      const [other] = await appendMany(log, 1, 'run.other')
      const last = await append(log, 'run.a', await append(log, 'run.a', 0))
      const tombstone = sampleEvent('t', { reason: 'retention' }, TOMBSTONE_TYPE)
      const sequence = await log.purge('run.a', tombstone)
      expect(sequence).toBeGreaterThan(last)
      expect(await log.readSubject('run.a')).toEqual([{ sequence, subject: 'run.a', events: [tombstone] }])
      expect((await log.readAfter(0, 10)).map((entry) => entry.sequence)).toEqual([other, sequence])
    })

    it('takes the tombstone for the last entry of its subject', async () => {
      const first = await append(log, 'run.a', 0)
      const sequence = await log.purge('run.a', sampleEvent('t', {}, TOMBSTONE_TYPE))
      expect(await log.append('run.a', first, [sampleEvent('late')])).toEqual({ kind: 'conflict', actual: sequence })
      expect((await log.append('run.a', sequence, [sampleEvent('again')])).kind).toBe('appended')
    })

    it('shows a tombstone to whoever follows', async () => {
      const first = await append(log, 'run.a', 0)
      const followed = collect(log, first, 1)
      const sequence = await log.purge('run.a', sampleEvent('t', {}, TOMBSTONE_TYPE))
      expect((await followed)[0]).toMatchObject({ sequence, events: [{ type: TOMBSTONE_TYPE }] })
    })

    if (durable)
      it('has everything again after it was closed and opened', async () => {
        await appendMany(log, 3)
        const before = await log.readAfter(0, 10)
        const again = (await opened.reopen?.()) ?? expect.unreachable('a durable store opens again')
        expect(await again.readAfter(0, 10)).toEqual(before)
        expect((await again.append('run.new', 0, [sampleEvent('next')])).kind).toBe('appended')
        expect(await again.lastSequence()).toBeGreaterThan(before.at(-1)?.sequence ?? 0)
      })
  })
}

async function append(log: EventLog, subject: string, expected: number, events = [sampleEvent(`${subject}.${expected}`)]) {
  const result = await log.append(subject, expected, events)
  if (result.kind === 'conflict') return expect.unreachable(`the log says ${result.actual} where ${expected} was expected`)
  return result.sequence
}

async function appendMany(log: EventLog, count: number, subject = 'run.many'): Promise<number[]> {
  const sequences: number[] = []
  for (let index = 0; index < count; index++) sequences.push(await append(log, subject, sequences.at(-1) ?? 0))
  return sequences
}

async function collect(log: EventLog, after: number, count: number): Promise<LogEntry[]> {
  const stop = new AbortController()
  const entries: LogEntry[] = []
  for await (const entry of log.follow(after, stop.signal)) {
    entries.push(entry)
    if (entries.length === count) stop.abort()
  }
  return entries
}
