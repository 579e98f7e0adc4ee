import { existsSync } from 'node:fs'
import { mkdtemp, open as openFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemorySmallState } from '../adapters/memory/small-state.ts'
import { chatReply, type UpstreamScript } from '../adapters/memory/upstreams.ts'
import { openBatchWorld, type BatchWorld, type WorldOptions } from '../app/batch/batches-under-test.ts'
import type { SmallState } from '../ports/small-state.ts'
import { openBatchStore, type OpenedBatchStore } from './open-batch-store.ts'

const REQUESTS = 1_000
const ANSWERED = 600
const answer = 'x'.repeat(1_000)

let directory: string
let file: string
let state: SmallState
const faults: unknown[] = []
const undo: (() => Promise<void>)[] = []
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-batch-store-'))
  file = join(directory, 'batches.db')
  state = createMemorySmallState()
  faults.length = 0
})
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
  await rm(directory, { recursive: true })
})

async function openStored(): Promise<OpenedBatchStore> {
  const opened = await openBatchStore({
    file,
    writerModule: new URL('../adapters/sqlite/writer-thread.ts', import.meta.url),
    state,
    now: () => Date.UTC(2026, 6, 16, 12),
    onFault: (fault) => faults.push(fault),
  })
  undo.push(() => opened.stored.close())
  return opened
}

async function openWorld(script: UpstreamScript, options: WorldOptions): Promise<BatchWorld> {
  const world = await openBatchWorld(script, options)
  undo.push(() => world.stop())
  return world
}

/** The store writes in a thread: what it does takes time that the clock of the world does not move. */
async function until(world: BatchWorld, isThere: () => Promise<boolean> | boolean): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    if (await isThere()) return
    world.clock.advance(50)
    await sleep(2)
  }
  throw new Error('It did not come about.')
}

const hasEnded = (world: BatchWorld, batchId: string) => async () => (await world.types(batchId)).includes('batch.ended')

/** A batch of which the first requests are answered, in a plane that ended then. */
async function partlyRun(): Promise<{ readonly world: BatchWorld; readonly batchId: string }> {
  const { stored } = await openStored()
  let calls = 0
  const world = await openWorld(
    (_request, _tries, signal) =>
      ++calls > ANSWERED
        ? new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
        : chatReply(answer),
    { stores: { state, requests: stored.requests }, parallel: 50 },
  )
  const batchId = await world.submit({ lines: REQUESTS, name: 'nightly' })
  await until(world, () => world.batches.live(batchId)?.counts.completed === ANSWERED)
  await world.stop()
  await stored.close()
  undo.length = 0
  return { world, batchId }
}

/** A plane over what the one before left. */
async function goOn(before: BatchWorld): Promise<{ readonly opened: OpenedBatchStore; readonly world: BatchWorld }> {
  const opened = await openStored()
  const { log, blobs } = before.ports
  const stores = { log, blobs, state, requests: opened.stored.requests }
  return { opened, world: await openWorld(() => chatReply(answer), { stores, clock: before.clock, parallel: 50 }) }
}

async function overwrite(share: number, bytes: number): Promise<void> {
  const { size } = await stat(file)
  const handle = await openFile(file, 'r+')
  await handle.write(Buffer.alloc(bytes, 0x5a), 0, bytes, Math.floor(size * share))
  await handle.close()
}

async function overwritePageOf(text: string): Promise<void> {
  const bytes = await readFile(file)
  const page = 16_384
  bytes.fill(0x5a, Math.floor(bytes.indexOf(text) / page) * page, Math.floor(bytes.indexOf(text) / page + 1) * page)
  await writeFile(file, bytes)
}

