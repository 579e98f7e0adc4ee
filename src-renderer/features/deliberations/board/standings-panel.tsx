import { useMemo, type KeyboardEvent } from 'react'
import * as format from '../../../lib/format.ts'
import { Absent, Maybe } from '../../../ui/absent.tsx'
import { Panel } from '../../../ui/panel.tsx'
import type { Board, Spec } from '../shapes.ts'
import { agreementInWords, biasInWords, diversityInWords, readInWords, relevanceInWords } from './lineage.ts'
import './standings-panel.css'
import { seriesColour } from './series.ts'
import { Checks, RubricParts } from './standing-cells.tsx'
import { SamplesRow, TotalRow } from './standings-total.tsx'
import type { Standing, Standings } from './standings.ts'
import { Timeline } from './timeline-chart.tsx'

interface StandingsPanelProps {
  board: Board
  standings: Standings
  selected: string | null
  onSelect: (agentId: string) => void
}

function basisNote({ basis, rows }: Standings, ended: boolean): string {
  switch (basis) {
    case 'none':
      return ended ? 'there was nothing to compare' : 'nothing to compare yet'
    case 'critics':
      return ended
        ? 'by the critics’ marks only; the run ended before it was ranked'
        : 'preview from the critics’ marks; checks and peers’ scores come at the end'
    case 'peers':
      return rows.some((row) => row.rubricScore !== null)
        ? 'peers scored blind, per criterion, in shuffled order'
        : 'by the checks alone'
  }
}

/** Who stands where and why, each row continued by its calls on one time axis. */
export function StandingsPanel({ board, standings, selected, onSelect }: StandingsPanelProps) {
  const ended = board.row.ended_at !== null
  const order = useMemo(
    () => [...standings.rows.map((row) => row.agentId), ...(board.spec.architect ? [board.spec.architect.agent_id] : [])],
    [standings.rows, board.spec.architect],
  )
  const samples = board.baseline?.samples ?? []
  const title = standings.basis === 'peers' ? 'Ranking' : ended ? 'No ranking' : 'Ranking so far'
  return (
    <Panel
      title={title}
      note={basisNote(standings, ended)}
      aside={<Legend rubric={board.spec.rubric} />}
      foot={<Measures board={board} />}
      flush
    >
      <div className="standings-frame">
        <div className="standings">
          <div>
            <table className="data-table standings-table" aria-label={title}>
              <thead>
                <tr>
                  <th scope="col" className="col-rank">
                    #
                  </th>
                  <th scope="col" className="col-agent">
                    Agent
                  </th>
                  <th scope="col" className="col-parts">
                    Rubric parts
                  </th>
                  <th scope="col" className="num col-rubric">
                    Rubric
                  </th>
                  <th scope="col" className={board.spec.additional_checks ? 'col-checks added' : 'col-checks'}>
                    Checks
                  </th>
                  <th scope="col" className="num col-score">
                    Score
                  </th>
                  <th scope="col" className="num roomy col-tokens">
                    Tok out
                  </th>
                  <th scope="col" className="num roomy col-time" title="Time in which its calls ran, without waiting">
                    Busy
                  </th>
                  <th scope="col" className="num col-cost">
                    Cost
                  </th>
                </tr>
              </thead>
              <tbody onKeyDown={moveBetweenRows}>
                {standings.rows.map((row) => (
                  <Row key={row.agentId} row={row} selected={row.agentId === selected} onSelect={onSelect} />
                ))}
                {board.spec.architect && (
                  <ArchitectRow board={board} agentId={board.spec.architect.agent_id} selected={selected} onSelect={onSelect} />
                )}
                {samples.length > 0 && <SamplesRow samples={samples} />}
                <TotalRow board={board} />
              </tbody>
            </table>
          </div>
          <Timeline board={board} order={order} selected={selected} rowsBelow={samples.length > 0 ? 2 : 1} />
        </div>
      </div>
    </Panel>
  )
}

