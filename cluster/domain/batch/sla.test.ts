import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isViolation, lookAtSla, resumeSlaClock, type SlaChange, type SlaClock, type SlaLook } from './sla.ts'
import type { SlaState } from './types.ts'

const HOUR = 3_600_000
const TICK = 15_000
const fresh = resumeSlaClock({ state: 'estimating', since: 0 }, false, 0)

interface Seen extends Partial<SlaLook> {
  readonly e: number
  readonly p50?: number
  readonly p90?: number
}

function lookOf({ e, p50 = 0, p90 = p50, ...more }: Seen, finishedRequests: number): SlaLook {
  return {
    at: 1_000_000 + e * HOUR,
    awakeMs: TICK,
    ageMs: e * HOUR,
    windowMs: 24 * HOUR,
    eta: { at: 0, p50_ms: p50 * HOUR, p90_ms: p90 * HOUR, source: 'measured' },
    finishedRequests,
    work: 'working',
    isSlotFree: true,
    p99LatencyMs: 1000,
    ...more,
  }
}

/** Looks one after the other; a request is finished between two looks unless the look says otherwise. */
function watch(looks: readonly Seen[], from: SlaClock = fresh) {
  let clock = from
  const changes: SlaChange[] = []
  const states: SlaState[] = []
  for (const [index, look] of looks.entries()) {
    const next = lookAtSla(clock, lookOf(look, look.finishedRequests ?? from.finishedRequests + index + 1))
    clock = next.clock
    changes.push(...next.changes)
    states.push(clock.state)
  }
  return { clock, changes, states, kinds: changes.map((each) => (each.kind === 'state' ? each.to : each.kind)) }
}
const times = (count: number, look: Seen): Seen[] => Array.from({ length: count }, () => look)

describe('check 3: of 24 h', () => {
  test.each<[string, Seen, string[]]>([
    ['at 3 h with 7 h to go the batch is on track', { e: 3, p50: 7, p90: 7.17 }, ['on_track']],
    [
      'at 12 h and at worst 7.5 h to go it is inside the buffer (19.5 h of 19.2 h)',
      { e: 12, p50: 6, p90: 7.5 },
      ['inside_buffer'],
    ],
    ['at 12 h and at worst 12.5 h to go it is at risk', { e: 12, p50: 6, p90: 12.5 }, ['at_risk']],
    ['at 20 h with 4.5 h to go it is breaching', { e: 20, p50: 4.5 }, ['sla_elapsed', 'breaching']],
    ['at 24 h unfinished it is breached', { e: 24 }, ['breached', 'sla_elapsed']],
    [
      'at 16.9 h with half an hour to go it is on track, and the warning comes once',
      { e: 16.9, p90: 0.5 },
      ['sla_elapsed', 'on_track'],
    ],
    ['at 16.7 h the warning does not come', { e: 16.7, p90: 0.5 }, ['on_track']],
  ])('%s', (_name, look, kinds) => {
    expect(watch(times(3, look)).kinds).toEqual(kinds)
  })
})

