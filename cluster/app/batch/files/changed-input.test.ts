import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDirectoryBlobs } from '../../../adapters/directory/blobs.ts'
import { chatReply, type UpstreamScript } from '../../../adapters/memory/upstreams.ts'
import { openBatchWorld, requestLine, type BatchWorld, type WorldOptions } from '../batches-under-test.ts'

const open: BatchWorld[] = []
let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'batch-inputs-'))
})
afterEach(async () => {
  for (const world of open.splice(0)) await world.stop()
  await rm(directory, { recursive: true, force: true })
})
async function start(script: UpstreamScript, options?: WorldOptions): Promise<BatchWorld> {
  const world = await openBatchWorld(script, options)
  open.push(world)
  return world
}

const warm = (n: number) => {
  const line = requestLine(n)
  return { ...line, body: { ...(line['body'] as object), temperature: 0.2 } }
}

it('check 10: a changed temperature refuses to resume, after a restart and by hand, until the file is back', async () => {
  let mayAnswer = 3
  const script: UpstreamScript = (_request, _tries, signal) =>
    mayAnswer-- > 0
      ? chatReply('yes')
      : new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
  const first = await openBatchWorld(script, { stores: { blobs: await openDirectoryBlobs(directory) } })
  const batchId = await first.submit({ lines: Array.from({ length: 10 }, (_, n) => warm(n)) })
  await first.until(() => first.batches.live(batchId)?.counts.completed === 3)
  const [submitted] = await first.events(batchId)
  const sha256 = submitted?.type === 'batch.submitted' ? submitted.data.spec.input.sha256 : ''
  await first.stop()

  const file = join(directory, sha256.slice(0, 2), sha256)
  const validated = await readFile(file, 'utf8')
  await writeFile(file, validated.replaceAll('"temperature":0.2', '"temperature":0.9'))
  mayAnswer = Infinity
  const { log, state, requests } = first.ports
  const stores = { log, state, requests, blobs: await openDirectoryBlobs(directory) }
  const second = await start(script, { stores, clock: first.clock })
  // Its file is read from a disk, which this clock does not wait for: on a busy machine a minute of it is over before.
  await second.until(() => second.batches.live(batchId)?.hold?.code === 'paused', 20 * 60_000)
  expect(second.batches.live(batchId)?.hold?.message).toContain('a parameter or the model in it was changed')
  expect(await second.batches.resume(batchId, 'spec')).toMatchObject({ kind: 'refused', code: 'conflict' })
  await second.pass(60_000, 500)
  expect(second.upstreams.calls()).toBe(0)

  await writeFile(file, validated)
  expect(await second.batches.resume(batchId, 'spec')).toEqual({ kind: 'done' })
  expect((await second.ended(batchId)).counts).toMatchObject({ completed: 10, failed: 0 })
})

it('a server that serves another model under the same name gets no more of the batch, and the first one does again', async () => {
  let mayAnswer = 4
  const world = await start(async (_request, _tries, signal) => {
    while (mayAnswer <= 0) await world.clock.sleep(1000, signal)
    mayAnswer -= 1
    return chatReply('yes')
  })
  const [served] = await world.upstreams.served()
  let origin = 'org/first-model'
  const now = () => ({ ...served!, origin })
  Object.assign(world.upstreams, {
    served: () => Promise.resolve([now()]),
    resolve: () => Promise.resolve({ kind: 'found', served: now() }),
  })
  const batchId = await world.submit({ lines: 20 })
  await world.until(() => world.batches.live(batchId)?.counts.completed === 4)
  origin = 'org/second-model'
  await world.pass(20_000, 500)
  mayAnswer = Infinity
  await world.pass(60_000, 500)
  expect(world.batches.live(batchId)).toMatchObject({ running: 0, hold: { code: 'model_changed' } })
  expect(world.batches.live(batchId)?.hold?.message).toContain('org/second-model')
  origin = 'org/first-model'
  expect((await world.ended(batchId)).counts.completed).toBe(20)
})
