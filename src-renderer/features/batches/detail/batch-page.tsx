import { useState } from 'react'
import { useLocation } from 'wouter'
import type { Forecast } from '../../../../src-preload/contract/batch.ts'
import { ended, isPromised } from '../../../lib/batch-words.ts'
import { useNow } from '../../../lib/clock.ts'
import * as format from '../../../lib/format.ts'
import { batchRoute, routes } from '../../../lib/routes.ts'
import { useActions } from '../../../lib/use-actions.ts'
import { useBatch, type OneBatch } from '../../../lib/use-batches.ts'
import { Absent } from '../../../ui/absent.tsx'
import { AreaCrumb } from '../../../ui/area-crumb.tsx'
import { ActionButton } from '../../../ui/action-button.tsx'
import { ActionMenu } from '../../../ui/action-menu.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { Tag } from '../../../ui/chip.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { Id } from '../../../ui/id.tsx'
import { Ladder } from '../../../ui/ladder.tsx'
import { Page, PageContent, PageHeader } from '../../../ui/page.tsx'
import { RouteLink } from '../../../ui/route-link.tsx'
import './batch-page.css'
import { batchVerdict } from './batch-verdict.ts'
import { DeadlinePanel } from './deadline-panel.tsx'
import { ErrorsPanel } from './errors-panel.tsx'
import { EventsPanel } from './events-panel.tsx'
import { BatchDialogs } from '../actions/batch-dialogs.tsx'
import { availability, useBatchActions, type BatchDialog } from '../actions/use-batch-actions.ts'
import { LineErrorsPanel } from '../line-errors-panel.tsx'
import { RemedyDialog } from './remedy-dialog.tsx'
import { OverflowPanel } from './overflow-panel.tsx'
import { RequestsPanel } from './requests-panel.tsx'
import { SettingsDialog } from './settings-dialog.tsx'
import { stageSteps } from './stage-steps.ts'
import { ThroughputPanel } from './throughput-panel.tsx'

/** One batch: will it be done in time, what fails, and what came back. */
export function BatchPage({ batchId }: { batchId: string }) {
  const { value, state, error, retry } = useBatch(batchId)
  if (value) return <Batch batch={value} stale={state !== 'live'} error={error?.message ?? null} />
  return (
    <Page>
      <PageHeader
        crumb={<AreaCrumb to={routes.batches} area="Batches" />}
        verdict={error === null ? 'Asking for the batch' : 'This batch cannot be shown'}
        shape={error === null ? 'wait' : 'bad'}
        why={error?.message}
      />
      {error !== null && (
        <EmptyState
          title={error.code === 'not-found' ? 'There is no such batch' : 'The host could not answer'}
          actions={
            <>
              <Button onClick={retry}>Ask again</Button>
              <RouteLink to={routes.batches}>All batches</RouteLink>
            </>
          }
        >
          It may have been removed by retention. The list shows those that are there.
        </EmptyState>
      )}
    </Page>
  )
}

type Dialog = BatchDialog | 'settings' | Forecast | null

function Batch({ batch, stale, error }: { batch: OneBatch; stale: boolean; error: string | null }) {
  const { detail, live } = batch
  const { row } = detail
  const now = useNow()
  const [, navigate] = useLocation()
  const [dialog, setDialog] = useState<Dialog>(null)
  const [code, setCode] = useState<string | null>(null)
  const close = () => setDialog(null)
  useBatchActions(row, now, setDialog)
  useActions([
    {
      id: 'batch.settings',
      title: 'Change…',
      group: 'Batch',
      shortcut: 'e',
      available: availability(row, now).cancel,
      command: true,
      run: () => setDialog('settings'),
    },
  ])
  const verdict = batchVerdict(row, live, now, isPromised(detail))
  const hasRun = detail.plan !== null
  return (
    <Page>
      <PageHeader
        crumb={
          <AreaCrumb to={routes.batches} area="Batches">
            <span className="fg2 cut">{row.name}</span>
            <Id value={row.batch_id} />
            {row.model !== null && <Tag mono>{row.model}</Tag>}
            <Tag>{isPromised(detail) ? `window ${windowWords(row.window_ms)}` : 'in the background'}</Tag>
            {live !== null && <Tag>priority {live.priority}</Tag>}
            {row.retry_of !== null && <RouteLink to={batchRoute(row.retry_of)}>retry of another batch</RouteLink>}
            {detail.retries.map((id, index) => (
              <RouteLink key={id} to={batchRoute(id)}>
                retried{detail.retries.length > 1 ? ` ${index + 1}` : ''}
              </RouteLink>
            ))}
          </AreaCrumb>
        }
        verdict={verdict.sentence}
        shape={verdict.shape}
        tone={verdict.tone}
        why={<span title={verdict.why}>{verdict.why}</span>}
        stale={stale}
        actions={<Actions isOver={ended(row)} />}
      />
      {error !== null && <Banner tone="warn">This page cannot be renewed: {error} It is asked for again by itself.</Banner>}
      <div className="batch-stages">
        <Ladder label="Stages" steps={stageSteps(detail, live, now, unusual)} />
      </div>
      <PageContent>
        <div className="stack gap-3">
          {detail.line_error_count > 0 && <LineErrorsPanel errors={detail.line_errors} count={detail.line_error_count} />}
          <OverflowPanel detail={detail} live={live} now={now} />
          {hasRun && <DeadlinePanel batch={batch} onApply={setDialog} />}
          {hasRun && (
            <div className="batch-columns">
              <ThroughputPanel batch={batch} />
              <ErrorsPanel detail={detail} counts={live?.counts ?? row.counts} onShow={setCode} />
            </div>
          )}
          {hasRun && <RequestsPanel detail={detail} live={live} code={code} onCode={setCode} />}
          <EventsPanel events={detail.events} />
        </div>
      </PageContent>
      {dialog === 'settings' ? (
        <SettingsDialog detail={detail} onClose={close} />
      ) : typeof dialog === 'string' ? (
        <BatchDialogs dialog={dialog} row={row} live={live} onClose={close} onRemoved={() => navigate(routes.batches)} />
      ) : (
        dialog !== null && <RemedyDialog batch={batch} forecast={dialog} onClose={close} />
      )}
    </Page>
  )
}

/** How long a stage usually takes, where that is not known. */
const unusual = (reason: string) => (
  <>
    usually <Absent reason={reason} />
  </>
)

/** Whole hours where they are. */
function windowWords(ms: number): string {
  return ms % 3_600_000 === 0 ? `${ms / 3_600_000}\u00a0h` : format.duration(ms)
}

function Actions({ isOver }: { isOver: boolean }) {
  return (
    <>
      <ActionButton id="batch.clone" variant="quiet" />
      {isOver ? (
        <ActionButton id="batch.remove" variant="danger" />
      ) : (
        <>
          <ActionMenu label="Place and start" ids={['batch.up', 'batch.down', 'batch.start', 'batch.start-now']} />
          <ActionButton id="batch.settings" />
          <ActionButton id="batch.pause" />
          <ActionButton id="batch.cancel" variant="danger" />
        </>
      )}
    </>
  )
}
