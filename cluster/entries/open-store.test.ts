import Database from 'better-sqlite3'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openStore } from './open-store.ts'

let directory: string
let file: string
const faults: unknown[] = []
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-store-'))
  file = join(directory, 'local.db')
  faults.length = 0
})
afterEach(() => rm(directory, { recursive: true }))

const open = () =>
  openStore({
    file,
    readModels: join(directory, 'read-models.db'),
    writerModule: new URL('../adapters/sqlite/writer-thread.ts', import.meta.url),
    now: () => Date.UTC(2026, 6, 16, 12),
    onFault: (fault) => faults.push(fault),
  })
const event = (type: string) => ({ id: 'e', type, at: 1, actor: 'a', tenant: 'local', schema: 1, data: {} })

it('opens over a damaged log, and says until it was read what is missing, what works and where the damaged file is', async () => {
  const first = await open()
  for (const id of ['dlb-1', 'dlb-2'])
    await first.store.log.append(`signalbox.event.deliberation.${id}`, 0, [event('deliberation.submitted')])
  expect(await first.notices()).toEqual([])
  await first.store.close()
  const db = new Database(file)
  db.exec(`update entries set events = 'nonsense' where sequence = 2`)
  db.close()
  await writeFile(join(directory, 'read-models.db'), 'what was read from it')

  const second = await open()
  const copy = join(directory, 'local.damaged-2026-07-16-12-00-00.db')
  expect([existsSync(copy), existsSync(join(directory, 'read-models.db')), faults.length]).toEqual([true, false, 1])
  expect(await second.store.log.readSubject('signalbox.event.deliberation.dlb-1')).toHaveLength(1)
  const [notice] = await second.notices()
  expect(notice).toMatchObject({ severity: 'bad', isOver: true })
  for (const words of ['entry 2', '1 runs and batches were taken over', 'are missing: dlb-2', copy, 'exported'])
    expect(notice?.detail).toContain(words)
  await second.store.close()

  const third = await open()
  expect((await third.notices()).map(({ id }) => id)).toEqual(['store.damage'])
  await third.acknowledge()
  expect(await third.notices()).toEqual([])
  await third.store.close()
})
