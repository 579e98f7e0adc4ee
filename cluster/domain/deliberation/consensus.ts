import { phasesAhead, type PlannedPhase } from './plan.ts'
import type { RunState } from './state.ts'
import type { RunEvent } from './types.ts'

type RoundsStopped = Extract<RunEvent, { type: 'deliberation.rounds_stopped' }>['data']

/** Why there need be no further rounds; null while the agents still move or differ. Asked when a round has closed. */
export function consensus(state: RunState): RoundsStopped | null {
  return unchanged(state) ?? agreed(state)
}

/** At least one revision came, and each left its text as it was but for white space. A lost revision says nothing either way. */
function unchanged(state: RunState): RoundsStopped | null {
  const { spec, round, phase, stoppedAfter } = state
  if (!spec.consensus_stop || stoppedAfter !== null || phase !== 'revise') return null
  if (!phasesAhead(state).some((planned) => planned.phase === 'critique')) return null
  const revised = [...state.texts.values()].filter((texts) => texts.at(-1)?.round === round)
  const areSame = revised.every((texts) => plain(texts.at(-1)?.content) === plain(texts.at(-2)?.content))
  if (revised.length === 0 || !areSame) return null
  const message = `Round ${round} left every text as it was (${revised.length} of ${state.texts.size} revised), so no further round was held.`
  return { round, reason: 'unchanged', mean_cosine: null, message }
}

/** The texts are as alike as the run asks for, by what was measured and recorded before this round. */
function agreed({ spec, round, stoppedAfter, measured }: RunState): RoundsStopped | null {
  const wanted = spec.consensus_cosine
  if (wanted === null || stoppedAfter !== null || measured?.at !== 'round' || measured.round !== round) return null
  if (measured.diversity === null) return null
  const mean_cosine = Math.round((1 - measured.diversity) * 1e6) / 1e6
  if (mean_cosine < wanted) return null
  const when = round === 0 ? 'The proposals' : `After round ${round} the texts`
  const message = `${when} agree at a mean cosine of ${mean_cosine.toFixed(3)} (wanted: ${wanted}; ${measured.embedding_model}), so no further round was held.`
  return { round, reason: 'agreed', mean_cosine, message }
}

/** A round that the run's own option left out. */
export function isStopped({ stoppedAfter }: RunState, { phase, round }: PlannedPhase): boolean {
  return stoppedAfter !== null && round > stoppedAfter && (phase === 'critique' || phase === 'revise')
}

const plain = (text: string | undefined): string => (text ?? '').replaceAll(/\s+/g, ' ').trim()
