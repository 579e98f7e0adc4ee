import { TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useCallback, useId, useMemo, useState } from 'react'
import { useLocation, useSearchParams } from 'wouter'
import { batchQuery, type BatchRow, type BatchStatus } from '../../../../src-preload/contract/batch.ts'
import { useNow } from '../../../lib/clock.ts'
import * as format from '../../../lib/format.ts'
import { batchRoute } from '../../../lib/routes.ts'
import { useBatchList, useMovingBatches } from '../../../lib/use-batches.ts'
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
import { inWorkOrder } from './work-order.ts'
import type { RowAct } from './row-actions.tsx'
import { SheddingBanner } from './shedding-banner.tsx'

type View = 'all' | 'moving' | 'done' | 'stopped'

const views: readonly { readonly id: View; readonly label: string; readonly status: readonly BatchStatus[] }[] = [
  { id: 'all', label: 'All', status: [] },
  { id: 'moving', label: 'Under way', status: ['validating', 'queued', 'in_progress', 'paused', 'finalizing', 'cancelling'] },
  { id: 'done', label: 'Done', status: ['completed'] },
  { id: 'stopped', label: 'Failed or stopped', status: ['failed', 'expired', 'cancelled'] },
]

const PAGE_ROWS = 50
const MAX_ROWS = 200

/** Every batch of this installation: will it be done in time? */
export function BatchesPage() {
  const [, navigate] = useLocation()
  const [params, setParams] = useSearchParams()
  const view = views.find(({ id }) => id === params.get('view'))
  const text = params.get('q') ?? ''
  const [sought] = useDebouncedValue(text, 150)
  const [limit, setLimit] = useState(PAGE_ROWS)
  const query = batchQuery.parse({ status: view?.status ?? [], limit, ...(sought.trim() !== '' && { text: sought }) })
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
  const rows = view?.id === 'moving' && isWhole ? inWorkOrder(shown, list.value.live) : shown
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
        items={views.map(({ id, label }) => ({ id, label, count: id === 'moving' ? moving.value?.counts.moving : undefined }))}
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
      {list.value !== null && rows.length < list.value.total && (
        <div className="batch-list-foot">
          <span>
            first {format.integer(rows.length)} of {format.integer(list.value.total)}
          </span>
          {limit < MAX_ROWS ? (
            <Button size="sm" variant="quiet" onClick={() => setLimit(MAX_ROWS)}>
              Show more
            </Button>
          ) : (
            <span className="fg3">narrow the search to see others</span>
          )}
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
