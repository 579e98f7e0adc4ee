import { memo } from 'react'
import * as format from '../../../../lib/format.ts'
import { Icon, Shape, type ShapeName, type Tone } from '../../../../ui/icons.tsx'
import { longPhaseLabel } from '../../phase-words.ts'
import type { Board } from '../../shapes.ts'
import { Body } from './message-body.tsx'
import type { Flag } from './message-flags.ts'
import { costsOf, deedOf } from './message-words.ts'
import type { Message } from './messages.ts'

interface MessageItemProps {
  board: Board
  message: Message
  flags: readonly Flag[]
  searched: string
  unfolded: boolean
  onFold: (key: string, unfolded: boolean) => void
  onOpenAgent: (agentId: string) => void
  onCopyLink: (key: string) => void
}

const shapes: Readonly<Record<Flag['kind'], { readonly shape: ShapeName; readonly tone: Tone }>> = {
  failure: { shape: 'bad', tone: 'bad' },
  disagreement: { shape: 'info', tone: 'info' },
  problem: { shape: 'warn', tone: 'warn' },
}

/** One message: who, what he does, what he says, what it took. */
export const MessageItem = memo(function MessageItem(props: MessageItemProps) {
  const { board, message, flags, searched, unfolded, onFold, onOpenAgent, onCopyLink } = props
  const agent =
    board.spec.agents.find((each) => each.agent_id === message.agentId) ??
    (board.spec.architect?.agent_id === message.agentId ? board.spec.architect : undefined)
  return (
    <article
      className="message"
      data-message={message.key}
      tabIndex={-1}
      aria-label={`${message.agentId}, ${longPhaseLabel(message.phase, message.round)}`}
    >
      <span className="message-time t11 fg3" title={message.at === null ? undefined : format.fullTime(message.at)}>
        {message.at === null ? '' : format.clock(message.at, true)}
      </span>
      <header className="row">
        <button type="button" className="agent-name mono" onClick={() => onOpenAgent(message.agentId)}>
          {message.agentId}
        </button>
        <span className="t12 fg2 cut">{deedOf(board, message)}</span>
        <span className="row push t11 fg3 nowrap message-costs">
          {costsOf(message, agent?.label).map((each, at) => (
            <span key={at} className={at === 0 ? 'cut when-wide' : undefined}>
              {each}
            </span>
          ))}
          <button
            type="button"
            className="message-link"
            title="Copy link to this message"
            onClick={() => onCopyLink(message.key)}
          >
            <Icon name="link" />
            <span className="sr">Copy link to this message</span>
          </button>
        </span>
      </header>
      {flags.length > 0 && (
        <ul className="row wrap message-flags t11">
          {flags.map((flag) => (
            <li key={flag.words} className="row">
              <Shape name={shapes[flag.kind].shape} tone={shapes[flag.kind].tone} /> {flag.words}
            </li>
          ))}
        </ul>
      )}
      <div className="message-body">
        <Body
          board={board}
          message={message}
          searched={searched}
          unfolded={unfolded}
          onFold={(next) => onFold(message.key, next)}
        />
      </div>
    </article>
  )
})
