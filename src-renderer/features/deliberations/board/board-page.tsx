import { useMemo, useState } from 'react'
import { useSearchParams } from 'wouter'
import { useNow } from '../../../lib/clock.ts'
import { useCancelWindows, useHost } from '../../../lib/console.tsx'
import { linkOf, routes } from '../../../lib/routes.ts'
import { useActions } from '../../../lib/use-actions.ts'
import { useStream } from '../../../lib/use-stream.ts'
import { AreaCrumb } from '../../../ui/area-crumb.tsx'
import { ActionButton } from '../../../ui/action-button.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Tag } from '../../../ui/chip.tsx'
import { Id } from '../../../ui/id.tsx'
import { Ladder } from '../../../ui/ladder.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import { notify, notifyFailure } from '../../../ui/notify.tsx'
import { Page, PageContent, PageHeader } from '../../../ui/page.tsx'
import { ResizeHandle } from '../../../ui/resize-handle.tsx'
import { OutcomePanel } from '../outcome/outcome-panel.tsx'
import type { Board, BoardUpdate } from '../shapes.ts'
import { AgentCard } from './agent-card.tsx'
import { AgentInspector, inspectorTabs, type InspectorTab } from './agent-inspector.tsx'
import { BaselinePanel } from './baseline-panel.tsx'
import './board-page.css'
import { foldBoard } from './board-state.ts'
import { boardViews, useBoardView, type BoardView } from './board-view.ts'
import { CancelDialog } from './cancel-dialog.tsx'
import { useLiveRun } from './follow-live.ts'
import { useInspectorWidth } from './inspector-width.ts'
import { ladderOf } from './ladder.ts'
import { LiveContext } from './live-context.ts'
import { NoBoard } from './no-board.tsx'
import { ResultPanel } from './result-panel.tsx'
import { RunActions } from './run-actions.tsx'
import { RunLinks } from './run-links.tsx'
import { standingsOf, type Standings } from './standings.ts'
import { StandingsPanel } from './standings-panel.tsx'
import { TimelineView } from './timeline-view.tsx'
import { TranscriptView } from './transcript/transcript-view.tsx'
import { verdictOf } from './verdict.ts'

/** One run: what the agents argue, who wins, why. */
export function BoardPage({ taskId }: { taskId: string }) {
  const host = useHost()
  const stream = useStream<BoardUpdate, Board | null>(`board.${taskId}`, {
    open: (signal) => host.deliberation.watch({ task_id: taskId }, signal),
    fold: foldBoard,
  })
  const live = useLiveRun(taskId, stream.value)
  if (stream.value === null || stream.error?.code === 'expired')
    return <NoBoard taskId={taskId} error={stream.error} onRetry={stream.retry} />
  return (
    <LiveContext value={live}>
      <BoardView
        board={stream.value}
        stale={stream.state !== 'live'}
        failure={stream.state === 'failed' ? (stream.error?.message ?? null) : null}
      />
    </LiveContext>
  )
}

function BoardView({ board, stale, failure }: { board: Board; stale: boolean; failure: string | null }) {
  const standings = useMemo(() => standingsOf(board), [board])
  const choice = useChoice(board, standings)
  const [view, showView] = useBoardView()
  const [width, setWidth] = useInspectorWidth()
  return (
    <div className="board-page">
      <Page
        inspector={
          choice.agentId === null ? undefined : (
            <AgentInspector
              board={board}
              standings={standings}
              agentId={choice.agentId}
              tab={choice.tab}
              onTab={choice.openTab}
              onCopyLink={() => copyLink()}
              onClose={choice.close}
            />
          )
        }
      >
        <BoardHeader board={board} standings={standings} stale={stale} />
        {failure !== null && (
          <Banner tone="warn">
            This is the last known picture; it cannot be renewed: {failure} The run itself goes on by itself.
          </Banner>
        )}
        <PhaseLadder board={board} view={view} onView={showView} />
        {view === 'transcript' && <TranscriptView board={board} onOpenAgent={choice.select} onCopyLink={copyLink} />}
        {view === 'timeline' && (
          <TimelineView board={board} standings={standings} selected={choice.agentId} onSelect={choice.select} />
        )}
        {view === 'cards' && <CardsView board={board} standings={standings} choice={choice} />}
      </Page>
      {choice.agentId !== null && (
        <ResizeHandle label="Width of the details" width={width ?? 384} min={300} max={720} onChange={setWidth} />
      )}
    </div>
  )
}

