import { isStopped } from './consensus.ts'
import { phasesAhead } from './plan.ts'
import type { RunState } from './state.ts'
import type { PhaseName } from './types.ts'

/** A phase as its time is judged. Milliseconds; a skipped one takes none. */
export interface PhaseTimes {
  readonly phase: PhaseName
  readonly state: 'planned' | 'running' | 'done' | 'skipped'
  readonly started_at: number | null
  readonly ended_at: number | null
  /** By the estimate before the start. */
  readonly expected_ms: number | null
}

/** How long the phases take, as a multiple of what they should. Without an estimate each should take what the closed ones took on average. */
export interface Pace {
  readonly likely: number
  /** Of the slowest phase, the one that runs included as far as it is. */
  readonly slowest: number
  readonly closed: number
  readonly isEstimated: boolean
  readonly expectedMs: (phase: PhaseTimes) => number
}

/** The pace so far; null while there is nothing to go by. Checks take no time to speak of. */
export function paceOf(phases: readonly PhaseTimes[], now: number): Pace | null {
  const called = phases.filter(({ phase }) => phase !== 'check')
  const closed = called.filter(({ state }) => state === 'done')
  const isEstimated = called.every((phase) => phase.expected_ms !== null)
  if (!isEstimated && closed.length === 0) return null
  const taken = sum(closed, tookMs(now))
  const expectedMs = isEstimated
    ? (phase: PhaseTimes) => phase.expected_ms ?? 0
    : ({ phase }: PhaseTimes) => (phase === 'check' ? 0 : taken / closed.length)
  const planned = sum(closed, expectedMs)
  const likely = planned > 0 ? taken / planned : 1
  const seen = called.filter((phase) => (phase.state === 'done' || phase.state === 'running') && expectedMs(phase) > 0)
  const slowest = Math.max(likely, ...seen.map((phase) => tookMs(now)(phase) / expectedMs(phase)))
  return { likely, slowest, closed: closed.length, isEstimated, expectedMs }
}

/** What open and planned phases still take at the likely pace. */
export function likelyLeftMs(phases: readonly PhaseTimes[], pace: Pace, now: number): number {
  return leftMs(phases, pace, pace.likely, now, () => 0)
}

/** The same at a worse pace; a phase that runs over may take as long again as it has run over. */
export function worstLeftMs(phases: readonly PhaseTimes[], pace: Pace, factor: number, now: number): number {
  return leftMs(phases, pace, factor, now, (open) => tookMs(now)(open) - pace.likely * pace.expectedMs(open))
}

function leftMs(
  phases: readonly PhaseTimes[],
  { expectedMs }: Pace,
  factor: number,
  now: number,
  leastOpenMs: (open: PhaseTimes) => number,
): number {
  const open = phases.filter(({ state }) => state === 'running')
  const planned = phases.filter(({ state }) => state === 'planned')
  const openMs = (phase: PhaseTimes) => Math.max(0, factor * expectedMs(phase) - tookMs(now)(phase), leastOpenMs(phase))
  return factor * sum(planned, expectedMs) + sum(open, openMs)
}

/** The phases of a run in motion that were started or are still to come. */
export function phaseTimes(state: RunState): readonly PhaseTimes[] {
  const { phases } = state.spec.estimate
  const expected = (phase: PhaseName, round: number) =>
    phases.find((each) => each.phase === phase && each.round === round)?.duration_ms ?? null
  const started = state.steps.map(({ phase, round, startedAt, endedAt }): PhaseTimes => ({
    phase,
    state: endedAt === null ? 'running' : 'done',
    started_at: startedAt,
    ended_at: endedAt,
    expected_ms: expected(phase, round),
  }))
  const ahead = phasesAhead(state).filter((planned) => !isStopped(state, planned))
  return [
    ...started,
    ...ahead.map(({ phase, round }): PhaseTimes => ({
      phase,
      state: 'planned',
      started_at: null,
      ended_at: null,
      expected_ms: expected(phase, round),
    })),
  ]
}

const tookMs =
  (now: number) =>
  ({ started_at, ended_at }: PhaseTimes): number =>
    (ended_at ?? now) - (started_at ?? now)

const sum = (phases: readonly PhaseTimes[], ms: (phase: PhaseTimes) => number): number =>
  phases.reduce((total, phase) => total + ms(phase), 0)
