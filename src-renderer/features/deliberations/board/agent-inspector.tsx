import { useId } from 'react'
import * as format from '../../../lib/format.ts'
import { useActions } from '../../../lib/use-actions.ts'
import { Button } from '../../../ui/button.tsx'
import { Inspector } from '../../../ui/page.tsx'
import { TabPanel, Tabs, type TabItem } from '../../../ui/tabs.tsx'
import type { Board } from '../shapes.ts'
import './agent-inspector.css'
import { CallsTab } from './calls-tab.tsx'
import { RankBadge } from './rank-badge.tsx'
import { useRetry } from './retry-call.tsx'
import { retryableCall } from './retryable.ts'
import { PromptTab } from './prompt-tab.tsx'
import { ReasoningTab } from './reasoning-tab.tsx'
import { versionsOf } from './reviews.ts'
import { ReviewTab } from './review-tab.tsx'
import { RoundsTab } from './rounds-tab.tsx'
import { ScoresTab } from './scores-tab.tsx'
import type { Standing, Standings } from './standings.ts'

export const inspectorTabs = ['review', 'rounds', 'scores', 'reasoning', 'calls', 'prompt'] as const
export type InspectorTab = (typeof inspectorTabs)[number]

interface AgentInspectorProps {
  board: Board
  standings: Standings
  agentId: string
  tab: InspectorTab
  onTab: (tab: InspectorTab) => void
  onCopyLink: () => void
  onClose: () => void
}

/** One agent in detail. The architect has calls only. */
export function AgentInspector({ board, standings, agentId, tab, onTab, onCopyLink, onClose }: AgentInspectorProps) {
  const panelId = useId()
  const standing = standings.rows.find((row) => row.agentId === agentId)
  const items = tabsOf(board, agentId, standing)
  const shown = items.find((item) => item.id === tab)?.id ?? items[0]?.id ?? 'calls'
  useActions(
    items.map(({ id, label }, at) => ({
      id: `inspector.${id}`,
      title: `Details: ${label}`,
      group: 'Deliberation',
      shortcut: String(at + 1),
      available: true as const,
      run: () => onTab(id),
    })),
  )
  const retry = useRetry(board.row.task_id)
  const lost = retryableCall(board, agentId)
  useActions([
    {
      id: 'deliberation.retry-call',
      title: `Retry the failed call of ${agentId}`,
      group: 'Deliberation',
      available: lost ? true : { reason: 'It has no failed call whose phase is still open.' },
      command: true,
      run: () => (lost ? retry(lost) : undefined),
    },
  ])
  const agent = board.spec.agents.find((candidate) => candidate.agent_id === agentId) ?? board.spec.architect
  return (
    <Inspector
      label={agentId}
      head={
        <>
          <div className="row">
            <RankBadge rank={standing?.rank ?? null} />
            <h2 className="inspector-agent mono cut" title={agentId}>
              {agentId}
            </h2>
            <span className="t12 fg3 cut">{agent?.label}</span>
            <span className="row push inspector-tools">
              <Button variant="quiet" size="sm" icon="link" label="Copy link" onClick={onCopyLink} />
              <Button variant="quiet" size="sm" icon="close" label="Close (Esc)" onClick={onClose} />
            </span>
          </div>
          <Tabs label={`Details of ${agentId}`} items={items} value={shown} onChange={onTab} panelId={panelId} />
        </>
      }
      foot={<Usage board={board} agentId={agentId} standing={standing} />}
    >
      <TabPanel id={panelId} tab={shown}>
        {standing && shown === 'review' && <ReviewTab key={agentId} board={board} standing={standing} />}
        {shown === 'rounds' && <RoundsTab key={agentId} board={board} agentId={agentId} />}
        {standing && shown === 'scores' && <ScoresTab board={board} standing={standing} />}
        {shown === 'reasoning' && <ReasoningTab board={board} agentId={agentId} />}
        {shown === 'calls' && <CallsTab board={board} agentId={agentId} />}
        {shown === 'prompt' && <PromptTab key={agentId} board={board} agentId={agentId} />}
      </TabPanel>
    </Inspector>
  )
}

function tabsOf(board: Board, agentId: string, standing: Standing | undefined): TabItem<InspectorTab>[] {
  const calls = board.calls.filter((call) => call.agent_id === agentId)
  const reasons = calls.some((call) => call.reasoning !== null)
  return [
    ...(standing
      ? ([
          { id: 'review', label: 'Review' },
          { id: 'rounds', label: 'Rounds', count: versionsOf(board, agentId).length },
          { id: 'scores', label: 'Scores' },
        ] as const)
      : []),
    ...(reasons ? ([{ id: 'reasoning', label: 'Reasoning' }] as const) : []),
    { id: 'calls', label: 'Calls', count: calls.length },
    ...(calls.length > 0 ? ([{ id: 'prompt', label: 'Prompt' }] as const) : []),
  ]
}

function Usage({ board, agentId, standing }: { board: Board; agentId: string; standing: Standing | undefined }) {
  const call = board.calls.find((candidate) => candidate.agent_id === agentId)
  const used = standing ?? {
    tokensIn: call?.tokens_in ?? 0,
    tokensOut: call?.tokens_out ?? 0,
    busyMs: call?.started_at != null && call.ended_at !== null ? call.ended_at - call.started_at : 0,
    costMicroUsd: call?.cost_micro_usd ?? 0,
  }
  return (
    <>
      <span className="t12 fg2 cut">{`${format.tokens(used.tokensIn)} in, ${format.tokens(used.tokensOut)} out`}</span>
      <span className="t12 fg2 nowrap push">
        {used.busyMs === 0 ? 'no call has ended' : `${format.duration(used.busyMs)} in calls`}
      </span>
      <span className="t12 nowrap">
        {format.cost(used.costMicroUsd)} <span className="fg3">spent</span>
      </span>
    </>
  )
}
