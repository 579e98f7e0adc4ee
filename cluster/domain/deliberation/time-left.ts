import { isStopped } from './consensus.ts'
import { DEBATE } from './estimate.ts'
import { phasesAhead } from './plan.ts'
import type { RunState } from './state.ts'
import type { PhaseEstimate, PhaseName, RunEstimate } from './types.ts'

/** A phase as its time is judged. Milliseconds; a skipped one takes none. */
export interface PhaseTimes {
  readonly phase: PhaseName
  readonly state: 'planned' | 'running' | 'done' | 'skipped'
  readonly started_at: number | null
  readonly ended_at: number | null
  /** By the estimate before the start. */
  readonly expected_ms: number | null
  /** How much it should write and read by the estimate, in tokens written; 0 where that is not known. */
  readonly expected_tokens: number
}

/**
 * How long the phases take, as a multiple of what they should. Where no time was estimated each should take what the closed ones took
 * for their tokens; without tokens, what they took on average.
 */
export interface Pace {
  readonly likely: number
  /** Of the slowest phase, the one that runs included as far as it is. */
  readonly slowest: number
  readonly closed: number
  readonly isEstimated: boolean
  readonly expectedMs: (phase: PhaseTimes) => number
}

/** The pace so far; null while there is nothing to go by. Checks take no time to speak of. */
function paceOf(phases: readonly PhaseTimes[], now: number): Pace | null {
  const called = phases.filter(({ phase }) => phase !== 'check')
  const closed = called.filter(({ state }) => state === 'done')
  const isEstimated = called.every((phase) => phase.expected_ms !== null)
  if (!isEstimated && closed.length === 0) return null
  const taken = sum(closed, tookMs(now))
  const expectedMs = isEstimated ? (phase: PhaseTimes) => phase.expected_ms ?? 0 : expectedByClosed(closed, taken)
  const planned = sum(closed, expectedMs)
  const likely = planned > 0 ? taken / planned : 1
  const seen = called.filter((phase) => (phase.state === 'done' || phase.state === 'running') && expectedMs(phase) > 0)
  const slowest = Math.max(likely, ...seen.map((phase) => tookMs(now)(phase) / expectedMs(phase)))
  return { likely, slowest, closed: closed.length, isEstimated, expectedMs }
}

function expectedByClosed(closed: readonly PhaseTimes[], takenMs: number): Pace['expectedMs'] {
  const tokens = sum(closed, ({ expected_tokens }) => expected_tokens)
  return ({ phase, expected_tokens }) => {
    if (phase === 'check') return 0
    return tokens > 0 ? (takenMs * expected_tokens) / tokens : takenMs / closed.length
  }
}

/** What is left of a run, in milliseconds: likely, and what it stays below nine times of ten. */
interface Outlook {
  readonly p50Ms: number
  readonly p90Ms: number
  readonly pace: Pace
}

/** Closed phases from which on their own pace says how it varies. */
const ENOUGH_PHASES = 2
/** An open phase has at least this share of its time before it, however long it has run: its last answer is not in. */
const LEAST_LEFT = 0.1

/**
 * What open and planned phases still take; null while there is nothing to go by. At worst all that is left goes as slowly as the slowest
 * phase so far. Before two phases have closed that says little of how they vary: till then at least as much slower as `worstShare` says.
 * A phase that runs over may take half as long again as it has run over, at worst as long.
 */
export function outlookOf(phases: readonly PhaseTimes[], worstShare: number, now: number): Outlook | null {
  const pace = paceOf(phases, now)
  if (!pace) return null
  const worst = pace.closed < ENOUGH_PHASES ? Math.max(pace.slowest, pace.likely * worstShare) : pace.slowest
  return {
    p50Ms: leftMs(phases, pace, pace.likely, 0.5, now),
    p90Ms: leftMs(phases, pace, worst, 1, now),
    pace,
  }
}

