import { phasesAhead, type PlannedPhase } from './plan.ts'
import type { RunState } from './state.ts'

/**
 * Why there need be no further rounds, in words; null while the agents still move. Asked when a round of revisions has closed:
 * at least one revision came, and each left its text as it was but for white space. A lost revision says nothing either way.
 */
export function consensus(state: RunState): string | null {
  const { spec, round, phase, stoppedAfter } = state
  if (!spec.consensus_stop || stoppedAfter !== null || phase !== 'revise') return null
  if (!phasesAhead(state).some((planned) => planned.phase === 'critique')) return null
  const revised = [...state.texts.values()].filter((texts) => texts.at(-1)?.round === round)
  const areSame = revised.every((texts) => plain(texts.at(-1)?.content) === plain(texts.at(-2)?.content))
  if (revised.length === 0 || !areSame) return null
  return `Round ${round} left every text as it was (${revised.length} of ${state.texts.size} revised), so no further round was held.`
}

/** A round that the run's own option left out. */
export function isStopped({ stoppedAfter }: RunState, { phase, round }: PlannedPhase): boolean {
  return stoppedAfter !== null && round > stoppedAfter && (phase === 'critique' || phase === 'revise')
}

const plain = (text: string | undefined): string => (text ?? '').replaceAll(/\s+/g, ' ').trim()
