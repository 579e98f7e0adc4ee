import { expect, it } from 'vitest'
import { batchDetail, batchLive, batchRow } from '../../../lib/sample-batches.ts'
import { stageSteps } from './stage-steps.ts'

const dash = (reason: string) => `– ${reason}`

it('a stage says how long it usually takes, and stands out once it takes longer', () => {
  const usual = { low_ms: 20_000, high_ms: 50_000, batches: 4 }
  const detail = batchDetail(batchRow(), {
    stages: [{ stage: 'finalizing', state: 'now', started_at: 0, ended_at: null, note: '', usual }],
  })
  const [soon] = stageSteps(detail, null, 30_000, dash)
  expect([soon?.what?.at(-1), soon?.tone]).toEqual(['usually 20\u00a0s to 50\u00a0s, 4\u00a0batches', undefined])
  const [late] = stageSteps(detail, null, 60_000, dash)
  expect([late?.what?.at(-1), late?.tone]).toEqual(['longer than usual: 20\u00a0s to 50\u00a0s, 4\u00a0batches', 'warn'])
})

it('a batch that waits says which place in line it has', () => {
  const detail = batchDetail(batchRow({ status: 'queued', started_at: null }), {
    stages: [{ stage: 'queued', state: 'now', started_at: 0, ended_at: null, note: '' }],
  })
  const live = batchLive({ queue: { position: 3, ahead: 2 } })
  expect(stageSteps(detail, live, 60_000, dash)[0]?.what).toContain('number 3 in line')
  expect(stageSteps(detail, null, 60_000, dash)[0]?.what).toHaveLength(2)
})
