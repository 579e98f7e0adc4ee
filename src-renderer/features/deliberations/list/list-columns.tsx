import { runState } from '../../../lib/run-words.ts'
import * as format from '../../../lib/format.ts'
import { Absent, Maybe } from '../../../ui/absent.tsx'
import { Chip, Tag } from '../../../ui/chip.tsx'
import { Id } from '../../../ui/id.tsx'
import { Cost, Time, Tokens } from '../../../ui/quantities.tsx'
import type { Column } from '../../../ui/table.tsx'
import type { Row } from '../shapes.ts'
import { endWords, progressWords, spareWords, squaresOf } from './row-words.ts'

export function runColumns(now: number): readonly Column<Row>[] {
  return [
    { id: 'state', header: 'State', width: '106px', cell: (row) => <State row={row} /> },
    { id: 'task', header: 'Task', cell: (row) => <Task row={row} /> },
    { id: 'id', header: 'Id', width: '140px', wide: true, mono: true, cell: (row) => <Id value={row.task_id} /> },
    { id: 'role', header: 'Role', width: '82px', cell: (row) => <span className="fg2">{row.role}</span> },
    {
      id: 'agents',
      header: <span title="Agents">N</span>,
      width: '34px',
      num: true,
      cell: (row) => <span className="fg2">{row.num_agents}</span>,
    },
    { id: 'progress', header: 'Progress', width: '176px', cell: (row) => <Progress row={row} /> },
    {
      id: 'leader',
      header: 'Leader',
      width: '82px',
      mono: true,
      cell: (row) => row.leader_id ?? <Absent reason="nothing is ranked" />,
    },
    {
      id: 'score',
      header: 'Score',
      width: '52px',
      num: true,
      cell: (row) => (
        <Maybe value={row.score} reason={row.leader_id === null ? 'nothing is ranked' : 'the leader is unscored'}>
          {(score) => <span className="med">{format.score(score)}</span>}
        </Maybe>
      ),
    },
    { id: 'tokens', header: 'Tok out', width: '60px', num: true, wide: true, cell: (row) => <Tokens count={row.tokens_out} /> },
    {
      id: 'cost',
      header: 'Cost',
      width: '60px',
      num: true,
      cell: (row) => <Cost microUsd={row.cost_micro_usd} kind="settled" />,
    },
    {
      id: 'end',
      header: <span title="When it should end, or how long it took">End / took</span>,
      width: '76px',
      num: true,
      cell: (row) => (
        <Maybe value={endWords(row, now)} reason="its end cannot be foretold yet">
          {(words) => <>{words}</>}
        </Maybe>
      ),
    },
    {
      id: 'spare',
      header: <span title="Time left to the deadline">Spare</span>,
      width: '74px',
      num: true,
      cell: (row) => <Spare row={row} />,
    },
    {
      id: 'start',
      header: 'Start',
      width: '82px',
      num: true,
      cell: (row) => <span className="fg2">{<Time at={row.created_at} />}</span>,
    },
  ]
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