function CardsView({ board, standings, choice }: { board: Board; standings: Standings; choice: Choice }) {
  const ranked = board.row.ended_at !== null && board.ranking.length > 0
  const textless = board.row.ended_at !== null && board.versions.length === 0
  const gridClass = ['agent-grid', board.spec.agents.length > 3 ? 'many' : '', textless ? 'textless' : '']
    .filter(Boolean)
    .join(' ')
  const standingsPanel = <StandingsPanel board={board} standings={standings} selected={choice.agentId} onSelect={choice.select} />
  useAgentKeys(board, choice)
  return (
    <PageContent>
      {board.row.ended_at !== null && <OutcomePanel board={board} shownAgent={choice.agentId} />}
      {ranked && <ResultPanel board={board} standings={standings} onOpenScores={(agentId) => choice.open(agentId, 'scores')} />}
      {ranked && standingsPanel}
      <ul className={gridClass} aria-label="Agents">
        {board.spec.agents.map((agent) => {
          const standing = standings.rows.find((row) => row.agentId === agent.agent_id)
          return (
            standing && (
              <AgentCard
                key={agent.agent_id}
                board={board}
                agent={agent}
                standing={standing}
                selected={choice.agentId === agent.agent_id}
                onSelect={choice.select}
                onOpenText={choice.openText}
              />
            )
          )
        })}
      </ul>
      {!ranked && standingsPanel}
      <BaselinePanel board={board} />
    </PageContent>
  )
}

/** Keys that lead from card to card. */
function useAgentKeys(board: Board, choice: Choice): void {
  const step = (by: 1 | -1) => {
    const ids = board.spec.agents.map((agent) => agent.agent_id)
    const at = ids.indexOf(choice.agentId ?? '')
    const next = ids[at < 0 ? 0 : (at + by + ids.length) % ids.length]
    if (next === undefined) return
    choice.select(next)
    requestAnimationFrame(() => {
      const card = [...document.querySelectorAll('.agent-card')].find((each) => each.getAttribute('aria-label') === next)
      card?.querySelector<HTMLElement>('.agent-name')?.focus()
    })
  }
  useActions([
    { id: 'agent.next', title: 'Next agent', group: 'Deliberation', shortcut: 'j', available: true, run: () => step(1) },
    { id: 'agent.previous', title: 'Agent before', group: 'Deliberation', shortcut: 'k', available: true, run: () => step(-1) },
  ])
}

function BoardHeader({ board, standings, stale }: { board: Board; standings: Standings; stale: boolean }) {
  const now = useNow()
  const verdict = verdictOf(board, standings, now)
  const [asking, setAsking] = useState(false)
  const cancellation = useCancellation(board)
  const ended = board.row.ended_at !== null
  useActions([
    {
      id: 'deliberation.cancel',
      title: 'Cancel run…',
      group: 'Deliberation',
      shortcut: 'shift+x',
      available: ended
        ? { reason: 'The run has ended.' }
        : cancellation.isUnderWay
          ? { reason: 'The run is being cancelled.' }
          : true,
      command: true,
      run: () => setAsking(true),
    },
  ])
  return (
    <>
      <PageHeader
        crumb={
          <AreaCrumb to={routes.deliberations} area="Deliberations">
            <span className="fg2 cut">{board.row.title}</span>
            <Id value={board.row.task_id} />
            {board.spec.starter && <Tag title="Good for trying the flow, not for answers">starter model</Tag>}
            {board.row.partial && ended && <Tag>partial</Tag>}
            <RunLinks board={board} />
          </AreaCrumb>
        }
        verdict={verdict.sentence}
        about={board.row.title}
        spoken
        shape={verdict.shape}
        tone={verdict.tone}
        stale={stale}
        why={<span title={verdict.why}>{verdict.why}</span>}
        actions={
          ended ? (
            <RunActions board={board} />
          ) : (
            <>
              {cancellation.isSent && (
                <span className="t12 fg2" role="status">
                  Cancelling…
                </span>
              )}
              <ActionButton id="deliberation.cancel" variant="danger" withoutShortcut />
            </>
          )
        }
      />
      {asking && <CancelDialog board={board} onConfirm={cancellation.begin} onClose={() => setAsking(false)} />}
    </>
  )
}

