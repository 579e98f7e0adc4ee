import type { ShapeName, Tone } from '../../../ui/icons.tsx'
import type { Board, Row } from '../shapes.ts'

export type Outcome = Board['outcomes'][number]['outcome']

interface OutcomeWords {
  readonly word: string
  readonly tone: Tone
  readonly shape: ShapeName
}

export const outcomeWords: Readonly<Record<NonNullable<Row['outcome']>, OutcomeWords>> = {
  accepted: { word: 'Accepted', tone: 'good', shape: 'good' },
  rejected: { word: 'Rejected', tone: 'bad', shape: 'bad' },
  corrected: { word: 'Corrected', tone: 'info', shape: 'info' },
}

/** The proposal that an outcome speaks of: the winner's, else the one shown; null where there is none to speak of. */
export function judgedAgent(board: Board, shown: string | null): string | null {
  const hasText = (id: string | null | undefined): id is string => board.versions.some((version) => version.agent_id === id)
  const winner = board.selection?.agent_id
  if (hasText(winner)) return winner
  return hasText(shown) ? shown : (board.versions[0]?.agent_id ?? null)
}

/** Why no outcome can be given now; null when one can. */
export function outcomeBlocked(board: Board): string | null {
  if (board.row.ended_at === null) return 'The run has not ended.'
  return board.versions.length === 0 ? 'The run ended without a proposal.' : null
}
