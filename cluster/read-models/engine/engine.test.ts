import Database from 'better-sqlite3'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createManualClock } from '../../adapters/memory/clock.ts'
import { createMemoryEventLog } from '../../adapters/memory/event-log.ts'
import { TOMBSTONE_TYPE } from '../../messages/envelope.ts'
import { sampleEvent } from '../../ports/conformance/samples.ts'
import { CorruptionError, UnavailableError } from '../../ports/errors.ts'
import type { EventLog } from '../../ports/event-log.ts'
import type { Fold, ModelChange, ModelFault, ReadModel, TableName } from './read-model.ts'
import { openReadModels } from './read-models.ts'

interface Tally {
  readonly subject: string
  readonly total: number
}

/** Adds up `sample.counted` by subject; forgets purged subjects. */
function tallyModel(version = 1, change: Partial<ReadModel<() => Tally[]>> = {}): ReadModel<() => Tally[]> {
  return {
    name: 'tally',
    version,
    tables: (t) => `create table ${t('sum')} (subject text primary key, total integer not null) strict, without rowid;`,
    fold: foldTally(1),
    queries: (db, t) => {
      const all = db.prepare<[], Tally>(`select subject, total from ${t('sum')} order by subject`)
      return () => all.all()
    },
    ...change,
  }
}

function foldTally(factor: number) {
  return (db: Database.Database, t: TableName): Fold => {
    const add = db.prepare<[string, number]>(
      `insert into ${t('sum')} values (?, ?) on conflict do update set total = total + excluded.total`,
    )
    const remove = db.prepare<[string]>(`delete from ${t('sum')} where subject = ?`)
    return ({ type, data }, { subject }) => {
      if (type === TOMBSTONE_TYPE) remove.run(subject)
      else if (type !== 'sample.counted') return []
      else if (typeof data !== 'number') throw new TypeError(`${JSON.stringify(data)} is no number`)
      else add.run(subject, data * factor)
      return [subject]
    }
  }
}

