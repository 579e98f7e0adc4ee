import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useId, useRef, useState } from 'react'
import { useLocation, useSearchParams } from 'wouter'
import { listFilter } from '../../../../src-preload/contract/deliberation.ts'
import { useNow } from '../../../lib/clock.ts'
import * as format from '../../../lib/format.ts'
import { runRoute } from '../../../lib/routes.ts'
import { useActions } from '../../../lib/use-actions.ts'
import { useRuns } from '../../../lib/use-runs.ts'
import { ActionButton } from '../../../ui/action-button.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { Icon } from '../../../ui/icons.tsx'
import { Kbd } from '../../../ui/kbd.tsx'
import { Page, PageHeader } from '../../../ui/page.tsx'
import { DataTable } from '../../../ui/table.tsx'
import { TabPanel, Tabs } from '../../../ui/tabs.tsx'
import type { ListFilter } from '../shapes.ts'
import { runColumns } from './list-columns.tsx'
import './list-page.css'
import { listVerdict } from './list-verdict.ts'

const LIMIT = 200
const TYPING_PAUSE_MS = 150

/** Every deliberation of this installation, newest first. */
export function ListPage() {
  const [, navigate] = useLocation()
  const { filter, text, setFilter, setText } = useListAddress()
  const [asked] = useDebouncedValue(text, TYPING_PAUSE_MS)
  const all = useRuns({ filter: 'all', text: '', limit: LIMIT })
  const runs = useRuns({ filter, text: asked.trim(), limit: LIMIT })
  const now = useNow(10_000)
  const panelId = useId()
  const stale = runs.state !== 'live'
  const verdict = all.value ? listVerdict(all.value.rows, all.value.counts, now) : null
  const counts = runs.value?.counts
  const isEmpty = all.value?.counts.all === 0
  const tabs: readonly { readonly id: ListFilter; readonly label: string }[] = [
    { id: 'all', label: 'All' },
    { id: 'running', label: 'Running' },
    { id: 'done', label: 'Done' },
    { id: 'failed', label: 'Failed or stopped' },
  ]
  return (
    <Page>
      <PageHeader
        crumb="Deliberations"
        verdict={verdict?.sentence ?? 'Asking the host for its runs'}
        shape={verdict?.shape ?? 'wait'}
        tone={verdict?.tone}
        stale={all.state === 'cached' || all.state === 'failed'}
        why={verdict?.why}
        actions={<ActionButton id="deliberation.launch" variant="primary" />}
      />
      {runs.state === 'failed' && (
        <Banner tone="warn">
          The list cannot be renewed: {runs.error?.message ?? 'unknown cause'} It is asked for again by itself.
        </Banner>
      )}
      <Tabs
        label="Which runs"
        items={tabs.map((tab) => ({ ...tab, count: counts?.[tab.id] }))}
        value={filter}
        onChange={setFilter}
        panelId={panelId}
        aside={<Search text={text} onChange={setText} />}
      />
      <TabPanel id={panelId} tab={filter} className="run-list">
        {isEmpty ? (
          <FirstRun />
        ) : runs.value?.rows.length === 0 ? (
          <NothingFound text={asked} onClear={() => setText('')} />
        ) : (
          <DataTable
            label="Deliberations"
            columns={runColumns(now)}
            rows={runs.value?.rows ?? []}
            rowKey={(row) => row.task_id}
            onOpen={(row) => navigate(runRoute(row.task_id))}
            stale={stale}
            virtual
          />
        )}
      </TabPanel>
      {runs.value && runs.value.rows.length > 0 && <Foot shown={runs.value.rows.length} total={runs.value.total} />}
    </Page>
  )
}

/** Filter and search text live in the address, so that a link opens the same list. */
function useListAddress() {
  const [params, setParams] = useSearchParams()
  const put = (key: string, value: string, empty: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before)
        if (value === empty) next.delete(key)
        else next.set(key, value)
        return next
      },
      { replace: true },
    )
  return {
    filter: listFilter.catch('all').parse(params.get('filter')),
    text: params.get('q') ?? '',
    setFilter: (filter: ListFilter) => put('filter', filter, 'all'),
    setText: (text: string) => put('q', text.slice(0, 200), ''),
  }
}

function Search({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState(text)
  useEffect(() => setTyped(text), [text])
  useActions([
    {
      id: 'deliberations.search',
      title: 'Search the deliberations',
      group: 'Deliberation',
      shortcut: '/',
      available: true,
      run: () => input.current?.focus(),
    },
  ])
  return (
    <label className="run-search">
      <Icon name="search" />
      <span className="sr">Search by title, id or role</span>
      <input
        ref={input}
        type="search"
        value={typed}
        placeholder="title, id or role"
        spellCheck={false}
        onChange={(event) => {
          setTyped(event.target.value)
          onChange(event.target.value)
        }}
      />
      <Kbd chord="/" />
    </label>
  )
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
        title={text === '' ? 'No run in this state' : `No run matches “${text}” here`}
        actions={text === '' ? undefined : <Button onClick={onClear}>Clear the search</Button>}
      >
        {text === '' ? 'Other tabs may have some.' : 'The search looks at title, id and role of the runs in this tab.'}
      </EmptyState>
    </div>
  )
}

function Foot({ shown, total }: { shown: number; total: number }) {
  return (
    <div className="run-list-foot">
      <span>
        {shown < total
          ? `First ${format.integer(shown)} of ${format.integer(total)}, newest first; search to find older ones`
          : `All ${format.counted(total, 'run')}, newest first`}
      </span>
      <span className="push when-wide">Arrows move, Enter opens</span>
    </div>
  )
}
