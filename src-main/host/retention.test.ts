import { afterEach, expect, it } from 'vitest'
import { completedRun, openPlaneUnderTest } from '../../cluster/entries/plane-under-test.ts'
import { watchNotices } from './feeds/notices.ts'
import { keepRetention } from './retention.ts'

let undo: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const step of undo.reverse()) await step()
  undo = []
})

it('the host removes what is due when it starts, and a notice says what went and what that freed', async () => {
  const plane = await openPlaneUnderTest()
  undo.push(() => plane.stop())
  const taskId = await completedRun(plane)

  const stopping = new AbortController()
  const { signal } = stopping
  const noBatches = { liveChanged: () => () => undefined, shedding: () => null }
  const notices = watchNotices({ ...plane, batches: noBatches }, signal)
  expect((await notices.next()).value).toMatchObject({ type: 'snapshot' })
  // Everything that ended before the end of this day: as if it were kept for no time at all.
  const kept = keepRetention(
    plane,
    () => Promise.resolve(-1),
    signal,
    (fault) => expect.unreachable(String(fault)),
  )
  expect((await notices.next()).value).toMatchObject({
    type: 'new',
    notices: [{ severity: 'info', title: '1 run expired', link: '/local/settings/storage' }],
  })
  await expect.poll(() => plane.queries().row(taskId, Date.now())).toBeUndefined()
  stopping.abort()
  await kept
})
