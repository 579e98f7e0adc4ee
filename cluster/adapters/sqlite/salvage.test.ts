import Database from 'better-sqlite3'
import { existsSync } from 'node:fs'
import { mkdtemp, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sampleEvent, sampleWork } from '../../ports/conformance/samples.ts'
import { CorruptionError } from '../../ports/errors.ts'
import { openSqliteContext } from './context.ts'
import { salvageDatabase } from './salvage.ts'

const BEGUN = 'run.begun'
const begun = (id: string) => ({ ...sampleEvent(id, 'x'.repeat(2000)), type: BEGUN })

describe('a damaged database', { timeout: 30_000 }, () => {
  let directory: string
  let file: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-salvage-'))
    file = join(directory, 'local.db')
  })
  afterEach(() => rm(directory, { recursive: true }))

  const openContext = () => openSqliteContext({ file, writerModule: new URL('./writer-thread.ts', import.meta.url) })
  const salvage = () => salvageDatabase({ file, stamp: 'then', isBeginning: ({ events }) => events[0]?.type === BEGUN })

  /** 100 runs one after the other, each of two entries. */
  async function fill(): Promise<void> {
    const context = await openContext()
    const { log, state, work } = context
    for (let run = 0; run < 100; run++) {
      const first = await log.append(`run.${run}`, 0, [begun(`${run}.1`)])
      await log.append(`run.${run}`, first.kind === 'appended' ? first.sequence : 0, [sampleEvent(`${run}.2`, 'y'.repeat(2000))])
    }
    await state.put('settings.theme', 'dark', 0)
    await work.publish('a', sampleWork('run', 'a'))
    await context.close()
  }

  async function overwrite(at: number, length: number): Promise<void> {
    const handle = await open(file, 'r+')
    await handle.write(Buffer.alloc(length, 0x5a), 0, length, at)
    await handle.close()
  }

  /** Where a text stands in the file. */
  async function placeOf(text: string): Promise<number> {
    const handle = await open(file, 'r')
    const bytes = await handle.readFile()
    await handle.close()
    return bytes.indexOf(text)
  }

  it('is refused when it is opened, and gives up every run that can be read whole, with state and work', async () => {
    await fill()
    const middle = Math.floor((await placeOf('"50.1"')) / 4096) * 4096
    await overwrite(middle, 4096 * 3)
    await expect(openContext()).rejects.toBeInstanceOf(CorruptionError)

    const { copy, keptSubjects, keptEntries, gaps } = await salvage()
    expect([basename(copy), existsSync(copy), gaps > 0]).toEqual(['local.damaged-then.db', true, true])
    expect(keptEntries).toBe(keptSubjects * 2)
    expect(keptSubjects).toBeGreaterThan(80)
    expect(keptSubjects).toBeLessThan(100)

    const context = await openContext()
    expect(await context.log.readSubject('run.99')).toHaveLength(2)
    expect(await context.log.readSubject('run.50')).toEqual([])
    expect((await context.state.get('settings.theme'))?.value).toBe('dark')
    expect((await context.work.pull(60_000, AbortSignal.timeout(5_000)))?.id).toBe('a')
    expect(await context.check()).toEqual([])
    await context.close()
  })

  it('loses only the run whose entry holds nonsense', async () => {
    await fill()
    const db = new Database(file)
    db.exec(`update entries set events = '[{"id":' where sequence = 21`)
    db.close()
    await expect(openContext()).rejects.toThrow(/damaged.*entry 21 \(run\.10\) is no list of events/)
    expect(await salvage()).toMatchObject({ keptSubjects: 99, keptEntries: 198, lostSubjects: ['run.10'] })
  })

  it('that lost its tail keeps the runs before it', async () => {
    await fill()
    const { size } = await stat(file)
    const handle = await open(file, 'r+')
    await handle.truncate(Math.floor(size / 2 / 4096) * 4096)
    await handle.close()
    await expect(openContext()).rejects.toBeInstanceOf(CorruptionError)
    const { keptSubjects } = await salvage()
    expect(keptSubjects).toBeGreaterThan(20)
    await (await openContext()).close()
  })

  it('that is none at all is kept, and an empty one takes its place', async () => {
    await writeFile(file, 'this is a letter, not a database'.repeat(200))
    await expect(openContext()).rejects.toBeInstanceOf(CorruptionError)
    expect(await salvage()).toMatchObject({ keptSubjects: 0, gaps: 1 })
    await (await openContext()).close()
    expect((await stat(join(directory, 'local.damaged-then.db'))).size).toBe(6400)
  })

  it('is replaced when it is opened next, where the process was killed before the last step', async () => {
    await fill()
    await rename(file, `${file}.salvage`)
    const context = await openContext()
    expect(await context.log.lastSequence()).toBe(200)
    await context.close()
    expect((await readdir(directory)).filter((name) => name.endsWith('.salvage'))).toEqual([])
  })

  it('gives freed pages back to the disk by itself after a purge', async () => {
    await fill()
    const before = (await stat(file)).size
    const context = await openContext()
    for (let run = 0; run < 90; run++) await context.log.purge(`run.${run}`, sampleEvent('gone'))
    expect(await context.freeBytes()).toBeGreaterThan(100_000)
    await expect.poll(() => context.freeBytes(), { timeout: 20_000 }).toBe(0)
    await context.close()
    expect((await stat(file)).size).toBeLessThan(before / 2)
  })
})