describe('a state', () => {
  const onTrack = watch(times(2, { e: 3, p50: 7 })).clock

  test('is entered at the second look in a row', () => {
    expect(watch(times(2, { e: 12, p90: 12.5 }), onTrack).states).toEqual(['on_track', 'at_risk'])
  })

  test('is not entered by two looks with a better one between them', () => {
    const bad = { e: 12, p90: 12.5 }
    expect(watch([bad, { e: 12, p90: 1 }, bad, { e: 12, p90: 1 }], onTrack).changes).toEqual([])
  })

  test('is the milder of two that were seen in a row', () => {
    expect(
      watch(
        [
          { e: 12, p90: 12.5 },
          { e: 12, p50: 13 },
        ],
        onTrack,
      ).states,
    ).toEqual(['on_track', 'at_risk'])
  })

  const atRisk = watch(times(2, { e: 12, p90: 12.5 }), onTrack).clock

  test('at_risk is left after 5 minutes with P90 at most 0.95 of what is left', () => {
    const cleared = { e: 12, p90: 11.4 }
    expect(watch(times(19, cleared), atRisk).changes).toEqual([])
    expect(watch(times(20, cleared), atRisk).kinds).toEqual(['inside_buffer'])
    expect(watch(times(100, { e: 12, p90: 11.5 }), atRisk).changes).toEqual([])
  })

  test('the 5 minutes begin anew when it does not hold once', () => {
    const looks = [...times(19, { e: 12, p90: 11.4 }), { e: 12, p90: 11.5 }, ...times(19, { e: 12, p90: 11.4 })]
    expect(watch(looks, atRisk).changes).toEqual([])
  })

  test('inside_buffer is left after 5 minutes with the worst end at most 0.75 of the window', () => {
    const inside = watch(times(2, { e: 12, p90: 7.5 }), onTrack).clock
    expect(watch(times(100, { e: 12, p90: 6.1 }), inside).changes).toEqual([])
    expect(watch(times(20, { e: 12, p90: 6 }), inside).kinds).toEqual(['on_track'])
  })

  test('goes from breaching to on track at once where all has cleared', () => {
    const breaching = watch(times(2, { e: 12, p50: 13 }), onTrack).clock
    expect(watch(times(20, { e: 12, p90: 1 }), breaching).kinds).toEqual(['on_track'])
  })

  test('stays what it is while the time left is not measured', () => {
    expect(watch(times(50, { e: 12, eta: null }), atRisk).changes).toEqual([])
    const estimate = { at: 0, p50_ms: 99 * HOUR, p90_ms: 99 * HOUR, source: 'estimate' as const }
    expect(watch(times(3, { e: 3, eta: estimate })).states).toEqual(['estimating', 'estimating', 'estimating'])
  })
})

describe('violations', () => {
  const count = (changes: readonly SlaChange[]) =>
    changes.filter((change) => change.kind === 'state' && isViolation(change)).length
  const bad = { e: 12, p90: 12.5 }
  const good = { e: 12, p90: 1 }

  test('check 13: step once per transition, not per look', () => {
    expect(count(watch([...times(2, good), ...times(50, bad)]).changes)).toBe(1)
  })

  test('check 13: of a batch that has recovered step again when it enters again', () => {
    const looks = [...times(2, good), ...times(9, bad), ...times(40, good), ...times(9, bad)]
    expect(watch(looks).kinds).toEqual(['on_track', 'at_risk', 'on_track', 'at_risk'])
    expect(count(watch(looks).changes)).toBe(2)
  })

  test('step for each worse state, and not on the way back', () => {
    const looks = [...times(2, bad), ...times(2, { e: 12, p50: 13 }), ...times(30, { e: 12, p50: 11, p90: 13 }), { e: 24 }]
    expect(watch(looks).kinds).toEqual(['at_risk', 'breaching', 'at_risk', 'breached', 'sla_elapsed'])
    expect(count(watch(looks).changes)).toBe(3)
  })
})

test('a batch in the background has no level and no warning, but its stall is told', () => {
  const late = { e: 200, p50: 50, windowMs: Infinity, finishedRequests: 0 }
  const { states, kinds } = watch(times(9, late), resumeSlaClock({ state: 'at_risk', since: 0 }, false, 0))
  expect([new Set(states), kinds]).toEqual([new Set(['estimating']), ['estimating', 'stalled']])
})

