import { TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useCallback, useId, useMemo, useState } from 'react'
import { useLocation, useSearchParams } from 'wouter'
import {
  batchQuery,
  type BatchLive,
  type BatchRow,
  type BatchStatus,
  type SlaState,
} from '../../../../src-preload/contract/batch.ts'
import { useNow } from '../../../lib/clock.ts'
import * as format from '../../../lib/format.ts'
import { batchRoute } from '../../../lib/routes.ts'
import { useBatchList, useMovingBatches, type MovingBatches } from '../../../lib/use-batches.ts'
import { ActionButton } from '../../../ui/action-button.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { Page, PageHeader } from '../../../ui/page.tsx'
import { DataTable } from '../../../ui/table.tsx'
import { TabPanel, Tabs } from '../../../ui/tabs.tsx'
import { BatchDialogs } from '../actions/batch-dialogs.tsx'
import { useBatchActions, type BatchDialog } from '../actions/use-batch-actions.ts'
import { batchColumns } from './batch-columns.tsx'
import './batches-page.css'
import { listVerdict } from './list-verdict.ts'
import { useBatchPages } from './use-batch-pages.ts'
import { inWorkOrder } from './work-order.ts'
import type { RowAct } from './row-actions.tsx'
import { SheddingBanner } from './shedding-banner.tsx'

type View = 'all' | 'moving' | 'risk' | 'done' | 'stopped'

const MOVING: readonly BatchStatus[] = ['validating', 'queued', 'in_progress', 'paused', 'finalizing', 'cancelling']
const AT_RISK: readonly SlaState[] = ['at_risk', 'breaching', 'breached']

interface ViewQuery {
  readonly id: View
  readonly label: string
  readonly status?: readonly BatchStatus[]
  readonly sla?: readonly SlaState[]
}

const views: readonly ViewQuery[] = [
  { id: 'all', label: 'All' },
  { id: 'moving', label: 'Under way', status: MOVING },
  { id: 'risk', label: 'At risk', status: MOVING, sla: AT_RISK },
  { id: 'done', label: 'Done', status: ['completed'] },
  { id: 'stopped', label: 'Failed or stopped', status: ['failed', 'expired', 'cancelled'] },
]

const PAGE_ROWS = 100

