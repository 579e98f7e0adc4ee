import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { batchRequestsConformance, completed, sampleRequest } from '../../ports/conformance/batch-requests.ts'
import { openSqliteBatchRequests } from './batch-requests.ts'

const writerModule = new URL('./writer-thread.ts', import.meta.url)
const onFault = (fault: unknown) => expect.unreachable(String(fault))

batchRequestsConformance('SQLite', true, openStore)

it('leaves nothing of removed and replaced batches behind, also where it was closed in the middle', async () => {
  const store = await openStore()
  for (let round = 0; round < 2; round++) {
    await store.requests.begin('batch_1')
    await store.requests.add(
      'batch_1',
      Array.from({ length: 5_000 }, (_, n) => sampleRequest(n)),
    )
    await store.requests.record(
      'batch_1',
      Array.from({ length: 5_000 }, (_, n) => completed(n)),
    )
  }
  await store.requests.remove('batch_1')
  await store.reopen()
  const db = new Database(store.file, { readonly: true })
  await expect.poll(() => db.prepare('select count(*) from discarded').pluck().get()).toBe(0)
  expect(db.prepare('select (select count(*) from requests) + (select count(*) from outcomes)').pluck().get()).toBe(0)
  db.close()
  await store.close()
})

it('says what to do when the disk is full, and keeps what it had', async () => {
  const store = await openStore(400 * 1024)
  await store.requests.begin('batch_1')
  await store.requests.add(
    'batch_1',
    Array.from({ length: 100 }, (_, n) => sampleRequest(n)),
  )
  const large = Array.from({ length: 100 }, (_, n) => completed(n, { body: 'x'.repeat(8_000) }))
  await expect(store.requests.record('batch_1', large)).rejects.toThrow(/No room to write to .*batches\.db/)
  expect(await store.requests.counts('batch_1')).toMatchObject({ total: 100, completed: 0 })
  await store.close()
})

async function openStore(databaseBytes: number | null = null) {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-batches-'))
  const file = join(directory, 'batches.db')
  const open = () => openSqliteBatchRequests({ file, writerModule, databaseBytes, onFault })
  let store = await open()
  return {
    file,
    requests: store.requests,
    reopen: async () => {
      await store.close()
      store = await open()
      return store.requests
    },
    close: async () => {
      await store.close()
      await rm(directory, { recursive: true })
    },
  }
}
