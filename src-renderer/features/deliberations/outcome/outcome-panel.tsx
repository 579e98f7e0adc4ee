import { Rating } from '@mantine/core'
import { useState } from 'react'
import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { useActions } from '../../../lib/use-actions.ts'
import { ActionButton } from '../../../ui/action-button.tsx'
import { Chip } from '../../../ui/chip.tsx'
import { notify } from '../../../ui/notify.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { Time } from '../../../ui/quantities.tsx'
import { versionsOf } from '../board/reviews.ts'
import type { Board } from '../shapes.ts'
import { CorrectDialog } from './correct-dialog.tsx'
import './outcome.css'
import { judgedAgent, outcomeBlocked, outcomeWords, type Outcome } from './outcome-words.ts'
import { RejectDialog } from './reject-dialog.tsx'

/** What the operator says of an ended run: accept, reject, correct; and what was said before. */
export function OutcomePanel({ board, shownAgent }: { board: Board; shownAgent: string | null }) {
  const host = useHost()
  const last = board.outcomes.at(-1)
  const agentId = judgedAgent(board, shownAgent)
  const version = agentId === null ? undefined : versionsOf(board, agentId).at(-1)
  const text = version?.content
  const tooLarge = version?.content_ref && `The text has ${format.bytes(version.content_ref.size)}: too much to be edited here.`
  const [asking, setAsking] = useState<'reject' | 'correct' | null>(null)
  const [rating, setRating] = useState<number | null>(null)
  const given = rating ?? last?.outcome.rating ?? 0
  const blocked = outcomeBlocked(board)
  const available = blocked === null ? true : { reason: blocked }
  const about = { ...(agentId !== null && { agent_id: agentId }), ...(given > 0 && { rating: given }) }
  const record = async (outcome: Parameters<typeof host.deliberation.recordOutcome>[0]['outcome']) => {
    await host.deliberation.recordOutcome({ task_id: board.row.task_id, outcome })
    notify({ tone: 'good', title: `${outcomeWords[outcome.verdict].word}: ${board.row.title}`, id: 'outcome' })
  }
  useActions([
    {
      id: 'outcome.accept',
      title: 'Accept',
      group: 'Outcome',
      shortcut: 'a',
      available,
      command: true,
      run: () => record({ verdict: 'accepted', ...about }),
    },
    {
      id: 'outcome.reject',
      title: 'Reject…',
      group: 'Outcome',
      shortcut: 'r',
      available,
      command: true,
      run: () => setAsking('reject'),
    },
    {
      id: 'outcome.correct',
      title: 'Correct…',
      group: 'Outcome',
      shortcut: 'e',
      available: blocked === null && tooLarge ? { reason: tooLarge } : available,
      command: true,
      run: () => setAsking('correct'),
    },
  ])
  if (blocked !== null || agentId === null || text === undefined) return null
  return (
    <Panel
      title="Outcome"
      note={last ? undefined : 'what became of the result; the run itself stays as it ended'}
      className="outcome"
    >
      <div className="outcome-now">
        {last ? <Said entry={last} winner={board.selection?.agent_id} /> : <Chip>Not judged yet</Chip>}
        <span className="row push">
          <span className="t12 fg3" id="outcome-rating">
            Rating
          </span>
          <Rating
            aria-labelledby="outcome-rating"
            size="sm"
            value={given}
            onChange={setRating}
            getSymbolLabel={(value) => `${value} of 5`}
          />
          <ActionButton id="outcome.accept" variant={last ? 'default' : 'primary'} icon="check" />
          <ActionButton id="outcome.reject" />
          <ActionButton id="outcome.correct" icon="edit" />
        </span>
      </div>
      {board.outcomes.length > 1 && (
        <details className="outcome-history">
          <summary>{format.counted(board.outcomes.length - 1, 'earlier outcome')}</summary>
          <ol>
            {board.outcomes.slice(0, -1).map((entry) => (
              <li key={entry.at}>
                <Said entry={entry} winner={board.selection?.agent_id} />
              </li>
            ))}
          </ol>
        </details>
      )}
      {asking === 'reject' && (
        <RejectDialog
          agentId={agentId}
          onReject={(reason) => record({ verdict: 'rejected', reason, ...about })}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === 'correct' && (
        <CorrectDialog
          agentId={agentId}
          text={text}
          draft={last?.outcome.verdict === 'corrected' && last.outcome.agent_id === agentId ? last.outcome.correction : text}
          onCorrect={(correction) => record({ verdict: 'corrected', correction, ...about })}
          onClose={() => setAsking(null)}
        />
      )}
    </Panel>
  )
}

function Said({ entry, winner }: { entry: { at: number; outcome: Outcome }; winner: string | undefined }) {
  const { outcome } = entry
  const { word, tone, shape } = outcomeWords[outcome.verdict]
  return (
    <span className="outcome-said">
      <Chip tone={tone} shape={shape}>
        {word}
      </Chip>
      <span className="t12 fg2">
        by {outcome.by}, <Time at={entry.at} />
        {outcome.agent_id !== winner && (
          <>
            , the text of <span className="mono">{outcome.agent_id}</span>
          </>
        )}
        {outcome.rating !== null && `, ${outcome.rating} of 5`}
        {outcome.verdict === 'corrected' && `, ${format.counted(outcome.correction.split('\n').length, 'line')} kept in full`}
      </span>
      {outcome.verdict === 'rejected' && <span className="outcome-reason t12">{outcome.reason}</span>}
    </span>
  )
}