describe('a damaged store of requests', { timeout: 60_000 }, () => {
  it.each([
    ['garbage in the middle', () => overwrite(0.5, 100_000), 1],
    ['garbage where requests are', async () => overwritePageOf('row-100'), ANSWERED / 2],
    ['no tail', async () => truncate(file, Math.floor((await stat(file)).size * 0.6)), 1],
    ['a text in its place', () => writeFile(file, 'a letter, no database '.repeat(500)), 0],
  ])('with %s is kept beside a new one, and its batch ends with each custom_id exactly once', async (_, damage, least) => {
    const { world: before, batchId } = await partlyRun()
    await damage()
    const { opened, world } = await goOn(before)
    const copy = join(directory, 'batches.damaged-2026-07-16-12-00-00.db')
    expect([existsSync(copy), faults.length]).toEqual([true, 1])
    await until(world, hasEnded(world, batchId))

    const again = (await world.events(batchId)).find((event) => event.type === 'batch.planned_again')
    const kept = again?.data.counts.completed ?? -1
    expect(kept).toBeGreaterThanOrEqual(least)
    expect(kept).toBeLessThanOrEqual(ANSWERED)
    expect(world.upstreams.calls()).toBe(REQUESTS - kept)
    const lines = [...(await world.output(batchId)), ...(await world.errors(batchId))]
    const ids = Array.from({ length: REQUESTS }, (_one, n) => `row-${n}`)
    expect(lines.map((line) => line['custom_id']).sort()).toEqual(ids.sort())

    const [notice, ...others] = await opened.notices()
    expect(notice).toMatchObject({ id: 'batches.damage', severity: 'bad', isOver: true })
    const words = ['damaged', `nightly (${kept} outcomes kept, ${REQUESTS - kept} requests sent again)`, copy]
    for (const said of words) expect(notice?.detail).toContain(said)
    expect(notice?.detail).not.toContain('Nothing was changed')
    expect(others).toEqual([])
    await opened.acknowledge()
    expect(await opened.notices()).toEqual([])
  })

  it('fails a batch whose input file is gone, says so, and keeps the answers that were saved', async () => {
    const { world: before, batchId } = await partlyRun()
    await overwrite(0.5, 100_000)
    const [submitted] = await before.events(batchId)
    if (submitted?.type !== 'batch.submitted') throw new Error('It was never submitted.')
    await before.ports.blobs.remove(submitted.data.spec.input.sha256)
    const { opened, world } = await goOn(before)
    await until(world, hasEnded(world, batchId))

    const end = (await world.events(batchId)).find((event) => event.type === 'batch.ended')
    expect(end?.data).toMatchObject({ status: 'failed', counts: { total: REQUESTS } })
    expect(end?.data.message).toMatch(/stored requests of nightly are damaged.*input file is gone.*Submit the file again/)
    expect((await world.output(batchId)).length).toBe(end?.data.counts.completed)
    expect(end?.data.counts.completed).toBeGreaterThan(0)
    expect(world.upstreams.calls()).toBe(0)
    expect((await opened.notices())[0]?.detail).toContain('Could not go on')
  })

  it('is read again also where the plane ended between the salvage and that', async () => {
    const { world: before, batchId } = await partlyRun()
    await overwritePageOf('row-100')
    await (await openStored()).stored.close()
    undo.length = 0
    const { opened, world } = await goOn(before)
    await until(world, hasEnded(world, batchId))
    expect(faults).toHaveLength(1)
    expect(await world.types(batchId)).toContain('batch.planned_again')
    expect(new Set((await world.output(batchId)).map((line) => line['custom_id'])).size).toBe(REQUESTS)
    expect((await opened.notices())[0]?.detail).toContain('Read again from their input files: nightly')
  })

  it('that was removed is noticed by the log: its batch is read again', async () => {
    const { world: before, batchId } = await partlyRun()
    for (const suffix of ['', '-wal', '-shm']) await rm(file + suffix, { force: true })
    const { opened, world } = await goOn(before)
    await until(world, hasEnded(world, batchId))
    expect((await world.output(batchId)).length).toBe(REQUESTS)
    expect((await opened.notices())[0]?.detail).toContain(`${file} lacks requests that the log tells of.`)
  })

  it('names ended batches that lack requests, and leaves their result files alone', async () => {
    const { stored } = await openStored()
    const first = await openWorld(() => chatReply(answer), { stores: { state, requests: stored.requests }, parallel: 50 })
    const batchId = await first.submit({ lines: REQUESTS })
    await until(first, hasEnded(first, batchId))
    await first.stop()
    await stored.close()
    undo.length = 0
    await overwritePageOf('row-100')
    const { opened, world } = await goOn(first)
    const joined: string[] = []
    for await (const line of world.batches.lines(batchId, 'joined')) joined.push(line)
    expect(joined).toHaveLength(REQUESTS)
    expect((await opened.notices())[0]?.detail).toMatch(new RegExp(`Of 1 ended batches requests are missing.*${batchId}`))
    expect((await world.output(batchId)).length).toBe(REQUESTS)
  })
})
