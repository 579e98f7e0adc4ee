import { useMemo } from 'react'
import * as format from '../../../../lib/format.ts'
import type { Board } from '../../shapes.ts'
import { openCallDoing } from '../agent-doing.ts'
import { ProblemMark } from '../critique-list.tsx'
import { useNow } from '../../../../lib/clock.ts'
import { useLiveView } from '../live-context.ts'
import { LiveText } from '../live-text.tsx'
import { MarkedText } from '../marked-text.tsx'
import { givenScores } from '../peer-scores.ts'
import { problemStates, revisionMayCome } from '../reviews.ts'
import { CheckShape } from '../standing-cells.tsx'
import { foldedOf } from './folded-text.ts'
import type { Message, MessageBody } from './messages.ts'

interface BodyProps {
  board: Board
  message: Message
  searched: string
  unfolded: boolean
  onFold: (unfolded: boolean) => void
}

/** What was said, in the form of its phase. */
export function Body({ board, message, ...fold }: BodyProps) {
  const { body, call } = message
  switch (body.kind) {
    case 'text':
      return (
        <>
          <Answers version={body.version} />
          <FoldedText text={body.version.content} {...fold} />
        </>
      )
    case 'critique':
      return <CritiqueBody board={board} entry={body.entry} />
    case 'scores':
      return <ScoresBody board={board} scorerId={message.agentId} />
    case 'checks':
      return <ChecksBody checks={body.checks} />
    case 'selection':
      return <FoldedText text={body.selection.reason} {...fold} />
    case 'failed':
      return (
        <>
          <p className="t12">{call?.error ?? 'No cause was recorded.'}</p>
          {call?.raw != null && <FoldedText text={call.raw} raw {...fold} />}
        </>
      )
    case 'lost':
      return <p className="t12 fg2">The call ended, and its answer could not be used.</p>
    case 'late':
      return <p className="t12 fg2">Not in when the phase closed at its quorum; it counts for nothing.</p>
    case 'open':
      return <OpenBody board={board} message={message} />
  }
}

/** Above this a text is shown as it was written: taking it apart as Markdown would hold up the page. */
const MARKDOWN_CHARACTERS = 64_000

function FoldedText({
  text,
  searched,
  unfolded,
  onFold,
  raw = false,
}: Pick<BodyProps, 'searched' | 'unfolded' | 'onFold'> & { text: string; raw?: boolean }) {
  const folded = useMemo(() => foldedOf(text, searched), [text, searched])
  const isWhole = folded.text.length >= text.length
  const shown = unfolded ? text : folded.text
  return (
    <>
      {!unfolded && folded.linesBefore > 0 && <p className="message-cut">{format.counted(folded.linesBefore, 'line')} before</p>}
      {raw || shown.length > MARKDOWN_CHARACTERS ? <pre className="raw-output">{shown}</pre> : <MarkedText text={shown} />}
      {!isWhole && (
        <button type="button" className="link t11 message-fold" aria-expanded={unfolded} onClick={() => onFold(!unfolded)}>
          {unfolded ? 'Fold' : `Show all ${format.counted(text.split('\n').length, 'line')}`}
        </button>
      )}
    </>
  )
}

const answerWords = { answered: 'answered', kept: 'kept as it is', open: 'left open', 'not stated': 'not spoken of' } as const

function Answers({ version }: { version: Extract<MessageBody, { kind: 'text' }>['version'] }) {
  if (version.answers.length === 0) return null
  return (
    <ul className="message-points">
      {version.answers.map((answer) => (
        <li key={answer.problem_id}>
          <span className={answer.status === 'answered' ? 'problem-mark answered' : 'problem-mark'}>{answer.problem_id}</span>
          <span>
            {answerWords[answer.status]}
            {answer.note === '' ? '' : `: ${answer.note}`}
          </span>
        </li>
      ))}
    </ul>
  )
}

function CritiqueBody({ board, entry }: { board: Board; entry: Extract<MessageBody, { kind: 'critique' }>['entry'] }) {
  const revision = board.versions.find((version) => version.agent_id === entry.target_id && version.round === entry.round)
  const states = problemStates(entry, revision, revisionMayCome(board, entry.target_id, entry.round))
  return (
    <>
      <ul className="message-points">
        {states.map((state) => (
          <li key={state.problem.id}>
            <ProblemMark state={state} />
            <span>
              {state.problem.text}
              {state.problem.quote !== '' && <q className="message-quote">{state.problem.quote}</q>}
            </span>
          </li>
        ))}
        {states.length === 0 && <li className="plain fg3">Found no problems.</li>}
      </ul>
      {entry.critique.strengths.length > 0 && (
        <p className="t12 fg2">
          <b className="med">Strengths.</b> {entry.critique.strengths.join(' ')}
        </p>
      )}
      <p className="t11 fg3">
        {entry.critique.criteria.map((criterion) => `${criterion.name} ${format.score(criterion.score)}`).join(', ')}
      </p>
    </>
  )
}

function ScoresBody({ board, scorerId }: { board: Board; scorerId: string }) {
  const scores = board.scores.find((entry) => entry.scorer_id === scorerId)?.scores ?? []
  return (
    <ul className="message-points scores">
      {givenScores(board, scorerId).map((given) => {
        const reasons = scores.find((score) => score.author_id === given.authorId)?.criteria ?? []
        return (
          <li key={given.authorId}>
            <b className="med num">{given.mean === null ? '–' : given.mean.toFixed(1)}</b>
            <span>
              <span className="mono">{given.authorId}</span>{' '}
              <span className="fg2">
                {reasons
                  .filter((criterion) => criterion.reason !== '')
                  .map((criterion) => `${criterion.name}: ${criterion.reason}`)
                  .join(' ')}
              </span>
            </span>
          </li>
        )
      })}
    </ul>
  )
}

function ChecksBody({ checks }: { checks: Extract<MessageBody, { kind: 'checks' }>['checks'] }) {
  return (
    <ul className="message-points">
      {checks.map((check) => (
        <li key={check.check}>
          <CheckShape check={check} />
          <span>
            {check.check} {check.status}
            {check.message === '' ? '' : `: ${check.message}`}
          </span>
        </li>
      ))}
      {checks.length === 0 && <li className="plain fg3">No check applied to this text.</li>}
    </ul>
  )
}

function OpenBody({ board, message }: { board: Board; message: Message }) {
  const live = useLiveView(message.key)
  const now = useNow()
  if (message.call === null) return null
  const doing = openCallDoing(board, message.call, live, 0, null, now)
  return (
    <>
      <p className="t12 fg2">{doing.sentence}</p>
      {live !== undefined && live.length > 0 && (
        <div className="message-live">
          <LiveText callKey={message.key} label={`${message.agentId} writes`} />
        </div>
      )}
    </>
  )
}
