import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import * as format from '../../../../lib/format.ts'
import { useActions } from '../../../../lib/use-actions.ts'
import { Button } from '../../../../ui/button.tsx'
import { EmptyState } from '../../../../ui/empty-state.tsx'
import { longPhaseLabel } from '../../phase-words.ts'
import type { Board } from '../../shapes.ts'
import { isFiltered, matches, type TranscriptFilter } from './filter.ts'
import { heightOf } from './message-height.ts'
import { flagger, type Flag } from './message-flags.ts'
import { MessageItem } from './message-item.tsx'
import { messagesOf, type Message } from './messages.ts'
import { TranscriptBar } from './transcript-bar.tsx'
import './transcript.css'
import { useTranscriptAddress } from './use-transcript-address.ts'

interface TranscriptProps {
  board: Board
  onOpenAgent: (agentId: string) => void
  onCopyLink: (params: Readonly<Record<string, string>>) => void
}

/** Within this distance of the end the reader is taken to follow the run. */
const NEAR_END_PX = 48

/** All that was said in a run as one stream. Only what is in sight is drawn; it follows the run while its end is in sight. */
export function TranscriptView({ board, onOpenAgent, onCopyLink }: TranscriptProps) {
  const { filter, linked, setFilter } = useTranscriptAddress()
  const messages = useMemo(() => messagesOf(board), [board])
  const flagsOf = useMemo(() => flagger(board), [board])
  const shown = useMemo(
    () => (isFiltered(filter) ? messages.filter((message) => matches(message, filter, flagsOf)) : messages),
    [messages, filter, flagsOf],
  )
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set())
  const fold = useCallback((key: string, open: boolean) => {
    setUnfolded((before) => {
      const next = new Set(before)
      if (open) next.add(key)
      else next.delete(key)
      return next
    })
  }, [])
  const copyLink = useCallback((key: string) => onCopyLink({ view: 'transcript', message: key }), [onCopyLink])
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    // The same functions as long as the messages are: with new ones the list places all of its messages anew.
    estimateSize: useCallback((index) => heightOf(shown[index], startsPhase(shown, index)), [shown]),
    getItemKey: useCallback((index) => shown[index]?.key ?? index, [shown]),
    overscan: 3,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: NEAR_END_PX,
  })
  const moving = useMoves(shown, flagsOf, virtualizer, scroller)
  const { goTo } = moving
  const runs = board.row.ended_at === null
  const opening = useRef({ linked, toEnd: runs })
  useEffect(() => {
    const { linked: key, toEnd } = opening.current
    const at = key === null ? -1 : shown.findIndex((message) => message.key === key)
    if (at >= 0) goTo(at)
    else if (toEnd) virtualizer.scrollToEnd()
    opening.current = { linked: null, toEnd: false }
    // Only where the reader comes in; afterwards the place is his.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])
  return (
    <section className="transcript" aria-label="Transcript">
      <TranscriptBar
        board={board}
        filter={filter}
        onFilter={setFilter}
        shown={shown.length}
        total={messages.length}
        onNext={moving.next}
        onLatest={() => virtualizer.scrollToEnd()}
      />
      <div
        ref={scroller}
        className="transcript-scroller"
        tabIndex={0}
        role="region"
        aria-label="Messages"
        onKeyDown={moving.onKey}
      >
        {shown.length === 0 ? (
          <Nothing total={messages.length} onClear={() => setFilter(noFilter)} />
        ) : (
          <Window
            virtualizer={virtualizer}
            shown={shown}
            render={(message, at) => (
              <>
                {startsPhase(shown, at) && <PhaseHead board={board} message={message} />}
                <MessageItem
                  board={board}
                  message={message}
                  flags={flagsOf(message)}
                  searched={filter.text}
                  unfolded={unfolded.has(message.key)}
                  onFold={fold}
                  onOpenAgent={onOpenAgent}
                  onCopyLink={copyLink}
                />
              </>
            )}
          />
        )}
      </div>
    </section>
  )
}

const noFilter: TranscriptFilter = { text: '', agentId: null, phase: null, round: null, onlyFlagged: false }

function startsPhase(shown: readonly Message[], at: number): boolean {
  const here = shown[at]
  const before = shown[at - 1]
  return here !== undefined && (here.phase !== before?.phase || here.round !== before.round)
}

type List = Virtualizer<HTMLDivElement, Element>

function Window({
  virtualizer,
  shown,
  render,
}: {
  virtualizer: List
  shown: readonly Message[]
  render: (message: Message, at: number) => React.ReactNode
}) {
  const items = virtualizer.getVirtualItems()
  return (
    <div className="transcript-all" style={{ height: virtualizer.getTotalSize() }}>
      <div className="transcript-window" style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
        {items.map((item) => {
          const message = shown[item.index]
          return (
            message && (
              <div key={item.key} ref={virtualizer.measureElement} data-index={item.index}>
                {render(message, item.index)}
              </div>
            )
          )
        })}
      </div>
    </div>
  )
}

function PhaseHead({ board, message }: { board: Board; message: Message }) {
  const phase = board.phases.find((each) => each.phase === message.phase && each.round === message.round)
  const took = phase?.started_at == null || phase.ended_at === null ? null : format.duration(phase.ended_at - phase.started_at)
  return (
    <h2 className="transcript-phase">
      {longPhaseLabel(message.phase, message.round)}
      <span className="fg3">
        {phase !== undefined && phase.expected > 0 ? ` ${phase.received} of ${phase.expected}` : ''}
        {took === null ? '' : `, ${took}`}
      </span>
    </h2>
  )
}

function Nothing({ total, onClear }: { total: number; onClear: () => void }) {
  return total === 0 ? (
    <EmptyState title="Nothing was said yet">Each message is here as soon as its call is sent.</EmptyState>
  ) : (
    <EmptyState title="No message matches" actions={<Button onClick={onClear}>Show all messages</Button>}>
      {`The transcript has ${format.counted(total, 'message')}.`}
    </EmptyState>
  )
}

/** Moving by key: from message to message, and to the next one of a kind. */
function useMoves(
  shown: readonly Message[],
  flagsOf: (message: Message) => readonly Flag[],
  virtualizer: List,
  scroller: React.RefObject<HTMLDivElement | null>,
) {
  const goTo = (at: number) => {
    virtualizer.scrollToIndex(at, { align: 'start' })
    const key = shown[at]?.key
    // The message is drawn with the next frame; the place is only final when it has been measured.
    requestAnimationFrame(() => {
      virtualizer.scrollToIndex(at, { align: 'start' })
      requestAnimationFrame(() => {
        scroller.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(key ?? '')}"]`)?.focus({ preventScroll: true })
      })
    })
  }
  /** The message that has the focus, else the first one in sight. */
  const current = (): number => {
    const focused = document.activeElement?.closest<HTMLElement>('[data-message]')?.dataset['message']
    const at = focused === undefined ? -1 : shown.findIndex((message) => message.key === focused)
    return at >= 0 ? at : (virtualizer.getVirtualItemForOffset(virtualizer.scrollOffset ?? 0)?.index ?? 0) - 1
  }
  const next = (kind: Flag['kind']) => {
    const from = current()
    const order = shown.map((_, at) => (from + 1 + at) % shown.length)
    const at = order.find((each) => {
      const message = shown[each]
      return message !== undefined && flagsOf(message).some((flag) => flag.kind === kind)
    })
    if (at !== undefined) goTo(at)
  }
  const step = (by: 1 | -1) => {
    const at = current() + by
    if (at >= 0 && at < shown.length) goTo(at)
  }
  const onKey = (event: KeyboardEvent<HTMLElement>) => {
    const onMessage = event.target instanceof HTMLElement && event.target.matches('[data-message]')
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : null
    if (!onMessage || by === null) return
    event.preventDefault()
    step(by)
  }
  const has = useMemo(() => {
    const any = (kind: Flag['kind']) => shown.some((message) => flagsOf(message).some((flag) => flag.kind === kind))
    return { failure: any('failure'), disagreement: any('disagreement') }
  }, [shown, flagsOf])
  const anyOf = (kind: keyof typeof has) => (has[kind] ? (true as const) : { reason: `There is no ${kind} in these messages.` })
  useActions([
    {
      id: 'transcript.next',
      title: 'Next message',
      group: 'Transcript',
      shortcut: 'j',
      available: true,
      run: () => step(1),
    },
    {
      id: 'transcript.previous',
      title: 'Message before',
      group: 'Transcript',
      shortcut: 'k',
      available: true,
      run: () => step(-1),
    },
    {
      id: 'transcript.failure',
      title: 'Next failure',
      group: 'Transcript',
      shortcut: 'f',
      available: anyOf('failure'),
      run: () => next('failure'),
    },
    {
      id: 'transcript.disagreement',
      title: 'Next disagreement',
      group: 'Transcript',
      shortcut: 'd',
      available: anyOf('disagreement'),
      run: () => next('disagreement'),
    },
    {
      id: 'transcript.latest',
      title: 'Latest message',
      group: 'Transcript',
      shortcut: 'shift+g',
      available: true,
      run: () => virtualizer.scrollToEnd(),
    },
  ])
  return { goTo, next, onKey }
}
