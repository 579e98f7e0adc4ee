import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { DeliberationQueries } from '../read-models/deliberations/queries.ts'
import { openEmbeddedReadModels } from './embedded-read-models.ts'
import { completedRun, openPlaneUnderTest } from './plane-under-test.ts'

let undo: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const step of undo.reverse()) await step()
  undo = []
})

it('keeps the rates and the spend of a purged run in its tombstone, for tables that are built anew from the log', async () => {
  const plane = await openPlaneUnderTest()
  undo.push(() => plane.stop())
  const taskId = await completedRun(plane)
  const figures = (queries: DeliberationQueries) => [
    queries.spendSince(0).costMicroUsd,
    queries.performance(0, Date.now() + 60_000).calls,
  ]
  const before = figures(plane.queries())
  expect(before[1]).toMatchObject({ count: 8 })
  await plane.commands.expire(taskId, 'retention')
  await plane.caughtUp()

  const folder = await mkdtemp(join(tmpdir(), 'rebuilt-'))
  const rebuilt = await openEmbeddedReadModels({ file: join(folder, 'read-models.db'), log: plane.log, onFault: () => undefined })
  undo.push(async () => {
    await rebuilt.close()
    await rm(folder, { recursive: true })
  })
  await rebuilt.caughtUpWith(await plane.log.lastSequence())
  expect([figures(plane.queries()), figures(rebuilt.runs.queries())]).toEqual([before, before])
})