function leftMs(
  phases: readonly PhaseTimes[],
  { likely, expectedMs }: Pace,
  factor: number,
  overrunShare: number,
  now: number,
): number {
  const open = phases.filter(({ state }) => state === 'running')
  const planned = phases.filter(({ state }) => state === 'planned')
  const openMs = (phase: PhaseTimes) => {
    const overrunMs = Math.max(0, tookMs(now)(phase) - likely * expectedMs(phase))
    const leastMs = LEAST_LEFT * factor * expectedMs(phase) + overrunShare * overrunMs
    return Math.max(factor * expectedMs(phase) - tookMs(now)(phase), leastMs)
  }
  return factor * sum(planned, expectedMs) + sum(open, openMs)
}

/** How much slower than likely the estimate is at worst, where nothing is measured. */
const UNMEASURED_SHARE = 2

/** How much longer than likely a run may take, as a multiple, before its own phases say more. */
export function worstShareOf({ duration_ms, duration_worst_ms }: RunEstimate): number {
  return duration_ms && duration_worst_ms ? duration_worst_ms / duration_ms : UNMEASURED_SHARE
}

/** A prompt is read about this many times as fast as an answer is written. */
const READ_FASTER = 10

/** What each phase should take by the estimate. Samples of a baseline are drawn beside the debate, whose phases take as much longer. */
export function expectedPhases(
  estimate: RunEstimate,
): readonly (Pick<PhaseTimes, 'phase' | 'expected_ms' | 'expected_tokens'> & Pick<PhaseEstimate, 'round' | 'calls'>)[] {
  const { phases, baseline, duration_ms } = estimate
  const debate = phases.filter(({ phase }) => DEBATE.includes(phase))
  const total = (parts: readonly PhaseEstimate[], of: (part: PhaseEstimate) => number) =>
    parts.reduce((all, part) => all + of(part), 0)
  const ms = ({ duration_ms: own }: PhaseEstimate) => own ?? 0
  const afterMs = total(phases, ms) - total(debate, ms)
  const debateTokens = total(debate, tokensOf)
  const stretch = (part: number, whole: number) => (baseline && part > 0 ? Math.max(1, whole / part) : 1)
  const slowerMs = stretch(total(debate, ms), (duration_ms ?? 0) - afterMs)
  const slowerTokens = stretch(debateTokens, debateTokens + (baseline ? tokensOf(baseline) : 0))
  return phases.map((each) => {
    const [byMs, byTokens] = DEBATE.includes(each.phase) ? [slowerMs, slowerTokens] : [1, 1]
    return {
      phase: each.phase,
      round: each.round,
      calls: each.calls,
      expected_ms: each.duration_ms === null ? null : Math.round(each.duration_ms * byMs),
      expected_tokens: Math.round(tokensOf(each) * byTokens),
    }
  })
}

const tokensOf = ({ tokens_in, tokens_out }: Pick<PhaseEstimate, 'tokens_in' | 'tokens_out'>): number =>
  tokens_out + tokens_in / READ_FASTER

/** The phases of a run in motion that were started or are still to come. */
export function phaseTimes(state: RunState): readonly PhaseTimes[] {
  const phases = expectedPhases(state.spec.estimate)
  const expected = (phase: PhaseName, round: number) => {
    const found = phases.find((each) => each.phase === phase && each.round === round)
    return { expected_ms: found?.expected_ms ?? null, expected_tokens: found?.expected_tokens ?? 0 }
  }
  const started = state.steps.map(({ phase, round, startedAt, endedAt }): PhaseTimes => ({
    phase,
    state: endedAt === null ? 'running' : 'done',
    started_at: startedAt,
    ended_at: endedAt,
    ...expected(phase, round),
  }))
  const ahead = phasesAhead(state).filter((planned) => !isStopped(state, planned))
  return [
    ...started,
    ...ahead.map(({ phase, round }): PhaseTimes => ({
      phase,
      state: 'planned',
      started_at: null,
      ended_at: null,
      ...expected(phase, round),
    })),
  ]
}

const tookMs =
  (now: number) =>
  ({ started_at, ended_at }: PhaseTimes): number =>
    (ended_at ?? now) - (started_at ?? now)

const sum = (phases: readonly PhaseTimes[], ms: (phase: PhaseTimes) => number): number =>
  phases.reduce((total, phase) => total + ms(phase), 0)
