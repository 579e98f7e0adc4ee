import { useNow } from '../../../lib/clock.ts'
import * as format from '../../../lib/format.ts'
import { Absent } from '../../../ui/absent.tsx'
import { Chip, Tag } from '../../../ui/chip.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { KeyValue } from '../../../ui/key-value.tsx'
import { InspectorSection } from '../../../ui/page.tsx'
import { callKey, type Board, type BoardCall } from '../shapes.ts'
import { capitalised, longPhaseLabel } from '../phase-words.ts'
import { failureWords } from './failure-words.ts'
import { useLiveView } from './live-context.ts'
import { openCallDoing } from './agent-doing.ts'
import { RetryCall } from './retry-call.tsx'
import { isRetryable } from './retryable.ts'
import { WholeText } from './whole-text.tsx'

/** Every call of an agent: tries, tokens, times, what went wrong. */
export function CallsTab({ board, agentId }: { board: Board; agentId: string }) {
  const calls = board.calls.filter((call) => call.agent_id === agentId)
  if (calls.length === 0) {
    return (
      <InspectorSection>
        <EmptyState title="No calls yet">Each model call of this agent will be here with its tries, tokens and times.</EmptyState>
      </InspectorSection>
    )
  }
  return calls.map((call) => (
    <InspectorSection key={callKey(call)}>
      <CallDetail board={board} call={call} />
    </InspectorSection>
  ))
}

/** One call in numbers and words. */
export function CallDetail({ board, call }: { board: Board; call: BoardCall }) {
  const wait = span(call.opened_at, call.started_at)
  const first = span(call.started_at, call.first_token_at)
  const writing = span(call.first_token_at ?? call.started_at, call.ended_at)
  return (
    <div className="call">
      <div className="row">
        <b className="med t12">{longPhaseLabel(call.phase, call.round)}</b>
        <span className="push">
          <CallChip board={board} call={call} />
        </span>
      </div>
      {call.status === 'open' && <OpenCall board={board} call={call} />}
      {call.status === 'late' && (
        <p className="t12 fg2 call-error">
          {`The phase closed at its quorum of ${format.counted(board.spec.quorum ?? 0, 'answer')} before this one was in; it counts for nothing.`}
        </p>
      )}
      {call.error !== null && (
        <p className="t12 call-error">
          <span className={call.error_type === 'cancelled' ? 'med' : 'bad med'}>
            {call.error_type === null ? 'Failed' : capitalised(failureWords[call.error_type])}.
          </span>{' '}
          {call.error}
        </p>
      )}
      {call.status === 'failed' && <Retry board={board} call={call} />}
      {call.earlier.map((each) => (
        <p key={each.attempt} className="t12 fg2 call-error">
          {`Attempt ${each.attempt} ${each.error_type === null ? 'failed' : failureWords[each.error_type]}: ${each.error}`}
        </p>
      ))}
      <div className="row wrap call-marks">
        {call.attempt > 1 && <Tag title="An operator had this call made again">attempt {call.attempt}</Tag>}
        {call.served_model !== null && <Tag mono>{call.served_model}</Tag>}
        {call.attempts > 1 && <Tag>{call.attempts} tries</Tag>}
        {call.truncated && <Tag title="The answer reached its token limit">cut at its token limit</Tag>}
        {call.repaired && <Tag title="The first reply was not the JSON asked for">repaired by a second call</Tag>}
        {call.degraded !== null && <Tag title={call.degraded}>degraded: {call.degraded}</Tag>}
      </div>
      {call.status !== 'open' && (
        <KeyValue
          items={[
            [
              'Tokens in, out',
              call.tokens_in === null ? (
                <Absent reason={call.ended_at === null ? 'it has not ended' : 'the engine gave no count'} />
              ) : (
                `${format.integer(call.tokens_in)}, ${format.integer(call.tokens_out ?? 0)}`
              ),
            ],
            ['Waited for a slot', wait ?? <Absent reason="it never started" />],
            ['To the first token', first ?? <Absent reason="the engine does not show it" />],
            ['Writing', <Writing key="writing" call={call} took={writing} />],
            [
              'Ended',
              call.ended_at === null ? (
                <Absent reason="not recorded" />
              ) : (
                <span title={format.fullTime(call.ended_at)}>{format.clock(call.ended_at, true)}</span>
              ),
            ],
            ['Cost', format.cost(call.cost_micro_usd)],
          ]}
        />
      )}
      {call.raw !== null && (
        <details className="raw-details">
          <summary>
            What the model wrote ({call.raw_ref ? format.bytes(call.raw_ref.size) : format.counted(call.raw.length, 'character')})
          </summary>
          <pre className="raw-output">{call.raw}</pre>
          <WholeText taskId={board.spec.task_id} reference={call.raw_ref} />
        </details>
      )}
    </div>
  )
}

function Retry({ board, call }: { board: Board; call: BoardCall }) {
  if (board.row.ended_at !== null || call.error_type === 'cancelled') return null
  if (isRetryable(board, call)) return <RetryCall board={board} call={call} />
  return (
    <p className="t12 fg2 call-error">Its phase has closed: to make it again, re-run with changes once this run has ended.</p>
  )
}

function Writing({ call, took }: { call: BoardCall; took: string | null }) {
  if (took === null) return <Absent reason="nothing was written" />
  const ms = (call.ended_at ?? 0) - (call.first_token_at ?? call.started_at ?? 0)
  const rate =
    call.tokens_out === null || call.attempts > 1 || ms < 500 ? '' : `, ${format.rate((call.tokens_out * 1000) / ms)} tok/s`
  return <>{`${took}${rate}`}</>
}

function OpenCall({ board, call }: { board: Board; call: BoardCall }) {
  const live = useLiveView(callKey(call))
  const now = useNow()
  const doing = openCallDoing(board, call, live, 0, null, now)
  return (
    <p className="t12 fg2 call-error">
      {doing.sentence}
      {doing.side === '' ? '' : `; ${doing.side}`}
    </p>
  )
}

function CallChip({ board, call }: { board: Board; call: BoardCall }) {
  if (call.status === 'done') return <Chip tone="good">Done</Chip>
  if (call.status === 'late') return <Chip tone="neutral">Late</Chip>
  if (call.status === 'failed') {
    const stopped = call.error_type === 'cancelled'
    return (
      <Chip tone={stopped ? 'neutral' : 'bad'} shape={stopped ? 'stop' : undefined}>
        {stopped ? 'Stopped' : 'Failed'}
      </Chip>
    )
  }
  return <OpenChip board={board} call={call} />
}

function OpenChip({ board, call }: { board: Board; call: BoardCall }) {
  const live = useLiveView(callKey(call))
  const doing = openCallDoing(board, call, live, 0, null, 0)
  return (
    <Chip tone={doing.tone} shape={doing.shape}>
      {doing.word}
    </Chip>
  )
}

function span(from: number | null, to: number | null): string | null {
  return from === null || to === null ? null : format.duration(to - from)
}
