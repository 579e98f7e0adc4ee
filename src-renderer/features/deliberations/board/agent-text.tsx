import { useMemo } from 'react'
import * as format from '../../../lib/format.ts'
import { phaseLabel } from '../phase-words.ts'
import { callKey, type Board, type BoardCall } from '../shapes.ts'
import { useLiveView } from './live-context.ts'
import { LiveRemarks } from './live-remarks.tsx'
import { LiveText } from './live-text.tsx'
import { MarkedText } from './marked-text.tsx'
import { placeQuotes } from './quotes.ts'
import { critiquesOf, revisedInWords, rewrittenBy, versionsOf } from './reviews.ts'
import { openingOf } from './text-opening.ts'

interface AgentTextProps {
  board: Board
  agentId: string
  /** Its call that runs now. */
  call: BoardCall | null
  onOpen: () => void
}

/** What an agent is writing, or the last text it finished, with what it says of others beneath. */
export function AgentText({ board, agentId, call, onOpen }: AgentTextProps) {
  const live = useLiveView(call ? callKey(call) : null)
  if (call && live && live.length > 0) {
    const label = `${agentId} writes: ${phaseLabel(call.phase, call.round)}`
    if (call.phase !== 'propose' && call.phase !== 'revise')
      return (
        <>
          <FinishedText board={board} agentId={agentId} call={call} onOpen={onOpen} />
          <LiveRemarks callKey={callKey(call)} label={label} />
        </>
      )
    return (
      <>
        <LiveText callKey={callKey(call)} label={label} />
        <Foot onOpen={onOpen}>{streamingInWords(board, call)}</Foot>
      </>
    )
  }
  return <FinishedText board={board} agentId={agentId} call={call} onOpen={onOpen} />
}

function FinishedText({ board, agentId, call, onOpen }: AgentTextProps) {
  const version = versionsOf(board, agentId).at(-1)
  const entry = critiquesOf(board, agentId).at(-1)
  const answers = version && entry && version.round === entry.round ? version.answers : undefined
  const text = version?.content ?? ''
  const quotes = useMemo(
    () => (entry ? placeQuotes(text, entry.critique.problems, answers ?? [], version?.round === entry.version) : []),
    [text, entry, answers, version?.round],
  )
  const opening = useMemo(() => openingOf(text), [text])
  if (!version) return <NoText board={board} agentId={agentId} call={call} />
  const revised = revisedInWords(version)
  const name = version.round === 0 ? 'the proposal' : `revision ${version.round}`
  const note =
    call?.phase === 'revise' && rewrittenBy(board, call) === agentId
      ? `Text of ${name} from ${format.clock(version.at, true)}; revision ${call.round} has not begun.`
      : null
  return (
    <>
      <div className="agent-text" tabIndex={0} role="region" aria-label={`${agentId}: ${name}`}>
        {note !== null && <p className="agent-text-note">{note}</p>}
        <MarkedText text={opening.text} quotes={quotes} />
      </div>
      <Foot onOpen={onOpen}>
        {opening.lines < opening.ofLines
          ? `First ${opening.lines} of ${opening.ofLines} lines${revised}`
          : `All ${format.counted(opening.ofLines, 'line')}${revised}`}
      </Foot>
    </>
  )
}

function streamingInWords(board: Board, call: BoardCall): string {
  const author = call.phase === 'revise' ? rewrittenBy(board, call) : call.agent_id
  return author === call.agent_id ? 'Streaming' : `Streaming its revision of ${author}’s text`
}

function NoText({ board, agentId, call }: { board: Board; agentId: string; call: BoardCall | null }) {
  const failed = board.calls.find(
    (candidate) => candidate.agent_id === agentId && candidate.phase === 'propose' && candidate.status === 'failed',
  )
  return (
    <div className="agent-text" tabIndex={0} role="region" aria-label={`${agentId}: no text`}>
      {failed ? (
        <>
          <p className="t12">
            <span className="bad med">No proposal.</span> {failed.error ?? 'No cause was recorded.'}
          </p>
          {failed.attempts > 1 && <p className="agent-text-note">Tried {failed.attempts} times.</p>}
          {failed.raw !== null && <pre className="raw-output">{failed.raw}</pre>}
        </>
      ) : (
        <p className="agent-text-note">
          {call
            ? noTextYet(call)
            : board.row.ended_at === null
              ? 'No text yet.'
              : 'No text: the run ended before one was finished.'}
        </p>
      )}
    </div>
  )
}

function noTextYet(call: BoardCall): string {
  return call.phase === 'propose' && call.status === 'late'
    ? 'No proposal: it was not in when the phase closed at its quorum.'
    : 'Its text appears here as it is written.'
}

function Foot({ onOpen, children }: { onOpen: () => void; children: string }) {
  return (
    <div className="agent-text-foot">
      <span>{children}</span>
      <button type="button" className="link push" onClick={onOpen}>
        Open
      </button>
    </div>
  )
}