/** Every batch of this installation: will it be done in time? */
export function BatchesPage() {
  const [, navigate] = useLocation()
  const [params, setParams] = useSearchParams()
  const view = views.find(({ id }) => id === params.get('view'))
  const text = params.get('q') ?? ''
  const [sought] = useDebouncedValue(text, 150)
  const filter = { status: view?.status ?? [], sla: view?.sla ?? [], ...(sought.trim() !== '' && { text: sought }) }
  const pages = useBatchPages(JSON.stringify(filter))
  const query = batchQuery.parse({ ...filter, limit: PAGE_ROWS, ...(pages.after !== undefined && { after: pages.after }) })
  const list = useBatchList(query)
  const moving = useMovingBatches()
  const now = useNow(10_000)
  const panelId = useId()
  const liveMap = list.value?.live
  const [asked, setAsked] = useState<{ readonly dialog: BatchDialog; readonly batchId: string } | null>(null)
  const [activeId, setActiveId] = useState<string | null>(null)
  const act = useCallback<RowAct>((row, dialog) => setAsked({ dialog, batchId: row.batch_id }), [])
  const columns = useMemo(() => batchColumns((row: BatchRow) => liveMap?.get(row.batch_id) ?? null, act), [liveMap, act])
  const verdict = moving.value ? listVerdict(moving.value, now) : null
  const patch = (name: string, value: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before)
        if (value === '') next.delete(name)
        else next.set(name, value)
        return next
      },
      { replace: true },
    )
  const shown = list.value?.rows ?? []
  const isWhole = list.value !== null && shown.length === list.value.total
  const rows = isWhole ? inOrder(view?.id, shown, list.value.live) : shown
  const rowOf = (batchId: string | undefined | null) => rows.find((row) => row.batch_id === batchId) ?? null
  const active = rowOf(activeId)
  const askedRow = rowOf(asked?.batchId)
  useBatchActions(active, now, (dialog) => active !== null && act(active, dialog))
  const isEmpty = list.value !== null && rows.length === 0
  return (
    <Page>
      <PageHeader
        crumb="Batches"
        verdict={verdict?.sentence ?? 'Asking the host for its batches'}
        shape={verdict?.shape ?? 'wait'}
        tone={verdict?.tone}
        why={verdict?.why}
        stale={moving.state === 'cached' || moving.state === 'failed'}
        actions={<ActionButton id="batch.new" variant="primary" />}
      />
      {moving.value?.shedding && <SheddingBanner shedding={moving.value.shedding} now={now} />}
      {list.state === 'failed' && (
        <Banner tone="warn">The list cannot be renewed: {list.error?.message} It is asked for again by itself.</Banner>
      )}
      <Tabs
        label="Views"
        items={views.map(({ id, label }) => ({ id, label, count: countOf(id, moving.value) }))}
        value={view?.id ?? 'all'}
        onChange={(id) => patch('view', id === 'all' ? '' : id)}
        panelId={panelId}
        aside={
          <TextInput
            size="xs"
            aria-label="Find a batch"
            placeholder="Name, id or model"
            value={text}
            onChange={(event) => patch('q', event.currentTarget.value)}
          />
        }
      />
      <TabPanel id={panelId} tab={view?.id ?? 'all'} className="batch-list">
        {isEmpty ? (
          moving.value?.counts.all === 0 ? (
            <EmptyState title="Your batches will be here" actions={<ActionButton id="batch.new" variant="primary" />}>
              Each row shows how far a batch is, when it will be done, likely and at worst, and how much time that leaves to its
              deadline. Clients submit over the HTTP API with the OpenAI SDK, operators with a file.
            </EmptyState>
          ) : (
            <EmptyState
              title={text === '' ? 'No batch here' : `No batch matches “${text}”`}
              actions={text === '' ? undefined : <Button onClick={() => patch('q', '')}>Clear the search</Button>}
            />
          )
        ) : (
          <DataTable
            label="Batches"
            columns={columns}
            rows={rows}
            rowKey={(row) => row.batch_id}
            onActive={(row) => setActiveId(row.batch_id)}
            selectedKey={active?.batch_id ?? null}
            onOpen={(row) => navigate(batchRoute(row.batch_id))}
            stale={list.state === 'cached' || list.state === 'failed'}
            virtual
          />
        )}
      </TabPanel>
      {list.value !== null && rows.length > 0 && rows.length < list.value.total && (
        <div className="batch-list-foot">
          <span>
            {format.integer(pages.before * PAGE_ROWS + 1)} to {format.integer(pages.before * PAGE_ROWS + rows.length)} of{' '}
            {format.integer(list.value.total)}, newest first
          </span>
          <Button
            size="sm"
            variant="quiet"
            reason={pages.before === 0 ? 'These are the newest.' : undefined}
            onClick={pages.newer}
          >
            Newer
          </Button>
          <Button
            size="sm"
            variant="quiet"
            reason={rows.length < PAGE_ROWS ? 'These are the oldest.' : undefined}
            onClick={() => pages.older(rows.at(-1)?.batch_id ?? '')}
          >
            Older
          </Button>
        </div>
      )}
      {asked !== null && askedRow !== null && (
        <BatchDialogs
          dialog={asked.dialog}
          row={askedRow}
          live={liveMap?.get(askedRow.batch_id) ?? null}
          onClose={() => setAsked(null)}
          onRemoved={() => setAsked(null)}
        />
      )}
    </Page>
  )
}

function inOrder(view: View | undefined, rows: readonly BatchRow[], live: ReadonlyMap<string, BatchLive>): readonly BatchRow[] {
  if (view === 'moving') return inWorkOrder(rows, live)
  const riskOf = ({ batch_id }: BatchRow) => live.get(batch_id)?.risk ?? 1
  return view === 'risk' ? rows.toSorted((a, b) => riskOf(b) - riskOf(a) || a.deadline - b.deadline) : rows
}

function countOf(view: View, moving: MovingBatches | null): number | undefined {
  if (view === 'moving') return moving?.counts.moving
  return view === 'risk' && moving && moving.counts.at_risk > 0 ? moving.counts.at_risk : undefined
}
