import { useState } from 'react'
import { useNow } from '../../lib/clock.ts'
import { useSystem } from '../../lib/shared-streams.tsx'
import { useMovingBatches } from '../../lib/use-batches.ts'
import { useModels } from '../../lib/use-models.ts'
import { useNotices } from '../../lib/shared-streams.tsx'
import { isActive } from '../../lib/run-words.ts'
import { useNewestRuns } from '../../lib/use-runs.ts'
import { NoticeList } from '../../ui/notice-list.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page, PageContent, PageHeader } from '../../ui/page.tsx'
import { Panel } from '../../ui/panel.tsx'
import { BatchesPanel } from './batches-panel.tsx'
import { EngineStrip } from './engine-strip.tsx'
import { NeedsPanel } from './needs-panel.tsx'
import { overviewNeeds, overviewVerdict } from './overview-state.ts'
import { RunningPanel } from './running-panel.tsx'
import { tokenWindows, TokensPanel, type TokenWindow } from './tokens-panel.tsx'
import './overview.css'

const noticesShown = 6

/** Is all well? */
export function OverviewPage() {
  const system = useSystem()
  const runs = useNewestRuns()
  const models = useModels()
  const batches = useMovingBatches()
  const now = useNow(5_000)
  const notices = useNotices() ?? []
  const [window, setWindow] = useState<TokenWindow>(tokenWindows[0])
  const error = system.error ?? runs.error ?? models.error
  const facts = {
    system: system.value,
    runs: runs.value?.rows ?? null,
    models: models.value,
    batches: batches.value,
    now,
    error: error?.message ?? null,
  }
  const verdict = overviewVerdict(facts)
  const needs = overviewNeeds(facts)
  const inNeed = new Set(needs.map((need) => need.id))
  const running = (runs.value?.rows ?? []).filter(isActive)
  return (
    <Page>
      <PageHeader
        crumb="Overview"
        verdict={verdict.text}
        shape={verdict.shape}
        tone={verdict.tone}
        why={verdict.why}
        stale={system.state !== 'live'}
        actions={<ActionButton id="deliberation.launch" variant="primary" />}
      />
      <PageContent>
        <div className="stack gap-3">
          {needs.length > 0 && <NeedsPanel needs={needs} />}
          <div className="overview-cols">
            <div className="overview-col">
              <RunningPanel
                runs={running.filter((run) => !inNeed.has(run.task_id))}
                above={running.filter((run) => inNeed.has(run.task_id)).length}
                known={runs.value !== null}
                first={runs.value?.counts.all === 0}
                stale={runs.state !== 'live'}
                models={models.value}
              />
              <BatchesPanel batches={batches.value} stale={batches.state !== 'live'} />
              <TokensPanel window={window} onWindow={setWindow} now={system.value?.tokens_per_second_1m ?? null} />
            </div>
            <div className="overview-col">
              <EngineStrip models={models.value} stale={models.state !== 'live'} />
              <Panel
                title="Last notices"
                note={notices.length > noticesShown ? `first ${noticesShown} of ${notices.length}` : undefined}
              >
                {notices.length === 0 ? (
                  <EmptyState title="Nothing to report yet">Runs that end and engines that fail are told of here.</EmptyState>
                ) : (
                  <NoticeList notices={notices.slice(0, noticesShown)} />
                )}
              </Panel>
            </div>
          </div>
        </div>
      </PageContent>
    </Page>
  )
}
