import { describe, expect, it } from 'vitest'
import type { BoardPhase } from '../../messages/deliberation-views.ts'
import { expectedEnd } from './progress.ts'

const phase = (
  state: BoardPhase['state'],
  expected_ms: number | null,
  times: [number, number | null] | null = null,
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
})

describe('where a run will end', () => {
  it.each([
    ['is what the estimate says at the start', [phase('running', 100, [0, null]), phase('planned', 200)], 0, 300],
    ['counts down within the open phase', [phase('running', 100, [0, null]), phase('planned', 200)], 60, 300],
    [
      'waits with an open phase that takes longer than expected',
      [phase('running', 100, [0, null]), phase('planned', 200)],
      150,
      350,
    ],
    [
      'follows closed phases that took twice as long',
      [phase('done', 100, [0, 200]), phase('running', 100, [200, null])],
      200,
      400,
    ],
    [
      'takes the average of closed phases where nothing was estimated',
      [phase('done', null, [0, 50]), phase('running', null, [50, null])],
      60,
      100,
    ],
    ['is unknown while there is nothing to go by', [phase('running', null, [0, null])], 10, null],
    ['passes over phases that will not run', [phase('running', 100, [0, null]), phase('skipped', 500)], 0, 100],
  ])('%s', (_name, phases, now, end) => {
    expect(expectedEnd(phases, 10_000, now)).toBe(end)
  })

  it('is told no more from the deadline on', () => {
    expect(expectedEnd([phase('running', 100, [0, null])], 200, 200)).toBeNull()
  })
})