function moveBetweenRows(event: KeyboardEvent<HTMLTableSectionElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  if (step === 0) return
  const buttons = [...event.currentTarget.querySelectorAll('button')]
  const next = buttons[buttons.findIndex((button) => button === document.activeElement) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
}

function Row({ row, selected, onSelect }: { row: Standing; selected: boolean; onSelect: (agentId: string) => void }) {
  const noScore = row.failed ? 'it gave no proposal' : 'nobody has scored it'
  return (
    <tr className={selected ? 'selected acts' : 'acts'} onClick={() => onSelect(row.agentId)}>
      <td className="med">{row.rank ?? <Absent reason={row.failed ? 'it gave no proposal' : 'not ranked yet'} />}</td>
      <td>
        <AgentButton agentId={row.agentId} selected={selected} onSelect={onSelect} />
      </td>
      <td>{row.rubricScore === null ? <Absent reason={noScore} /> : <RubricParts row={row} />}</td>
      <td className="num">
        <Maybe value={row.rubricScore} reason={noScore}>
          {(value) => (
            <span title={sourceTitles[row.scoreSource]}>
              {format.score(value)}
              <span className="unit"> {sourceMarks[row.scoreSource]}</span>
            </span>
          )}
        </Maybe>
      </td>
      <td>
        <Checks checks={row.checks} />
      </td>
      <td className="num bold">
        <Maybe value={row.score} reason={noScore}>
          {(value) => format.score(value)}
        </Maybe>
      </td>
      <td className="num fg2 roomy">{format.tokens(row.tokensOut)}</td>
      <td className="num fg2 roomy">
        {row.busyMs === 0 ? <Absent reason="none of its calls has ended" /> : format.duration(row.busyMs)}
      </td>
      <td className="num fg2">{format.cost(row.costMicroUsd)}</td>
    </tr>
  )
}

const sourceTitles: Readonly<Record<Standing['scoreSource'], string>> = {
  expected: 'Expected score: mean over the probabilities of the score tokens',
  stated: 'Score as the peers stated it',
  critics: 'What the last critic gave',
  none: 'Not scored',
}
const sourceMarks: Readonly<Record<Standing['scoreSource'], string>> = { expected: 'exp', stated: 'st', critics: '', none: '' }

function AgentButton({
  agentId,
  selected,
  onSelect,
}: {
  agentId: string
  selected: boolean
  onSelect: (agentId: string) => void
}) {
  return (
    <button
      type="button"
      className="standing-agent mono"
      aria-pressed={selected}
      onClick={(event) => {
        event.stopPropagation()
        onSelect(agentId)
      }}
    >
      {agentId}
    </button>
  )
}

function ArchitectRow({
  board,
  agentId,
  selected,
  onSelect,
}: {
  board: Board
  agentId: string
  selected: string | null
  onSelect: (agentId: string) => void
}) {
  const call = board.calls.find((candidate) => candidate.agent_id === agentId)
  const what =
    board.selection?.by === 'architect'
      ? `chose ${board.selection.agent_id}`
      : (board.selection?.architect_error ?? 'chooses when the ranking is there')
  return (
    <tr className={selected === agentId ? 'selected acts' : 'acts'} onClick={() => onSelect(agentId)}>
      <td />
      <td>
        <AgentButton agentId={agentId} selected={selected === agentId} onSelect={onSelect} />
      </td>
      <td colSpan={4} title={what}>
        <span className="fg2">{what}</span>
      </td>
      <td className="num fg2 roomy">{format.tokens(call?.tokens_out ?? 0)}</td>
      <td className="num fg2 roomy">
        {call?.started_at != null && call.ended_at !== null ? (
          format.duration(call.ended_at - call.started_at)
        ) : (
          <Absent reason="its call has not ended" />
        )}
      </td>
      <td className="num fg2">{format.cost(call?.cost_micro_usd ?? 0)}</td>
    </tr>
  )
}

function Legend({ rubric }: { rubric: Spec['rubric'] }) {
  return (
    <span className="legend">
      {rubric.map((criterion, at) => (
        <span key={criterion.name} title={criterion.description}>
          <i style={{ background: seriesColour(at) }} />
          {criterion.name} <span className="fg3 when-wide">{criterion.weight.toFixed(2).replace(/0$/, '')}</span>
        </span>
      ))}
    </span>
  )
}

function Measures({ board }: { board: Board }) {
  if (board.ranking.length === 0)
    return <span>P propose, C critique, R revise, S score, A architect; dashed: waits, pale: reads the prompt</span>
  return (
    <>
      <span>
        Agreement of the scorers{' '}
        <Maybe value={board.agreement} reason="needs at least three agents who all scored">
          {(value) => (
            <>
              <b className="med">{format.score(value)}</b> of 1, {agreementInWords(value)}
            </>
          )}
        </Maybe>
      </span>
      <span>
        Position bias{' '}
        <Maybe value={board.position_bias} reason="cannot be computed from these scores">
          {(value) => (
            <>
              <b className="med">{value < 0 ? `−${format.score(-value)}` : format.score(value)}</b>, {biasInWords(value)}
            </>
          )}
        </Maybe>
      </span>
      <TextMeasures measures={board.measures} />
      <span className="push">P propose, C critique, R revise, S score, A architect</span>
    </>
  )
}

function TextMeasures({ measures }: { measures: Board['measures'] }) {
  const reason = measures?.reason ?? 'the texts were not measured'
  const by = measures?.embedding_model ?? null
  return (
    <>
      <span title={by === null ? undefined : `1 − the mean cosine of the texts, by ${by}`}>
        Diversity{' '}
        <Maybe value={measures?.diversity} reason={reason}>
          {(value) => (
            <>
              <b className="med">{format.score(value)}</b>, {diversityInWords(value, measures?.first_diversity ?? null)}
            </>
          )}
        </Maybe>
      </span>
      <span title={by === null ? undefined : `mean cosine of the task and the texts, by ${by}`}>
        Relevance{' '}
        <Maybe value={measures?.relevance} reason={reason}>
          {(value) => (
            <>
              <b className="med">{format.score(value)}</b>, {relevanceInWords(value)}
            </>
          )}
        </Maybe>
      </span>
      {measures && measures.tokens > 0 && <span className="fg3">{readInWords(measures)}</span>}
    </>
  )
}