/** A confirmed cancellation in its cancel window, and sent, until the stream shows it. */
function useCancellation({ row: { task_id, title } }: Board) {
  const host = useHost()
  const { waiting, open } = useCancelWindows()
  const [isSent, setSent] = useState(false)
  const id = `deliberation.cancel:${task_id}`
  const cancel = async () => {
    await host.deliberation.cancel({ task_id })
    setSent(true)
  }
  return {
    isSent,
    isUnderWay: isSent || waiting.some((deed) => deed.id === id),
    begin: () => open({ id, title: `Cancelling ${title}`, act: cancel }),
  }
}

function PhaseLadder({ board, view, onView }: { board: Board; view: BoardView; onView: (view: BoardView) => void }) {
  const now = useNow()
  return (
    <div className="phase-ladder">
      <Ladder label="Phases" steps={ladderOf(board, now)} />
      <Segmented label="Show the run as" value={view} options={boardViews} onChange={onView} />
    </div>
  )
}

type Choice = ReturnType<typeof useChoice>

/** Which agent the inspector shows: in the address, so that a link opens the same view. */
function useChoice(board: Board, standings: Standings) {
  const [params, setParams] = useSearchParams()
  const asked = params.get('agent')
  const known = [...board.spec.agents, ...(board.spec.architect ? [board.spec.architect] : [])].some(
    (agent) => agent.agent_id === asked,
  )
  const usual = board.selection?.agent_id ?? standings.rows[0]?.agentId ?? null
  // Where details lie over half of the board, they come only when they are asked for.
  const agentId = asked === closed ? null : known ? asked : window.innerWidth > STACKED_PX ? usual : null
  const hasFailed = standings.rows.some((row) => row.agentId === agentId && row.failed)
  // What there is to see of an agent without a text is the call that failed.
  const tab = inspectorTabs.find((each) => each === params.get('tab')) ?? (hasFailed ? 'calls' : 'review')
  const actions = useMemo(() => {
    const set = (values: Readonly<Record<string, string>>) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before)
          for (const [key, value] of Object.entries(values)) next.set(key, value)
          return next
        },
        { replace: true },
      )
    return {
      select: (agent: string) => set({ agent }),
      openText: (agent: string) => set({ agent, tab: 'rounds' }),
      open: (agent: string, wanted: InspectorTab) => set({ agent, tab: wanted }),
      openTab: (wanted: InspectorTab) => set({ tab: wanted }),
      close: () => set({ agent: closed }),
    }
  }, [setParams])
  useActions(
    agentId === null
      ? []
      : [
          {
            id: 'inspector.close',
            title: 'Close the details',
            group: 'Deliberation',
            shortcut: 'esc',
            available: true,
            run: actions.close,
          },
        ],
  )
  return { agentId, tab, ...actions }
}

/** Copies the link to what is on the page now, with `more` of the address put in. */
function copyLink(more: Readonly<Record<string, string>> = {}): void {
  const params = new URLSearchParams(window.location.search)
  for (const [name, value] of Object.entries(more)) params.set(name, value)
  const link = linkOf(`${window.location.pathname}?${params}`, window.location)
  navigator.clipboard.writeText(link).then(
    () => notify({ tone: 'good', title: 'Link copied', body: link, id: 'link' }),
    (fault: unknown) => notifyFailure('The link could not be copied', fault),
  )
}

/** Up to this width of the window the details are below the board. */
const STACKED_PX = 900

/** In place of an agent's id: the operator closed the inspector. */
const closed = 'none'
