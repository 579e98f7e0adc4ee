import * as format from '../../../lib/format.ts'
import { Absent } from '../../../ui/absent.tsx'
import { Shape } from '../../../ui/icons.tsx'
import { Panel } from '../../../ui/panel.tsx'
import type { Baseline, Board } from '../shapes.ts'
import './baseline-panel.css'
import { failureWords } from './failure-words.ts'
import { MarkedText } from './marked-text.tsx'
import { RetryCall } from './retry-call.tsx'
import { WholeText } from './whole-text.tsx'

/** Independent samples beside the debate, and what the debate gained over them. They stand apart: none of them can win. */
export function BaselinePanel({ board }: { board: Board }) {
  const { baseline, spec } = board
  if (baseline === null || spec.baseline === null) return null
  const planned = spec.baseline.agents.length
  const given = baseline.samples.filter((sample) => sample.content !== null).length
  const [first] = spec.baseline.agents
  const note =
    baseline.skipped === null ? `${given} of ${format.counted(planned, 'sample')} of ${first?.label ?? 'one model'}` : 'not drawn'
  return (
    <Panel title="Baseline" note={note} className="baseline">
      <p className="t12">{baseline.comparison.statement}</p>
      <p className="t11 fg3">
        Each sample answers the task alone, without critique or revision, and is scored blind among the final texts. One run
        proves little: compare several.
      </p>
      {baseline.samples.length > 0 && <Samples board={board} baseline={baseline} />}
    </Panel>
  )
}

type Sample = Baseline['samples'][number]

function Samples({ board, baseline }: { board: Board; baseline: Baseline }) {
  return (
    <table className="baseline-samples" aria-label="Samples of the baseline">
      <colgroup>
        <col className="sample-id" />
        <col span={3} className="sample-score" />
        <col className="sample-tokens" />
        <col />
      </colgroup>
      <thead>
        <tr>
          <th scope="col">Sample</th>
          <th scope="col" className="num">
            Score
          </th>
          <th scope="col" className="num">
            Checks
          </th>
          <th scope="col" className="num">
            Rubric
          </th>
          <th scope="col" className="num">
            Tok out
          </th>
          <th scope="col">Text</th>
        </tr>
      </thead>
      <tbody>
        {baseline.samples.map((sample) => (
          <tr key={sample.sample_id}>
            <th scope="row" className="mono">
              {sample.sample_id}
            </th>
            <Score value={sample.place?.score ?? null} reason={sample.place ? 'nobody has scored it' : 'not ranked yet'} />
            <Score value={sample.place?.checks_score ?? null} reason={sample.place ? 'no check ran' : 'not ranked yet'} />
            <Score value={sample.place?.rubric_score ?? null} reason={sample.place ? 'nobody has scored it' : 'not ranked yet'} />
            <td className="num">
              {sample.call.tokens_out === null ? <Absent reason="it has not ended" /> : format.integer(sample.call.tokens_out)}
            </td>
            <td>
              <SampleText board={board} sample={sample} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Score({ value, reason }: { value: number | null; reason: string }) {
  return <td className="num">{value === null ? <Absent reason={reason} /> : format.score(value)}</td>
}

function SampleText({ board, sample }: { board: Board; sample: Sample }) {
  const { call, content, content_ref, sample_id } = sample
  if (content === null) {
    return (
      <span className="row wrap">
        {call.status === 'failed' && <Shape name="bad" />}
        <span className={call.status === 'failed' ? 'bad' : 'fg2'}>{withoutText(call)}</span>
        <RetryCall board={board} call={call} />
      </span>
    )
  }
  return (
    <details>
      <summary>{content_ref ? format.bytes(content_ref.size) : format.counted(content.split('\n').length, 'line')}</summary>
      <div className="baseline-text" tabIndex={0} role="region" aria-label={`Text of ${sample_id}`}>
        <MarkedText text={content} />
        <WholeText taskId={board.spec.task_id} reference={content_ref} />
      </div>
    </details>
  )
}

function withoutText({ status, error, error_type }: Sample['call']): string {
  switch (status) {
    case 'open':
      return 'is being written'
    case 'late':
      return 'not in when the texts were checked'
    case 'failed':
      return `${error_type === null ? 'failed' : failureWords[error_type]}: ${error ?? 'no cause was recorded'}`
    case 'done':
      return 'no text'
  }
}
