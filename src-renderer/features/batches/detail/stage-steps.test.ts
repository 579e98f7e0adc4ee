import { expect, it } from 'vitest'
import { batchDetail, batchLive, batchRow } from '../../../lib/sample-batches.ts'
import { stageSteps } from './stage-steps.ts'

it('a batch that waits says which place in line it has', () => {
  const detail = batchDetail(batchRow({ status: 'queued', started_at: null }), {
    stages: [{ stage: 'queued', state: 'now', started_at: 0, ended_at: null, note: '' }],
  })
  const live = batchLive({ queue: { position: 3, ahead: 2 } })
  expect(stageSteps(detail, live, 60_000)[0]?.what).toContain('number 3 in line')
  expect(stageSteps(detail, null, 60_000)[0]?.what).toHaveLength(1)
})
