import Database from 'better-sqlite3'
import { mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sampleEvent, sampleWork } from '../../ports/conformance/samples.ts'
import { CorruptionError, UnavailableError } from '../../ports/errors.ts'
import { createManualClock } from '../memory/clock.ts'
import { openSqliteContext } from './context.ts'
import type { SqliteBounds, SqliteContext } from './context.ts'
import { failureOf, storeError } from './failures.ts'

describe('a SQLite context in trouble', () => {
  const clock = createManualClock()
  const opened: SqliteContext[] = []
  let directory: string
  let file: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-faults-'))
    file = join(directory, 'context.db')
  })
  afterEach(async () => {
    for (const context of opened.splice(0)) await context.close()
    await rm(directory, { recursive: true })
  })

  async function openContext(bounds: Partial<SqliteBounds> = {}): Promise<SqliteContext> {
    const context = await openSqliteContext({ file, writerModule: new URL('./writer-thread.ts', import.meta.url), clock, bounds })
    opened.push(context)
    return context
  }
  function behindItsBack(sql: string): void {
    const db = new Database(file)
    db.exec(sql)
    db.close()
  }
  async function overwrite(at: number, length: number): Promise<void> {
    const handle = await open(file, 'r+')
    await handle.write(Buffer.alloc(length, 0x5a), 0, length, at)
    await handle.close()
  }

  it('refuses an append when the disk is full, stores nothing of it, and goes on when there is room', async () => {
    const { log } = await openContext({ databaseBytes: 200_000 })
    const large = sampleEvent('large', 'x'.repeat(300_000))
    const results = await Promise.allSettled([
      log.append('run.a', 0, [sampleEvent('small')]),
      log.append('run.b', 0, [large]),
      log.append('run.c', 0, [sampleEvent('small')]),
    ])
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    await expect(log.append('run.b', 0, [large])).rejects.toThrow(/No room to write to .*context\.db.*Free disk space/)
    expect(await log.readSubject('run.b')).toEqual([])
    expect((await log.append('run.b', 0, [sampleEvent('small')])).kind).toBe('appended')
  })

  it('refuses work when the disk is full', async () => {
    const { work } = await openContext({ databaseBytes: 200_000 })
    const item = { ...sampleWork('run', 'a'), role: 'x'.repeat(300_000) }
    await expect(work.publish('a', item)).rejects.toBeInstanceOf(UnavailableError)
    expect(await work.depth()).toEqual({ waiting: 0, leased: 0 })
  })

  it('says that another program has the file locked', async () => {
    const { log } = await openContext({ busyTimeoutMs: 50 })
    const other = new Database(file)
    other.exec('begin immediate')
    await expect(log.append('run.a', 0, [sampleEvent('1')])).rejects.toThrow(/locked by another program.*Close what has it open/)
    other.exec('rollback')
    other.close()
    expect((await log.append('run.a', 0, [sampleEvent('1')])).kind).toBe('appended')
  })

  it.each([
    ['no JSON', `'[{"id":'`],
    ['JSON that is no list of events', `'{"id":"1"}'`],
    ['an empty list', `'[]'`],
  ])('names the entry whose row holds %s', async (_, text) => {
    const { log } = await openContext()
    await log.append('run.a', 0, [sampleEvent('1')])
    await log.append('run.b', 0, [sampleEvent('2')])
    behindItsBack(`update entries set events = ${text} where sequence = 2`)
    const reads = [
      log.readAfter(0, 10),
      log.readSubject('run.b'),
      log.follow(1, new AbortController().signal)[Symbol.asyncIterator]().next(),
    ]
    for (const result of await Promise.allSettled(reads)) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(CorruptionError) as unknown })
      expect(String(result.status === 'rejected' && result.reason)).toMatch(/Entry 2 \(run\.b\) in .*context\.db is damaged/)
    }
    expect(await log.readSubject('run.a')).toHaveLength(1)
  })

  it('sets a damaged work item aside, says so once, and goes on with the next', async () => {
    const { work } = await openContext()
    await work.publish('a', sampleWork('run', 'a'))
    await work.publish('b', sampleWork('run', 'b'))
    behindItsBack(`update items set body = 'nonsense' where id = 'a'`)
    const { signal } = new AbortController()
    await expect(work.pull(60_000, signal)).rejects.toThrow(/Item a in the queue work of .* is damaged/)
    expect((await work.pull(60_000, signal))?.id).toBe('b')
    expect(await work.publish('a', sampleWork('run', 'a'))).toBe('duplicate')
  })

  it('shows a dead letter whose text was damaged beside those that can be read', async () => {
    const { work } = await openContext()
    for (const id of ['a', 'b']) {
      await work.publish(id, sampleWork('run', id))
      await (await work.pull(60_000, new AbortController().signal))?.park('no model')
    }
    behindItsBack(`update items set body = 'nonsense' where id = 'a'`)
    expect(await work.deadLetters()).toMatchObject([
      { id: 'a', reason: 'no model', unreadable: { text: 'nonsense', fault: 'It is not valid JSON.' } },
      { id: 'b', reason: 'no model', message: sampleWork('run', 'b') },
    ])
    expect([await work.replay('a'), await work.removeDeadLetter('a'), await work.replay('b')]).toEqual([false, true, true])
  })

  it('names the key of a damaged value', async () => {
    const { state } = await openContext()
    await state.put('settings.theme', 'dark', 0)
    behindItsBack(`update state set value = 'nonsense'`)
    await expect(state.get('settings.theme')).rejects.toThrow(/settings\.theme in .*context\.db is damaged/)
  })

  it('refuses to open a file that is no database', async () => {
    await writeFile(file, 'this is a letter, not a database; it is long enough to be taken for one'.repeat(100))
    await expect(openContext()).rejects.toThrow(/context\.db is damaged.*move it away/)
    expect((await stat(file)).size).toBe(7100)
  })

  it('says that pages of the file are damaged instead of giving what is left', async () => {
    const context = await openContext()
    for (let run = 0; run < 300; run++) await context.log.append(`run.${run}`, 0, [sampleEvent('1', 'x'.repeat(500))])
    await context.close()
    await overwrite(4096, (await stat(file)).size - 8192)
    await expect(
      (async () => {
        const { log } = await openContext()
        await log.readAfter(0, 1_000)
      })(),
    ).rejects.toBeInstanceOf(CorruptionError)
  })

  it('refuses a file of a newer Signalbox and leaves it as it is', async () => {
    await (await openContext()).close()
    behindItsBack('pragma user_version = 99')
    await expect(openContext()).rejects.toThrow(/written by a newer Signalbox.*Update Signalbox/)
  })

  it('refuses a path that cannot be a file', async () => {
    await rm(directory, { recursive: true })
    file = join(tmpdir(), '.')
    await expect(openContext()).rejects.toBeInstanceOf(UnavailableError)
    directory = await mkdtemp(join(tmpdir(), 'signalbox-faults-'))
  })

  it('says that it is closed to whoever waits or calls', async () => {
    const context = await openContext()
    const { signal } = new AbortController()
    const waiting = Promise.allSettled([
      context.work.pull(60_000, signal),
      context.log.follow(0, signal)[Symbol.asyncIterator]().next(),
    ])
    await context.close()
    const late = Promise.allSettled([
      context.log.append('run.a', 0, [sampleEvent('1')]),
      context.log.lastSequence(),
      context.state.put('a', 1, 'any'),
      context.work.depth(),
    ])
    for (const result of [...(await waiting), ...(await late)])
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(UnavailableError) as unknown })
  })

  it('finishes what it accepted before it closes', async () => {
    const context = await openContext()
    const accepted = Promise.all(Array.from({ length: 50 }, (_, run) => context.log.append(`run.${run}`, 0, [sampleEvent('1')])))
    await context.close()
    expect((await accepted).map((result) => result.kind)).toEqual(Array.from({ length: 50 }, () => 'appended'))
    expect(await (await openContext()).log.lastSequence()).toBe(50)
  })

  it('forgets the ids of finished items after a day', async () => {
    const { work } = await openContext()
    const item = sampleWork('run', 'a')
    const { signal } = new AbortController()
    await work.publish('a', item)
    await (await work.pull(60_000, signal))?.ack()
    clock.advance(23 * 3_600_000)
    expect(await work.publish('a', item)).toBe('duplicate')
    clock.advance(2 * 3_600_000)
    expect(await work.publish('a', item)).toBe('accepted')
  })

  it('keeps the newest dead letters when there are too many', async () => {
    const { work } = await openContext({ work: { items: 100, deadLetters: 2 } })
    for (const id of ['a', 'b', 'c']) {
      await work.publish(id, sampleWork('run', id))
      await (await work.pull(60_000, new AbortController().signal))?.park('nonsense')
      clock.advance(1)
    }
    expect((await work.deadLetters()).map((letter) => letter.id)).toEqual(['b', 'c'])
  })
})