describe('read models', () => {
  const clock = createManualClock()
  let directory: string
  let file: string
  let log: EventLog
  let changes: ModelChange[]
  let faults: ModelFault[]
  let close: () => Promise<void>
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-models-'))
    file = join(directory, 'read-models.db')
    log = createMemoryEventLog()
    changes = []
    faults = []
    close = () => Promise.resolve()
  })
  afterEach(async () => {
    await close()
    await rm(directory, { recursive: true })
  })

  async function start(model: ReadModel<() => Tally[]>, over = log) {
    await close()
    changes = []
    const stop = new AbortController()
    const { signal } = stop
    const onChanged = (change: ModelChange) => changes.push(change)
    const models = openReadModels({ file, log: over, clock, signal, onChanged, onFault: (fault) => faults.push(fault) })
    close = () => {
      stop.abort()
      return models.stopped
    }
    return models.start(model)
  }
  async function count(subject: string, ...numbers: unknown[]): Promise<number> {
    let last = (await log.readSubject(subject)).at(-1)?.sequence ?? 0
    for (const number of numbers) {
      const result = await log.append(subject, last, [sampleEvent('e', number, 'sample.counted')])
      last = result.kind === 'appended' ? result.sequence : expect.unreachable('nobody else writes here')
    }
    return last
  }

  it('folds what is stored and what comes', async () => {
    const stored = await count('run.a', 1, 2)
    const tally = await start(tallyModel())
    await tally.caughtUpWith(stored)
    expect(tally.queries()()).toEqual([{ subject: 'run.a', total: 3 }])
    await tally.caughtUpWith(await count('run.b', 10))
    expect(tally.queries()()).toEqual([
      { subject: 'run.a', total: 3 },
      { subject: 'run.b', total: 10 },
    ])
  })

  it('shows the last known picture before it has caught up, and folds nothing twice', async () => {
    const first = await start(tallyModel())
    await first.caughtUpWith(await count('run.a', 1, 2))
    await close()
    const later = await count('run.a', 4)
    const again = await start(tallyModel())
    expect(again.queries()()).toEqual([{ subject: 'run.a', total: 3 }])
    await again.caughtUpWith(later)
    expect(again.queries()()).toEqual([{ subject: 'run.a', total: 7 }])
  })

  it('says which keys changed, once for each commit', async () => {
    const last = Math.max(await count('run.a', 1, 2), await count('run.b', 3))
    const tally = await start(tallyModel())
    await tally.caughtUpWith(last)
    expect(changes).toEqual([{ model: 'tally', keys: new Set(['run.a', 'run.b']), sequence: last }])
  })

  it('says nothing of events that change no row', async () => {
    const tally = await start(tallyModel())
    await log.append('run.a', 0, [sampleEvent('1', {}, 'invented.by.a.newer.version')])
    await tally.caughtUpWith(1)
    expect([changes, (await tally.status()).sequence]).toEqual([[], 1])
  })

  it('applies all events of an entry or, after a failure, none of that entry', async () => {
    await count('run.a', 1)
    const entry = [sampleEvent('1', 5, 'sample.counted'), sampleEvent('2', 'five', 'sample.counted')]
    await log.append('run.b', 0, entry)
    const tally = await start(tallyModel())
    await expect(tally.caughtUpWith(2)).rejects.toBeInstanceOf(UnavailableError)
    expect(tally.queries()()).toEqual([{ subject: 'run.a', total: 1 }])
  })

  it('stops at an event it cannot apply, and says where and why', async () => {
    const good = await count('run.a', 1, 2)
    const bad = await count('run.b', 'five')
    await count('run.c', 3)
    const tally = await start(tallyModel())
    await expect(tally.caughtUpWith(bad)).rejects.toThrow('The read model tally stopped')
    expect(await tally.status()).toMatchObject({ state: 'failed', sequence: good, lag: 2 })
    expect(faults).toMatchObject([
      {
        model: 'tally',
        state: 'failed',
        position: { subject: 'run.b', sequence: bad, index: 0 },
        detail: `The read model tally cannot apply event 0 (sample.counted) of entry ${bad} on run.b: TypeError: "five" is no number`,
      },
    ])
    expect(tally.queries()()).toEqual([{ subject: 'run.a', total: 3 }])
  })

  it('goes on in a new version from an event that the old one could not apply', async () => {
    const bad = await count('run.a', 1, 'five')
    await expect((await start(tallyModel())).caughtUpWith(bad)).rejects.toThrow('stopped')
    const lenient = await start(tallyModel(2, { fold: foldLenient }))
    await lenient.caughtUpWith(bad)
    expect(lenient.queries()()).toEqual([{ subject: 'run.a', total: 1 }])
  })

  it('serves the tables of the old version until the new ones have caught up, then drops the old', async () => {
    const first = await start(tallyModel(1))
    const last = await count('run.a', 1, 2)
    await first.caughtUpWith(last)
    const second = await start(tallyModel(2, { fold: foldTally(100) }))
    expect(second.queries()()).toEqual([{ subject: 'run.a', total: 3 }])
    expect(await second.status()).toMatchObject({ state: 'catching-up', version: 2, servingVersion: 1 })
    await second.caughtUpWith(last)
    expect(second.queries()()).toEqual([{ subject: 'run.a', total: 300 }])
    expect(await second.status()).toMatchObject({ state: 'live', servingVersion: 2, lag: 0 })
    expect(changes).toEqual([{ model: 'tally', keys: 'all', sequence: last }])
    await close()
    expect(tablesOf(file)).toEqual(['read_model', 'tally_v2_sum'])
  })

  it('goes on with a rebuild that was interrupted', async () => {
    await (await start(tallyModel(1))).caughtUpWith(await count('run.a', 1))
    await start(tallyModel(2, { fold: () => () => expect.unreachable('it is closed before it folds') }))
    await close()
    const last = await count('run.a', 2)
    const second = await start(tallyModel(2, { fold: foldTally(100) }))
    expect(second.queries()()).toEqual([{ subject: 'run.a', total: 1 }])
    await second.caughtUpWith(last)
    expect(second.queries()()).toEqual([{ subject: 'run.a', total: 300 }])
  })

  it('serves the new tables at once where today’s queries cannot read the old ones', async () => {
    const last = await count('run.a', 1)
    await (await start(tallyModel(1))).caughtUpWith(last)
    const renamed = tallyModel(2, {
      tables: (t) => `create table ${t('total')} (subject text primary key, total integer not null) strict;`,
      fold: (db, t) => foldTally(1)(db, () => t('total')),
      queries: (db, t) => tallyModel().queries(db, () => t('total')),
    })
    const second = await start(renamed)
    expect(second.queries()()).toEqual([])
    await second.caughtUpWith(last)
    expect(second.queries()()).toEqual([{ subject: 'run.a', total: 1 }])
  })

  it('starts over when the log is another, shorter one', async () => {
    await (await start(tallyModel())).caughtUpWith(await count('run.a', 1, 2, 3))
    log = createMemoryEventLog()
    const last = await count('run.b', 5)
    const tally = await start(tallyModel())
    while ((await tally.status()).state !== 'live') await new Promise((resolve) => setTimeout(resolve, 5))
    await tally.caughtUpWith(last)
    expect(tally.queries()()).toEqual([{ subject: 'run.b', total: 5 }])
    expect(changes[0]).toMatchObject({ keys: 'all' })
  })

  it('drops what a tombstone ends', async () => {
    await count('run.a', 1)
    const tally = await start(tallyModel())
    await tally.caughtUpWith(await log.purge('run.a', sampleEvent('t', {}, TOMBSTONE_TYPE)))
    expect(tally.queries()()).toEqual([])
  })

  it('shows the last picture while the log is out of reach, and catches up when it is back', async () => {
    await (await start(tallyModel())).caughtUpWith(await count('run.a', 1))
    const last = await count('run.a', 2)
    let isDown = true
    const remote: EventLog = {
      ...log,
      lastSequence: () => (isDown ? Promise.reject(new UnavailableError('the cluster cannot be reached')) : log.lastSequence()),
    }
    const tally = await start(tallyModel(), remote)
    while (faults.length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      clock.advance(2_000)
    }
    expect(await tally.status()).toMatchObject({ state: 'waiting', detail: 'the cluster cannot be reached', lag: null })
    expect(tally.queries()()).toEqual([{ subject: 'run.a', total: 1 }])
    isDown = false
    const caughtUp = tally.caughtUpWith(last)
    clock.advance(60_000)
    await caughtUp
    expect(await tally.status()).toMatchObject({ state: 'live', detail: '', lag: 0 })
  })

  it('keeps the thread free while it rebuilds', async () => {
    for (let run = 0; run < 200; run++) await count(`run.${run}`, ...Array.from({ length: 50 }, () => 1))
    const tally = await start(tallyModel())
    let turns = 0
    const timer = setInterval(() => (turns += 1), 1)
    await tally.caughtUpWith(10_000)
    clearInterval(timer)
    expect(turns).toBeGreaterThan(3)
    expect(tally.queries()()).toHaveLength(200)
  })

  it('refuses a damaged file and says that it can be removed', async () => {
    await writeFile(file, 'this is no database'.repeat(1_000))
    await expect(start(tallyModel())).rejects.toBeInstanceOf(CorruptionError)
    await expect(start(tallyModel())).rejects.toThrow(/Remove it: it is rebuilt from the log/)
  })

  it('tells whoever waits that it is closed', async () => {
    const tally = await start(tallyModel())
    const waiting = expect(tally.caughtUpWith(5)).rejects.toThrow('The read model tally is closed')
    await close()
    await waiting
    await expect(tally.caughtUpWith(5)).rejects.toBeInstanceOf(UnavailableError)
  })
})

function foldLenient(db: Database.Database, t: TableName): Fold {
  const strict = foldTally(1)(db, t)
  return (event, position) => (typeof event.data === 'number' ? strict(event, position) : [])
}

function tablesOf(file: string): string[] {
  const db = new Database(file, { readonly: true })
  const names = db.prepare<[], string>(`select name from sqlite_schema where type = 'table' order by name`).pluck().all()
  db.close()
  return names
}
