import type { RunSortKey } from '../../../../src-preload/contract/deliberation.ts'
import * as format from '../../../lib/format.ts'
import { runState } from '../../../lib/run-words.ts'
import { Absent, Maybe } from '../../../ui/absent.tsx'
import { Chip, Tag } from '../../../ui/chip.tsx'
import { Cost, Tokens } from '../../../ui/quantities.tsx'
import type { PagedColumn } from '../../../ui/paged-table.tsx'
import type { Row } from '../shapes.ts'
import { endWords, progressWords, spareWords, squaresOf } from './row-words.ts'

export interface RunColumn extends PagedColumn<Row> {
  readonly id: RunSortKey | 'spare' | 'models'
  /** What the chooser calls it. */
  readonly name: string
  /** Shown until the operator chooses. */
  readonly usual?: true
}

/** Every column there is, in the usual order. The id of one that sorts is the key it sorts by. */
export function runColumns(now: number): readonly RunColumn[] {
  return [
    { id: 'status', name: 'State', header: 'State', width: 106, usual: true, cell: (row) => <State row={row} /> },
    { id: 'title', name: 'Task', header: 'Task', width: null, usual: true, cell: (row) => <Task row={row} /> },
    { id: 'id', name: 'Id', header: 'Id', width: 140, usual: true, wide: true, mono: true, cell: (row) => row.task_id },
    { id: 'role', name: 'Role', header: 'Role', width: 92, usual: true, cell: (row) => <span className="fg2">{row.role}</span> },
    {
      id: 'models',
      name: 'Models',
      header: 'Models',
      width: 140,
      sortable: false,
      cell: (row) => <span title={row.models.join(', ')}>{row.models.join(', ')}</span>,
    },
    {
      id: 'agents',
      name: 'Agents',
      header: 'N',
      wide: true,
      title: 'Agents',
      width: 40,
      num: true,
      usual: true,
      cell: (row) => <span className="fg2">{row.num_agents}</span>,
    },
    { id: 'progress', name: 'Progress', header: 'Progress', width: 176, usual: true, cell: (row) => <Progress row={row} /> },
    {
      id: 'leader',
      name: 'Leader',
      header: 'Leader',
      width: 82,
      mono: true,
      usual: true,
      cell: (row) => row.leader_id ?? <Absent reason="nothing is ranked" />,
    },
    {
      id: 'score',
      name: 'Score',
      header: 'Score',
      width: 58,
      num: true,
      usual: true,
      cell: (row) => (
        <Maybe value={row.score} reason={row.leader_id === null ? 'nothing is ranked' : 'the leader is unscored'}>
          {(score) => <span className="med">{format.score(score)}</span>}
        </Maybe>
      ),
    },
    {
      id: 'tokens_in',
      name: 'Tokens in',
      header: 'Tok in',
      width: 64,
      num: true,
      cell: (row) => <Tokens count={row.tokens_in} />,
    },
    {
      id: 'tokens_out',
      name: 'Tokens out',
      header: 'Tok out',
      width: 66,
      num: true,
      usual: true,
      wide: true,
      cell: (row) => <Tokens count={row.tokens_out} />,
    },
    {
      id: 'cost',
      name: 'Cost',
      header: 'Cost',
      width: 72,
      num: true,
      usual: true,
      cell: (row) => <Cost microUsd={row.cost_micro_usd} kind="settled" />,
    },
    {
      id: 'took',
      name: 'End or time taken',
      header: 'End / took',
      title: 'When it should end, or how long it took',
      width: 82,
      num: true,
      usual: true,
      cell: (row) => (
        <Maybe value={endWords(row, now)} reason="its end cannot be foretold yet">
          {(words) => <>{words}</>}
        </Maybe>
      ),
    },
    {
      id: 'spare',
      name: 'Spare time',
      header: 'Spare',
      title: 'Time left to the deadline',
      width: 74,
      num: true,
      sortable: false,
      usual: true,
      cell: (row) => <Spare row={row} />,
    },
    {
      id: 'created',
      name: 'Start',
      header: 'Start',
      width: 104,
      num: true,
      usual: true,
      cell: (row) => moment(row.created_at, now),
    },
    {
      id: 'ended',
      name: 'Ended',
      header: 'Ended',
      width: 104,
      num: true,
      cell: (row) => (row.ended_at === null ? <Absent reason="it has not ended" /> : moment(row.ended_at, now)),
    },
    { id: 'deadline', name: 'Deadline', header: 'Deadline', width: 104, num: true, cell: (row) => moment(row.deadline, now) },
    {
      id: 'outcome',
      name: 'Outcome',
      header: 'Outcome',
      width: 82,
      usual: true,
      cell: (row) => row.outcome ?? <Absent reason="nobody has said anything of the result" />,
    },
  ]
}

function moment(at: number, now: number) {
  return (
    <time className="nowrap fg2" dateTime={new Date(at).toISOString()} title={format.fullTime(at)}>
      {format.moment(at, now)}
    </time>
  )
}

function State({ row }: { row: Row }) {
  const { word, tone, shape } = runState(row)
  return (
    <Chip
      tone={tone}
      shape={shape}
      plain={tone !== 'warn' && tone !== 'bad'}
      title={row.message === '' ? undefined : row.message}
    >
      {word}
    </Chip>
  )
}

function Task({ row }: { row: Row }) {
  return (
    <span className="row run-title">
      <span className="med cut" title={row.title}>
        {row.title}
      </span>
      {row.starter && <Tag title="The starter model takes part: for trying the flow, not for answers">starter</Tag>}
    </span>
  )
}

const SQUARE = 10
const WIDTH = 70

function Progress({ row }: { row: Row }) {
  const { done, current, total } = squaresOf(row)
  const step = Math.min(SQUARE, WIDTH / total)
  const words = progressWords(row)
  return (
    <span className="row run-progress">
      <svg width={total * step} height={14} role="img" aria-label={`${done} of ${total} phases closed`}>
        {Array.from({ length: total }, (_, at) => (
          <rect
            key={at}
            x={at * step}
            y={3}
            width={Math.max(2, step - 2)}
            height={8}
            className={at < done ? 'closed' : at < done + current ? 'running' : 'ahead'}
          />
        ))}
      </svg>
      <span className={words.bad ? 'cut bad' : 'cut fg2'} title={words.text}>
        {words.text}
      </span>
    </span>
  )
}

function Spare({ row }: { row: Row }) {
  const spare = spareWords(row)
  if (spare === null)
    return <Absent reason={row.ended_at === null ? 'its end cannot be foretold yet' : 'it did not run to its end'} />
  return (
    <span className={spare.missed ? 'bad' : 'fg2'} title={`Deadline ${format.fullTime(row.deadline)}`}>
      {spare.text}
    </span>
  )
}
