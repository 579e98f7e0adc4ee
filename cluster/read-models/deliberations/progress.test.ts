import { describe, expect, it } from 'vitest'
import { expectedPhases } from '../../domain/deliberation/index.ts'
import type { RunEstimate } from '../../messages/deliberation.ts'
import type { BoardPhase } from '../../messages/deliberation-views.ts'
import { expectedEnd, pacedPhases } from './progress.ts'

const phase = (
  state: BoardPhase['state'],
  expected_ms: number | null,
  times: [number, number | null] | null = null,
  expected_tokens = 0,
): BoardPhase => ({
  phase: 'propose',
  round: 0,
  state,
  expected: 3,
  received: 0,
  failed: 0,
  started_at: times?.[0] ?? null,
  ended_at: times?.[1] ?? null,
  expected_ms,
  expected_tokens,
})

/** By the estimate a run may take twice as long as it probably does. */
const WORST = 2

describe('where a run will end, likely and nine times of ten', () => {
  it.each<[string, BoardPhase[], number, [number | null, number | null]]>([
    ['is what the estimate says at the start', [phase('running', 100, [0, null]), phase('planned', 200)], 0, [300, 600]],
    ['stays while the open phase is within its time', [phase('running', 100, [0, null]), phase('planned', 200)], 60, [300, 600]],
    [
      'moves on with an open phase that takes longer than expected, of which something is always left',
      [phase('running', 100, [0, null]), phase('planned', 200)],
      150,
      [385, 620],
    ],
    [
      'follows closed phases that took twice as long',
      [phase('done', 100, [0, 200]), phase('running', 100, [200, null])],
      200,
      [400, 600],
    ],
    [
      'takes the average of closed phases where nothing is known of them',
      [phase('done', null, [0, 50]), phase('running', null, [50, null])],
      60,
      [100, 150],
    ],
    [
      'weighs phases by their tokens where no time was estimated',
      [phase('done', null, [0, 50], 100), phase('running', null, [50, null], 40), phase('planned', null, null, 500)],
      60,
      [320, 590],
    ],
    ['is unknown while there is nothing to go by', [phase('running', null, [0, null])], 10, [null, null]],
    ['passes over phases that will not run', [phase('running', 100, [0, null]), phase('skipped', 500)], 0, [100, 200]],
  ])('%s', (_name, phases, now, [expected_end, expected_end_p90]) => {
    expect(expectedEnd(phases, WORST, 10_000, now)).toEqual({ expected_end, expected_end_p90 })
  })

  it('is told no more from the deadline on', () => {
    expect(expectedEnd([phase('running', 100, [0, null])], WORST, 200, 200).expected_end).toBeNull()
  })

  it('goes by the pace that each phase is shown with', () => {
    const phases = [phase('done', 100, [0, 200]), phase('running', 100, [200, null]), phase('planned', 300)]
    expect(pacedPhases(phases, WORST, 200).map(({ expected_ms }) => expected_ms)).toEqual([100, 200, 600])
    expect(expectedEnd(phases, WORST, 10_000, 200).expected_end).toBe(200 + 200 + 600)
  })

  it('leaves time for the samples of a baseline, which are drawn beside the debate', () => {
    const own = { calls: 1, tokens_in: 0, cost_micro_usd: 0 }
    const estimate: RunEstimate = {
      ...own,
      phases: [
        { ...own, phase: 'propose', round: 0, tokens_out: 100, duration_ms: 100 },
        { ...own, phase: 'score', round: 0, tokens_out: 50, duration_ms: 50 },
      ],
      baseline: { ...own, tokens_out: 200, duration_ms: 200 },
      tokens_out: 350,
      duration_ms: 350,
      duration_worst_ms: 700,
      cost_worst_micro_usd: 0,
      basis: '',
    }
    expect(expectedPhases(estimate).map(({ expected_ms, expected_tokens }) => [expected_ms, expected_tokens])).toEqual([
      [300, 300],
      [50, 50],
    ])
  })
})
