import { memo } from 'react'
import { useNow } from '../../../lib/clock.ts'
import { Chip } from '../../../ui/chip.tsx'
import { callKey, type Agent, type Board, type BoardCall } from '../shapes.ts'
import './agent-card.css'
import { cellsOf, type AgentCell } from './agent-cells.ts'
import {
  callsAhead,
  charactersPerToken,
  currentCall,
  openCallDoing,
  rateInWords,
  restingDoing,
  type Doing,
} from './agent-doing.ts'
import { AgentText } from './agent-text.tsx'
import { CritiqueList } from './critique-list.tsx'
import { useLiveTexts, useLiveView } from './live-context.ts'
import type { LiveView } from './live-buffer.ts'
import { problemLinks } from './problem-links.ts'
import { RankBadge } from './rank-badge.tsx'
import { RetryCall } from './retry-call.tsx'
import { retryableCall } from './retryable.ts'
import type { Standing } from './standings.ts'

interface AgentCardProps {
  board: Board
  agent: Agent
  standing: Standing
  selected: boolean
  onSelect: (agentId: string) => void
  onOpenText: (agentId: string) => void
}

/** One agent: what it does now, its cells over the rounds, its text with the critic's marks, what became of them. */
export const AgentCard = memo(function AgentCard({ board, agent, standing, selected, onSelect, onOpenText }: AgentCardProps) {
  const id = agent.agent_id
  const call = currentCall(board, id)
  const lost = retryableCall(board, id)
  const open = call?.status === 'open' && board.row.ended_at === null ? call : null
  return (
    <li>
      <article className={selected ? 'agent-card on' : 'agent-card'} aria-label={id} {...problemLinks}>
        {open ? (
          <OpenHead board={board} agent={agent} standing={standing} selected={selected} onSelect={onSelect} call={open} />
        ) : (
          <Head agent={agent} standing={standing} selected={selected} onSelect={onSelect} doing={restingDoing(board, standing)} />
        )}
        {lost && (
          <div className="row agent-retry">
            <RetryCall board={board} call={lost} />
          </div>
        )}
        <ol className="agent-cells" aria-label={`${id}, round by round`}>
          {cellsOf(board, id).map((cell) => (
            <Cell
              key={cell.key}
              cell={cell}
              current={open !== null && cell.callKey === callKey(open)}
              perToken={charactersPerToken(board)}
            />
          ))}
        </ol>
        <AgentText board={board} agentId={id} call={open} onOpen={() => onOpenText(id)} />
        <CritiqueList board={board} agentId={id} onOpen={() => onSelect(id)} />
      </article>
    </li>
  )
})

type HeadProps = Pick<AgentCardProps, 'agent' | 'standing' | 'selected' | 'onSelect'>

function OpenHead({ board, call, ...head }: HeadProps & { board: Board; call: BoardCall }) {
  const live = useLiveTexts()
  const view = useLiveView(callKey(call))
  const now = useNow()
  const ahead = callsAhead(board, call, live.view)
  return <Head {...head} doing={openCallDoing(board, call, view, ahead, charactersPerToken(board), now)} />
}

function Head({ agent, standing, selected, onSelect, doing }: HeadProps & { doing: Doing }) {
  const model = `${agent.label}, t ${agent.temperature.toFixed(2)}`
  return (
    <header>
      <div className="row">
        <RankBadge rank={standing.rank} />
        <button type="button" className="agent-name mono" aria-pressed={selected} onClick={() => onSelect(agent.agent_id)}>
          {agent.agent_id}
        </button>
        <span className="t12 fg3 cut" title={model}>
          {model}
        </span>
        <span className="row push agent-state">
          <Chip tone={doing.tone} shape={doing.shape}>
            {doing.word}
          </Chip>
        </span>
      </div>
      <div className="row t12 agent-doing">
        <span className="cut fg2" title={doing.sentence}>
          {doing.sentence}
        </span>
        <span className="push fg3 nowrap">{doing.side}</span>
      </div>
    </header>
  )
}

function Cell({ cell, current, perToken }: { cell: AgentCell; current: boolean; perToken: number | null }) {
  const live = useLiveView(current ? cell.callKey : null)
  const classes = [cell.state, current ? 'on' : ''].filter(Boolean).join(' ')
  const rate = current ? rateInWords(live, perToken) : null
  return (
    <li className={classes} title={cell.title}>
      <span className="cell-label">{cell.label}</span>
      <span className="cell-value">{rate ? <Rate words={rate} /> : current ? waitingWord(live) : cell.value}</span>
    </li>
  )
}

/** `46 tok/s`; in a narrow card `46/s`. Characters always name themselves. */
function Rate({ words }: { words: string }) {
  const tokens = words.endsWith(' tok/s')
  if (!tokens) return <>{words}</>
  return (
    <>
      {words.replace(' tok/s', '')}
      <span className="cell-unit"> tok</span>/s
    </>
  )
}

function waitingWord(live: LiveView | undefined): string {
  switch (live?.state) {
    case undefined:
      return 'sent'
    case 'queued':
      return 'queued'
    case 'running':
      return live.length === 0 ? 'starts' : 'writes'
    case 'retrying':
      return 'again'
    case 'ended':
      return 'ends'
  }
}
