import * as format from '../../../lib/format.ts'
import type { Board } from '../shapes.ts'
import { critiquesOf, problemStates, revisionMayCome, versionsOf, type ProblemState } from './reviews.ts'

const SHOWN = 3

/** The problems that the last critic named, and what became of each. */
export function CritiqueList({ board, agentId, onOpen }: { board: Board; agentId: string; onOpen: () => void }) {
  const entry = critiquesOf(board, agentId).at(-1)
  if (!entry) return <div className="critique-list empty-critique">{emptyWords(board, agentId)}</div>
  const revision = versionsOf(board, agentId).find((version) => version.round === entry.round)
  const states = problemStates(entry, revision, revisionMayCome(board, agentId, entry.round))
  return (
    <div className="critique-list">
      <div className="row critique-head">
        <span className="cut">
          Round {entry.round} critique by <span className="mono">{entry.critic_id}</span>
        </span>
        <span className="push nowrap">{format.clock(entry.at, true)}</span>
      </div>
      <ul>
        {states.slice(0, SHOWN).map((state) => (
          <li key={state.problem.id} data-problem={state.problem.id}>
            <ProblemButton state={state} />
            <span className="cut" title={state.problem.text}>
              {state.problem.text}
            </span>
            <StatusWord state={state} />
          </li>
        ))}
        {states.length === 0 && <li className="no-problems">Found no problems</li>}
      </ul>
      {states.length > SHOWN && (
        <button type="button" className="link t11" onClick={onOpen}>
          {states.length - SHOWN} more
        </button>
      )}
    </div>
  )
}

function emptyWords(board: Board, agentId: string): string {
  if (board.spec.rounds === 0 || !board.spec.peer_review) return 'This run has no critiques.'
  const hasEnded = board.row.ended_at !== null
  if (versionsOf(board, agentId).length === 0) return hasEnded ? 'It wrote nothing to criticise.' : 'Nothing to criticise yet.'
  return !hasEnded ? 'No critique of it yet.' : 'No critique of it came.'
}

export function ProblemMark({ state }: { state: ProblemState }) {
  const tone = state.status === 'answered' ? 'answered' : state.problem.severity
  return (
    <span className={`problem-mark ${tone}`} title={`${state.problem.severity} problem`}>
      {state.problem.id}
    </span>
  )
}

/** The mark as a way to what the problem quotes, inside an element that has `problemLinks`. */
export function ProblemButton({ state }: { state: ProblemState }) {
  const tone = state.status === 'answered' ? 'answered' : state.problem.severity
  return (
    <button
      type="button"
      className={`problem-mark ${tone}`}
      title={`${state.problem.severity} problem`}
      data-problem={state.problem.id}
    >
      {state.problem.id}
    </button>
  )
}

const words: Readonly<Record<ProblemState['status'], { readonly text: string; readonly tone: string }>> = {
  answered: { text: 'Answered', tone: 'good' },
  kept: { text: 'Kept', tone: 'fg3' },
  open: { text: 'Open', tone: 'bad' },
  'not stated': { text: 'Not stated', tone: 'fg3' },
  waiting: { text: 'Not yet', tone: 'fg3' },
}

function StatusWord({ state }: { state: ProblemState }) {
  const { text, tone } = words[state.status]
  return (
    <span className={`t11 nowrap ${tone}`} title={state.note === '' ? undefined : state.note}>
      {text}
    </span>
  )
}
