import { expect, it } from 'vitest'
import type { EndNotice } from '../messages/end-notice.ts'
import { submitDeliberation } from '../messages/deliberation.ts'
import { scriptedFailure } from '../adapters/memory/engines.ts'
import { hang, plainly, startPlane } from './plane-under-test.ts'

it('lets in as many runs as the bound allows, however many come at once, and tells the others when to try again', async () => {
  const world = await startPlane((_call, _tries, signal) => hang(signal), { maxRuns: 2 })
  const run = submitDeliberation.parse({ task: 'Design a retry policy.', role: 'DEV' })
  const results = await Promise.all([1, 2, 3, 4, 5].map((nth) => world.plane.submit(`command-${nth}`, 'spec', run)))
  expect(results.map(({ kind }) => kind).sort()).toEqual(['accepted', 'accepted', 'refused', 'refused', 'refused'])
  for (const result of results)
    if (result.kind === 'refused') expect(result).toMatchObject({ code: 'overloaded', retryAfterMs: 10_000 })
  const first = results.find((result) => result.kind === 'accepted')
  await world.plane.cancel(first?.taskId ?? '', 'spec')
  expect(await world.plane.submit('command-6', 'spec', run)).toMatchObject({ kind: 'accepted' })
})

it.each([
  ['with its results', plainly, { status: 'COMPLETED', successful_responses: 12, failed_responses: 0, failed_agents: [] }],
  [
    'with its error',
    () => {
      throw scriptedFailure('server_error', false)
    },
    { status: 'FAILED', successful_responses: 0, failed_responses: 3, results: [] },
  ],
])('tells those outside the end of a run %s', async (_, script, told) => {
  const notices: EndNotice[] = []
  const publish = (notice: EndNotice) => {
    notices.push(notice)
    return Promise.resolve()
  }
  const world = await startPlane(script, { endNotices: { publish } })
  const taskId = await world.submit({ metadata: { case_id: 'case-7' } })
  await world.ended(taskId)
  await expect.poll(() => notices.length).toBeGreaterThan(0)
  // Whoever publishes them drops what has an id that was told before.
  expect(new Set(notices.map(({ event_id }) => event_id))).toEqual(new Set([`${taskId}.ended`]))
  expect(notices[0]).toMatchObject({ ...told, task_id: taskId, deliberation_id: taskId, case_id: 'case-7', total_agents: 3 })
})
