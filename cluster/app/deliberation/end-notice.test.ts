import { expect, it } from 'vitest'
import type { EndNotice } from '../../messages/end-notice.ts'
import { scriptedFailure } from '../../adapters/memory/engines.ts'
import { plainly, startPlane } from '../plane-under-test.ts'

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
