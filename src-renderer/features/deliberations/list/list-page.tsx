import { useDebouncedValue } from '@mantine/hooks'
import { useCallback, useId, useMemo } from 'react'
import { useLocation } from 'wouter'
import type { RunQuery } from '../../../../src-preload/contract/deliberation.ts'
import { useNow } from '../../../lib/clock.ts'
import * as format from '../../../lib/format.ts'
import { runRoute } from '../../../lib/routes.ts'
import { usePreferences, useSystem } from '../../../lib/shared-streams.tsx'
import { useActions } from '../../../lib/use-actions.ts'
import { useNewestRuns } from '../../../lib/use-runs.ts'
import { ActionButton } from '../../../ui/action-button.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { notifyFailure } from '../../../ui/notify.tsx'
import { Page, PageHeader } from '../../../ui/page.tsx'
import { PagedTable } from '../../../ui/paged-table.tsx'
import { TabPanel, Tabs } from '../../../ui/tabs.tsx'
import { BulkProgress } from './bulk-progress.tsx'
import { shownColumns } from './column-choice.ts'
import { ColumnChooser } from './column-chooser.tsx'
import { FilterBar } from './filter-bar.tsx'
import { useListAddress, type ListAddress } from './list-address.ts'
import { runColumns } from './list-columns.tsx'
import './list-page.css'
import { listVerdict } from './list-verdict.ts'
import { MarksBar } from './marks-bar.tsx'
import { useBulk } from './use-bulk.tsx'
import { useMarks } from './use-marks.ts'
import { readQuery } from './query-text.ts'
import { useRunList, type OpenRunList } from './use-run-list.ts'
import { ViewMenu } from './view-menu.tsx'
import { orderAfterPress, orderOf, sortOf } from './views.ts'

const TYPING_PAUSE_MS = 30
/** The tab of a query that is no view. */
const OWN_QUERY = 'This query'

/** Every deliberation of this installation. */
export function ListPage() {
  const [, navigate] = useLocation()
  const address = useListAddress()
  const [text] = useDebouncedValue(address.q, TYPING_PAUSE_MS)
  // "24 h" counts from when it was asked for: the list must not be another one each second.
  const read = useMemo(() => readQuery(text, Date.now()), [text])
  const order = orderOf(address.sort)
  const query: RunQuery = { filter: read.filter, order }
  const runs = useRunList(query)
  const newest = useNewestRuns()
  const now = useNow(10_000)
  const panelId = useId()
  const { columns, chooser, chosen } = useColumns(address, now)
  const marks = useMarks(runs, query)
  const bulk = useBulk(marks)
  const system = useSystem().value
  const today = system && { runs: system.runs_today, spentMicroUsd: system.spend_today_micro_usd }
  const verdict = newest.value ? listVerdict(newest.value.rows, newest.value.counts, today, now) : null
  const tabs = tabsOf(address, newest.value?.counts ?? null)
  const open = useCallback((row: { task_id: string }) => navigate(runRoute(row.task_id)), [navigate])
  useActions([
    {
      id: 'deliberations.show-new',
      title: 'Show new runs',
      group: 'Deliberation',
      shortcut: '.',
      available: runs.waiting > 0 ? true : { reason: 'No run has come to match since the list was opened.' },
      run: runs.showWaiting,
    },
  ])
  const isEmpty = runs.count === 0 && runs.list.total === 0
  return (
    <Page>
      <PageHeader
        crumb="Deliberations"
        verdict={verdict?.sentence ?? 'Asking the host for its runs'}
        shape={verdict?.shape ?? 'wait'}
        tone={verdict?.tone}
        stale={newest.state === 'cached' || newest.state === 'failed'}
        why={verdict?.why}
        actions={<ActionButton id="deliberation.launch" variant="primary" />}
      />
      {runs.state === 'failed' && (
        <Banner tone="warn">
          The list cannot be renewed: {runs.error?.message ?? 'unknown cause'} It is asked for again by itself.
        </Banner>
      )}
      <Tabs
        label="Views"
        items={tabs}
        value={address.view?.name ?? OWN_QUERY}
        onChange={(name) => {
          const view = address.views.find((one) => one.name === name)
          if (view) address.openView(view)
        }}
        panelId={panelId}
        aside={
          <>
            <ViewMenu
              view={address.view}
              views={address.views}
              now={{ q: address.q, sort: address.sort, columns: [...chosen] }}
              onOpen={(name) => navigate(name === 'All' ? '?' : `?view=${encodeURIComponent(name)}`)}
            />
            {chooser}
          </>
        }
      />
      <FilterBar text={address.q} problems={read.problems} onChange={address.setQuery} />
      {runs.waiting > 0 && (
        <div className="run-fresh">
          <ActionButton id="deliberations.show-new" size="sm">
            {format.integer(runs.waiting)} new
          </ActionButton>
        </div>
      )}
      <TabPanel id={panelId} tab={address.view?.name ?? OWN_QUERY} className="run-list">
        {newest.value?.counts.all === 0 && isEmpty && address.q === '' ? (
          <FirstRun />
        ) : isEmpty ? (
          <NothingFound text={address.q} onClear={() => address.setQuery('')} />
        ) : (
          <PagedTable
            label="Deliberations"
            columns={columns}
            count={runs.count}
            rowAt={runs.rowAt}
            keyOf={(row) => row.task_id}
            nameOf={(row) => row.title}
            onSight={runs.report}
            onTop={runs.reportTop}
            sort={order}
            onSort={(id) => address.setSort(sortOf(orderAfterPress(order, id)))}
            isMarked={marks.isMarked}
            onMark={marks.mark}
            marks={marks.extent}
            onMarkAll={marks.toggleAll}
            onOpen={open}
            isFaded={(id) => runs.list.left.has(id)}
            stale={runs.state === 'cached' || runs.state === 'failed'}
            epoch={runs.epoch}
          />
        )}
      </TabPanel>
      <BulkProgress />
      <MarksBar marks={marks} />
      {bulk}
      {!isEmpty && <Foot runs={runs} />}
    </Page>
  )
}

