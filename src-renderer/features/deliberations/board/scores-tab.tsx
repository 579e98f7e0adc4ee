import * as format from '../../../lib/format.ts'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { InspectorSection } from '../../../ui/page.tsx'
import { SectionTitle } from '../../../ui/panel.tsx'
import type { Board } from '../shapes.ts'
import { spreadInWords } from './lineage.ts'
import { givenScores, judgedRequirements, receivedScores, type GivenScore } from './peer-scores.ts'
import { RequirementList } from './requirement-list.tsx'
import { ScoreParts } from './score-parts.tsx'
import { seriesColour } from './series.ts'
import type { Standing } from './standings.ts'

/** Who gave what to this text and why; what this agent gave to the others. */
export function ScoresTab({ board, standing }: { board: Board; standing: Standing }) {
  const received = receivedScores(board, standing.agentId)
  const judged = judgedRequirements(board, standing.agentId)
  const given = givenScores(board, standing.agentId)
  return (
    <>
      {standing.score !== null && (
        <InspectorSection>
          <ScoreParts standing={standing} rubricWeight={board.spec.rubric_weight} />
        </InspectorSection>
      )}
      {judged.length > 0 && (
        <InspectorSection>
          <RequirementList judged={judged} quotes />
        </InspectorSection>
      )}
      {received.length === 0 && (
        <InspectorSection>
          <EmptyState title="No peer scores">{noScores(board)}</EmptyState>
        </InspectorSection>
      )}
      {received.map(({ criterion, weight, scores }, at) => (
        <InspectorSection key={criterion}>
          <SectionTitle note={noteOf(weight, scores)}>
            <i className="series-dot" style={{ background: seriesColour(at) }} />
            {criterion}
          </SectionTitle>
          <ul className="peer-scores">
            {scores.map((score) => (
              <PeerScore key={score.scorerId} who={score.scorerId} score={score} />
            ))}
          </ul>
        </InspectorSection>
      ))}
      {given.length > 0 && (
        <InspectorSection>
          <SectionTitle note="blind, in an order of its own">Gave to others</SectionTitle>
          <ul className="peer-scores">
            {given.map((entry) => (
              <li key={entry.authorId}>
                <span className="mono t12">{entry.authorId}</span>
                <span className="fg3 t11">shown {ordinal(entry.position + 1)}</span>
                <span className="num">{entry.mean === null ? '–' : entry.mean.toFixed(1)}</span>
              </li>
            ))}
          </ul>
        </InspectorSection>
      )}
    </>
  )
}

function noteOf(weight: number, scores: readonly GivenScore[]): string {
  const spread = spreadInWords(scores.map((score) => score.expected ?? score.stated))
  return `weight ${weight.toFixed(2)}; 0 to 10${spread === '' ? '' : `; ${spread}`}`
}

function noScores(board: Board): string {
  if (!board.spec.peer_scoring) return 'The run was launched without peer scoring.'
  return board.row.ended_at === null
    ? 'The other agents score this text blind after the last round; their reasons will be here.'
    : 'No peer scored this text before the run ended.'
}

function PeerScore({ who, score }: { who: string; score: GivenScore }) {
  const used = score.expected ?? score.stated
  return (
    <li>
      <span className="mono t12">{who}</span>
      <span className="fg3 t11">
        {score.expected === null ? 'stated' : `expected; stated ${score.stated}`}, shown {ordinal(score.position + 1)}
      </span>
      <b className="num">{score.expected === null ? String(used) : used.toFixed(2)}</b>
      <p className="fg2">{score.reason === '' ? 'No reason given.' : score.reason}</p>
    </li>
  )
}

function ordinal(place: number): string {
  const rest = place % 100
  const ending = rest >= 11 && rest <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th')
  return `${format.integer(place)}${ending}`
}