describe('check 4: a stall', () => {
  const still = (seconds: number, look: Partial<SlaLook>) => times(seconds / 15, { e: 1, finishedRequests: 0, ...look })

  test.each<[string, Seen[], number]>([
    ['is told of a batch that finishes nothing for 60 s', still(60, {}), 1],
    ['is not told before', still(45, {}), 0],
    ['is told once while it lasts', still(600, {}), 1],
    ['is told after five times the slowest latency', still(120, { p99LatencyMs: 30_000 }), 0],
    ['is told then', still(150, { p99LatencyMs: 30_000 }), 1],
    ['is told of a batch that was never measured', still(60, { p99LatencyMs: null, eta: null }), 1],
    ['is told of a batch that has not started 600 s after a slot was free', still(600, { work: 'unstarted' }), 1],
    ['is not told of it before', still(585, { work: 'unstarted' }), 0],
    ['is not told while no slot is free', still(6000, { work: 'unstarted', isSlotFree: false }), 0],
    ['is not told of a batch that is held', still(6000, { work: 'held' }), 0],
    ['is not told for time that was slept through', still(600, { awakeMs: 0 }), 0],
  ])('%s', (_name, looks, told) => {
    expect(watch(looks).changes.filter(({ kind }) => kind === 'stalled')).toHaveLength(told)
  })

  test('is told again after a request was finished', () => {
    const looks = [...still(60, {}), { e: 1, finishedRequests: 1 }, ...still(60, { finishedRequests: 1 })]
    expect(watch(looks).changes.filter(({ kind }) => kind === 'stalled')).toHaveLength(2)
  })
})

describe('after a restart', () => {
  const resumed = resumeSlaClock({ state: 'at_risk', since: 7 }, true, 500)

  test('a batch that is still at risk is not told of again', () => {
    const { states, changes } = watch(times(5, { e: 20, p50: 2, p90: 5 }), resumed)
    expect(new Set(states)).toEqual(new Set(['at_risk']))
    expect(changes).toEqual([])
  })

  test('one that has recovered is so after 5 minutes', () => {
    expect(watch(times(25, { e: 12, p90: 1 }), resumed).kinds).toEqual(['on_track'])
  })
})

test.each(['met', 'missed'] as const)('a batch that is settled as %s stays so', (state) => {
  expect(watch([{ e: 25 }], resumeSlaClock({ state, since: 0 }, true, 0)).states).toEqual([state])
})

test('the state moves by legal transitions only, whatever is seen, and time of day moves nothing', () => {
  const legal: Record<SlaState, readonly SlaState[]> = {
    estimating: ['on_track', 'inside_buffer', 'at_risk', 'breaching', 'breached'],
    on_track: ['inside_buffer', 'at_risk', 'breaching', 'breached'],
    inside_buffer: ['on_track', 'at_risk', 'breaching', 'breached'],
    at_risk: ['on_track', 'inside_buffer', 'breaching', 'breached'],
    breaching: ['on_track', 'inside_buffer', 'at_risk', 'breached'],
    breached: [],
    met: [],
    missed: [],
  }
  const look = fc.record({
    step: fc.integer({ min: 0, max: HOUR / 2 }),
    jump: fc.integer({ min: -40 * HOUR, max: 40 * HOUR }),
    p50: fc.integer({ min: 0, max: 30 * HOUR }),
    spread: fc.integer({ min: 0, max: 10 * HOUR }),
    isMeasured: fc.boolean(),
    finished: fc.boolean(),
    work: fc.constantFrom('working' as const, 'unstarted' as const, 'held' as const),
  })
  fc.assert(
    fc.property(fc.array(look, { maxLength: 80 }), (looks) => {
      const play = (jumps: boolean) => {
        let clock = fresh
        let ageMs = 0
        let finishedRequests = 0
        const changes: SlaChange[] = []
        for (const { step, jump, p50, spread, isMeasured, finished, work } of looks) {
          ageMs += step
          if (finished) finishedRequests += 1
          const next = lookAtSla(clock, {
            ...lookOf({ e: 0, work, p99LatencyMs: 1000 }, finishedRequests),
            at: jumps ? jump : ageMs,
            awakeMs: Math.min(step, 60_000),
            ageMs,
            eta: isMeasured ? { at: 0, p50_ms: p50, p90_ms: p50 + spread, source: 'measured' } : null,
          })
          clock = next.clock
          changes.push(...next.changes)
        }
        return changes
      }
      const changes = play(false)
      for (const change of changes) if (change.kind === 'state') expect(legal[change.from]).toContain(change.to)
      expect(changes.filter(({ kind }) => kind === 'sla_elapsed').length).toBeLessThanOrEqual(1)
      expect(play(true)).toEqual(changes)
    }),
  )
})
