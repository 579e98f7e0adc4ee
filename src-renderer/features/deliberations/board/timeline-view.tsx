import { useMemo, useState, type ReactNode } from 'react'
import * as format from '../../../lib/format.ts'
import { PageContent } from '../../../ui/page.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { callKey, type Board } from '../shapes.ts'
import { CallDetail } from './calls-tab.tsx'
import type { Standings } from './standings.ts'
import { Timeline } from './timeline-chart.tsx'
import { byPhase, totalsOf, type CallTotals } from './timeline.ts'
import './timeline-view.css'

interface TimelineViewProps {
  board: Board
  standings: Standings
  selected: string | null
  onSelect: (agentId: string) => void
}

/** Every call on one time axis, what each agent's calls took together, and the numbers of the one that is chosen. */
export function TimelineView({ board, standings, selected, onSelect }: TimelineViewProps) {
  const [chosen, setChosen] = useState<string | null>(null)
  const order = useMemo(
    () => [...standings.rows.map((row) => row.agentId), ...(board.spec.architect ? [board.spec.architect.agent_id] : [])],
    [standings.rows, board.spec.architect],
  )
  const call = board.calls.find((each) => callKey(each) === chosen)
  return (
    <PageContent>
      <Panel title="Calls over time" note="arrow keys move between calls" foot={<Legend />} flush>
        <Timeline board={board} order={order} selected={selected} chosen={{ key: chosen, onChoose: setChosen }} />
      </Panel>
      <Panel title={call ? `Call of ${call.agent_id}` : 'One call'} note={call ? undefined : 'choose a bar to read its numbers'}>
        {call ? (
          <div className="chosen-call">
            <CallDetail board={board} call={call} />
          </div>
        ) : (
          <p className="t12 fg3">Waiting, reading the prompt and writing are told apart, each with its length.</p>
        )}
      </Panel>
      <Panel title="What the calls took" note="of the calls that have ended" flush>
        <TotalsTable name="What the calls took" of="Agent">
          {order.map((agentId) => (
            <tr key={agentId} className={agentId === selected ? 'selected acts' : 'acts'} onClick={() => onSelect(agentId)}>
              <td>
                <button type="button" className="standing-agent mono" aria-pressed={agentId === selected}>
                  {agentId}
                </button>
              </td>
              <Totals totals={totalsOf(board.calls.filter((each) => each.agent_id === agentId))} />
            </tr>
          ))}
          <tr className="standing-total">
            <td className="fg3">All agents</td>
            <Totals totals={totalsOf(board.calls)} />
          </tr>
        </TotalsTable>
      </Panel>
      <Panel title="What each round took" note="of the calls that have ended" flush>
        <TotalsTable name="What each round took" of="Phase">
          {byPhase(board.calls).map(({ label, totals }) => (
            <tr key={label}>
              <td className="fg2">{label}</td>
              <Totals totals={totals} />
            </tr>
          ))}
        </TotalsTable>
      </Panel>
    </PageContent>
  )
}

const columns: readonly { readonly header: string; readonly value: (totals: CallTotals) => string }[] = [
  { header: 'Calls', value: ({ calls }) => format.integer(calls) },
  { header: 'Retries', value: ({ retries }) => format.integer(retries) },
  { header: 'Tok in', value: ({ tokensIn }) => format.tokens(tokensIn) },
  { header: 'Tok out', value: ({ tokensOut }) => format.tokens(tokensOut) },
  { header: 'Waited', value: ({ queuedMs }) => format.duration(queuedMs) },
  { header: 'Read', value: ({ readingMs }) => format.duration(readingMs) },
  { header: 'Wrote', value: ({ writingMs }) => format.duration(writingMs) },
  { header: 'Cost', value: ({ costMicroUsd }) => format.cost(costMicroUsd) },
]

function TotalsTable({ name, of, children }: { name: string; of: string; children: ReactNode }) {
  return (
    <table className="data-table" aria-label={name}>
      <thead>
        <tr>
          <th scope="col" className="col-agent">
            {of}
          </th>
          {columns.map(({ header }) => (
            <th key={header} scope="col" className="num">
              {header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}

function Totals({ totals }: { totals: CallTotals }) {
  return columns.map(({ header, value }) => (
    <td key={header} className="num fg2">
      {value(totals)}
    </td>
  ))
}

function Legend() {
  return (
    <span>
      P propose, C critique, R revise, S score, A architect; dashed: waits or an earlier try, pale: reads the prompt, full:
      writes, triangle: more than one try
    </span>
  )
}