function tabsOf(
  { view, views, q }: ListAddress,
  counts: Parameters<NonNullable<ListAddress['views'][number]['count']>>[0] | null,
) {
  const tabs = views.map(({ name, count }) => ({ id: name, label: name, count: counts && count ? count(counts) : undefined }))
  return view === null ? [...tabs, { id: OWN_QUERY, label: q === '' ? 'This order' : OWN_QUERY, count: undefined }] : tabs
}

/** The columns on screen: of the view that is open, else those the operator chose. */
function useColumns({ view }: ListAddress, now: number) {
  const { preferences, save } = usePreferences()
  const chosen = view !== null && view.columns.length > 0 ? view.columns : preferences.list_columns
  const all = useMemo(() => runColumns(now), [now])
  const columns = useMemo(() => shownColumns(all, chosen), [all, chosen])
  const change = (next: typeof chosen | readonly (typeof chosen)[number][]) => {
    const views = preferences.list_views.map((one) => (one.name === view?.name ? { ...one, columns: [...next] } : one))
    const patch = view !== null && view.columns.length > 0 ? { list_views: views } : { list_columns: [...next] }
    save(patch).catch((fault: unknown) => notifyFailure('The columns could not be kept', fault))
  }
  return { columns, chosen, chooser: <ColumnChooser all={all} chosen={chosen} onChange={change} /> }
}

function FirstRun() {
  return (
    <div className="run-empty">
      <EmptyState title="Your deliberations will be here" actions={<ActionButton id="deliberation.launch" variant="primary" />}>
        Each row shows how far a run is, who leads with which score, what it costs and how much time is left to its deadline.
      </EmptyState>
    </div>
  )
}

function NothingFound({ text, onClear }: { text: string; onClear: () => void }) {
  return (
    <div className="run-empty">
      <EmptyState
        title={text === '' ? 'No run here' : `No run matches “${text}”`}
        actions={text === '' ? undefined : <Button onClick={onClear}>Clear the filter</Button>}
      >
        Words are looked for in title, id and role; archived runs are shown with archived:any.
      </EmptyState>
    </div>
  )
}

function Foot({ runs: { list, count } }: { runs: OpenRunList }) {
  return (
    <div className="run-list-foot">
      <span>{list.total === null ? 'Counting…' : format.counted(count, 'run')}</span>
      <span className="push when-wide">Space marks, Enter opens, arrows, Page, Home and End move</span>
    </div>
  )
}
