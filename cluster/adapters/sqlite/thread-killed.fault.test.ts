import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { sampleEvent, sampleWork } from '../../ports/conformance/samples.ts'
import { UnavailableError } from '../../ports/errors.ts'
import { openSqliteContext } from './context.ts'

const writerModule = new URL('./writer-thread.ts', import.meta.url)
const restarts = { limit: 5, firstDelayMs: 5, healthyMs: 0 }
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

let directory: string
let threads: Worker[]
const onWorker = (worker: Worker) => void threads.push(worker)
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-thread-'))
  threads = []
  process.on('worker', onWorker)
})
afterEach(async () => {
  process.off('worker', onWorker)
  await rm(directory, { recursive: true })
})

it(
  'loses no acknowledged write and doubles none when the thread that writes is ended again and again under load',
  { timeout: 120_000 },
  async () => {
    const context = await openSqliteContext({ file: join(directory, 'context.db'), writerModule, restarts })
    const kills = 8
    const acknowledged: string[] = []
    const refused: unknown[] = []
    const load = new AbortController()

    /** As the plane's callers do it: at least once, under the sequence that was read. */
    async function appendUntilStopped(subject: string): Promise<void> {
      let last = 0
      for (let number = 0; !load.signal.aborted;) {
        try {
          const result = await context.log.append(subject, last, [sampleEvent(`${subject}.${number}`)])
          if (result.kind === 'appended') {
            acknowledged.push(`${subject}.${number}`)
            last = result.sequence
          } else last = result.actual
          number += 1
        } catch (fault) {
          refused.push(fault)
          await wait(1)
        }
      }
    }

    const writers = Array.from({ length: 6 }, (_, index) => appendUntilStopped(`run.${index}`))
    for (let kill = 0; kill < kills; kill++) {
      await wait(30 + Math.random() * 60)
      await threads.at(-1)?.terminate()
      await expect.poll(() => context.trouble(), { timeout: 20_000 }).toBeNull()
    }
    load.abort()
    await Promise.all(writers)
    const stored = (await context.log.readAfter(0, Number.MAX_SAFE_INTEGER)).flatMap(({ events }) => events.map(({ id }) => id))
    await context.close()

    expect(threads.length).toBe(kills + 1)
    expect(refused.every((fault) => fault instanceof UnavailableError)).toBe(true)
    expect(new Set(stored).size).toBe(stored.length)
    const held = new Set(stored)
    expect(acknowledged.filter((id) => !held.has(id))).toEqual([])
    expect(acknowledged.length).toBeGreaterThan(kills)
  },
)

it('leaves the leases of its readers as they are when the thread is started again', async () => {
  const context = await openSqliteContext({ file: join(directory, 'context.db'), writerModule, restarts })
  await context.work.publish('a', sampleWork('run', 'a'))
  const held = await context.work.pull(60_000, AbortSignal.timeout(5_000))
  await threads.at(-1)?.terminate()
  expect(await held?.extend()).toBe('held')
  expect(await context.work.depth()).toEqual({ waiting: 0, leased: 1 })
  await held?.ack()
  expect(await context.work.depth()).toEqual({ waiting: 0, leased: 0 })
  await context.close()
})