describe('the words for a failure of SQLite', () => {
  it.each([
    ['SQLITE_READONLY_DBMOVED', UnavailableError, 'may not be written'],
    ['SQLITE_CANTOPEN', UnavailableError, 'cannot be opened'],
    ['SQLITE_IOERR_FSYNC', UnavailableError, 'Check the disk'],
    ['SQLITE_FULL', UnavailableError, 'Free disk space'],
    ['SQLITE_BUSY_SNAPSHOT', UnavailableError, 'locked by another program'],
    ['SQLITE_CORRUPT_INDEX', CorruptionError, 'is damaged'],
    ['SQLITE_NOTADB', CorruptionError, 'is damaged'],
    ['SQLITE_TOOBIG', RangeError, 'too large'],
  ])('%s becomes %o', (code, kind, words) => {
    const error = storeError({ code, message: 'as SQLite says it' }, 'context.db')
    expect(error).toBeInstanceOf(kind)
    expect(error?.message).toContain(words)
  })

  it('leaves errors that are not SQLite’s to their owner', () => {
    expect(storeError(failureOf(new TypeError('a bug')), 'context.db')).toBeUndefined()
  })

  it('takes a write to a read-only connection for what it is', () => {
    const db = new Database(':memory:')
    db.pragma('query_only = on')
    let caught: unknown
    try {
      db.exec('create table a (b)')
    } catch (error) {
      caught = error
    }
    expect(storeError(failureOf(caught), 'context.db')?.message).toContain('may not be written')
    db.close()
  })
})
