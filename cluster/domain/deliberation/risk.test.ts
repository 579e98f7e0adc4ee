import { describe, expect, it } from 'vitest'
import { decideRisk, lookAtRisk, watchRisk } from './risk.ts'
import { sampleSpec } from './sample-runs.ts'
import { applyEvents, type RunState } from './state.ts'
import type { PhaseName, RiskChanged, RunEvent, RunSpec } from './types.ts'

const S = 1000
const LOOK = 5 * S

/** Four phases with calls of 40 s each by the estimate, twice that at worst. */
function specWith(deadlineS: number, expected: number | null = 40 * S): RunSpec {
  const spec = sampleSpec({ rounds: 1, deadline: deadlineS * S })
  const phases = spec.estimate.phases.map((each) => ({ ...each, duration_ms: each.phase === 'check' ? 0 : expected }))
  const [duration_ms, duration_worst_ms] = expected === null ? [null, null] : [4 * expected, 8 * expected]
  return { ...spec, estimate: { ...spec.estimate, phases, duration_ms, duration_worst_ms } }
}

const started = (phase: PhaseName, round: number): RunEvent => ({
  type: 'deliberation.phase_started',
  data: { phase, round, expected: ['agent-developer-001'] },
})

const PLAN = [started('propose', 0), started('critique', 1), started('revise', 1), started('check', 1), started('score', 1)]

/** A run whose phases start at these seconds, looked at every 5 s until `untilS`; what is told of goes into its log. */
function watched(spec: RunSpec, startsS: readonly number[], untilS: number) {
  let state: RunState = applyEvents(undefined, [{ type: 'deliberation.submitted', data: { spec } }], 0)
  let watch = watchRisk(state, 0)
  const told: (RiskChanged & { readonly atS: number })[] = []
  let next = 0
  for (let now = 0; now <= untilS * S; now += LOOK) {
    for (; next < startsS.length && (startsS[next] ?? 0) * S <= now; next++) {
      const event = PLAN[next]
      if (event) state = applyEvents(state, [event], (startsS[next] ?? 0) * S)
    }
    const look = lookAtRisk(watch, state, now)
    watch = look.watch
    if (!look.change) continue
    state = applyEvents(state, decideRisk(state, look.change), now)
    told.push({ ...look.change, atS: now / S })
  }
  return { state, told, course: told.map(({ to, atS }) => `${to} at ${atS}`) }
}

describe('a run with a deadline', () => {
  it.each<[string, RunSpec, number[], number, string[]]>([
    ['on track tells nothing', specWith(600), [0, 40, 80, 120, 121], 150, []],
    ['is at risk after two looks where the estimate at its worst would be late', specWith(300), [0], 30, ['at_risk at 5']],
    ['will miss it after two looks where the estimate as such is late', specWith(150), [0], 30, ['breaching at 5']],
    [
      'is at risk, then sure to miss it, while a phase hangs',
      specWith(400),
      [0, 40, 80],
      380,
      ['at_risk at 205', 'breaching at 285'],
    ],
    [
      'will miss it as soon as its phases prove slower than estimated',
      specWith(330),
      [0, 40, 180],
      190,
      ['at_risk at 130', 'breaching at 185'],
    ],
    [
      'is at risk, then sure to miss it, where only its last phase hangs',
      specWith(400),
      [0, 40, 80, 120, 120],
      390,
      ['at_risk at 280', 'breaching at 325'],
    ],
    ['without an estimate is judged by its closed phases', specWith(120, null), [0, 40], 60, ['breaching at 45']],
    ['without an estimate tells nothing before a phase has closed', specWith(120, null), [0], 110, []],
  ])('%s', (_, spec, startsS, untilS, course) => {
    expect(watched(spec, startsS, untilS).course).toEqual(course)
  })

  it('says when it will end, likely and at worst, and why that is late', () => {
    const { told } = watched(specWith(330), [0, 40, 180], 190)
    expect(told[1]).toEqual({
      from: 'at_risk',
      to: 'breaching',
      expected_end: [360 * S, 460 * S],
      why: 'Probably done 1 m late, 2 m late at worst. Its phases take 2.3 times as long as estimated.',
      atS: 185,
    })
  })

  it('names the phase that hangs', () => {
    const { told } = watched(specWith(400), [0, 40, 80], 250)
    expect(told[0]?.why).toBe(
      'Probably done 2 m before the deadline, 28 s late at worst. The revise phase has run for 125 s, 40 s were expected.',
    )
  })

  it('goes on after a restart from what was told, and tells it no second time', () => {
    const { state } = watched(specWith(300), [0], 30)
    let watch = watchRisk(state, 35 * S)
    const changes = [35, 40, 45].map((atS) => {
      const look = lookAtRisk(watch, state, atS * S)
      watch = look.watch
      return look.change
    })
    expect(changes).toEqual([null, null, null])
  })

  it('keeps what another process told of first, and goes on from it', () => {
    const { state } = watched(specWith(600), [0], 30)
    const change: RiskChanged = { from: 'on_track', to: 'at_risk', expected_end: [0, 0], why: '' }
    const after = applyEvents(state, decideRisk(state, change), 30 * S)
    expect(decideRisk(after, { ...change, to: 'breaching' })).toEqual([])
    const stale = lookAtRisk(watchRisk(state, 25 * S), after, 35 * S)
    expect(stale.change).toBeNull()
    expect(stale.watch.sla.state).toBe('at_risk')
  })
})
