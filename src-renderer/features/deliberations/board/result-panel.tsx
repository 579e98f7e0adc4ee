import * as format from '../../../lib/format.ts'
import { Panel } from '../../../ui/panel.tsx'
import { Shape } from '../../../ui/icons.tsx'
import type { Board } from '../shapes.ts'
import { CopyText } from './copy-text.tsx'
import { MarkedText } from './marked-text.tsx'
import { judgedRequirements, receivedScores } from './peer-scores.ts'
import { RequirementList } from './requirement-list.tsx'
import './result-panel.css'
import { versionsOf } from './reviews.ts'
import { ScoreParts } from './score-parts.tsx'
import type { Standing, Standings } from './standings.ts'
import { WholeText } from './whole-text.tsx'

/** The outcome: the winner's text, why it won, its score with parts and reasons. */
export function ResultPanel({
  board,
  standings,
  onOpenScores,
}: {
  board: Board
  standings: Standings
  onOpenScores: (agentId: string) => void
}) {
  const winnerId = board.selection?.agent_id ?? standings.rows.find((row) => row.rank === 1)?.agentId
  const winner = standings.rows.find((row) => row.agentId === winnerId)
  const text = winner && versionsOf(board, winner.agentId).at(-1)
  if (!winner || !text) return null
  const title = board.row.status === 'COMPLETED' ? 'Result' : 'Best text that was there'
  const name = text.round === 0 ? 'its proposal' : `its revision ${text.round}`
  return (
    <Panel
      title={title}
      note={`${winner.agentId}, ${name}, ${text.content_ref ? format.bytes(text.content_ref.size) : format.counted(text.content.split('\n').length, 'line')}`}
      aside={!text.content_ref && <CopyText text={text.content} />}
      className="result"
      flush
    >
      <div className="result-body">
        <div className="result-text" tabIndex={0} role="region" aria-label={`${title}: text of ${winner.agentId}`}>
          <MarkedText text={text.content} />
          <WholeText taskId={board.spec.task_id} reference={text.content_ref} />
        </div>
        <div className="result-why">
          <Reason board={board} winner={winner} standings={standings} />
          {winner.score === null ? (
            <p className="t12 fg2">Unscored: no check ran and no peer scored it, so tokens and names decided the order.</p>
          ) : (
            <ScoreParts standing={winner} rubricWeight={board.spec.rubric_weight} />
          )}
          <RequirementList judged={judgedRequirements(board, winner.agentId)} />
          <Reasons board={board} agentId={winner.agentId} onOpenScores={() => onOpenScores(winner.agentId)} />
        </div>
      </div>
    </Panel>
  )
}

function Reason({ board, winner, standings }: { board: Board; winner: Standing; standings: Standings }) {
  const { selection } = board
  const by =
    selection?.by === 'architect'
      ? `Chosen by the architect among the top ${Math.min(board.spec.architect_k, board.ranking.length)}`
      : `First of ${standings.rows.filter((row) => row.rank !== null).length} in the ranking`
  return (
    <div className="result-reason">
      <p className="t12">
        <b className="med">{`${by}.`}</b> {selection?.reason}
      </p>
      {selection?.architect_error != null && (
        <p className="row top t12">
          <Shape name="warn" />
          <span>The architect gave no usable choice, so rank 1 stands: {selection.architect_error}</span>
        </p>
      )}
      {winner.scoreSource === 'stated' && <p className="t11 fg3">Scores are as stated: the engine shows no probabilities.</p>}
    </div>
  )
}

const SHOWN = 4

function Reasons({ board, agentId, onOpenScores }: { board: Board; agentId: string; onOpenScores: () => void }) {
  const reasons = receivedScores(board, agentId).flatMap(({ criterion, scores }) =>
    scores.filter((score) => score.reason !== '').map((score) => ({ criterion, ...score })),
  )
  if (reasons.length === 0) return null
  return (
    <>
      <ul className="result-reasons">
        {reasons.slice(0, SHOWN).map((reason) => (
          <li key={`${reason.criterion}.${reason.scorerId}`}>
            <span className="fg3 t11">
              <span className="mono">{reason.scorerId}</span> on {reason.criterion},{' '}
              {(reason.expected ?? reason.stated).toFixed(1)} of 10
            </span>
            <p>{reason.reason}</p>
          </li>
        ))}
      </ul>
      <button type="button" className="link t12" onClick={onOpenScores}>
        {reasons.length > SHOWN ? `All ${reasons.length} reasons` : 'All scores'}
      </button>
    </>
  )
}
