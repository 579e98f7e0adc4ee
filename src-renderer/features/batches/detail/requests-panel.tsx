import { TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMemo, useState } from 'react'
import type { BatchDetail, BatchLive, RequestRow, RequestState } from '../../../../src-preload/contract/batch.ts'
import { ended } from '../../../lib/batch-words.ts'
import * as format from '../../../lib/format.ts'
import { Button } from '../../../ui/button.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { PagedTable } from '../../../ui/paged-table.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import { DownloadMenu } from './download-menu.tsx'
import { MergedBar } from './merged-bar.tsx'
import { requestColumns } from './request-columns.tsx'
import { RequestDialog } from './request-dialog.tsx'
import { RetryDialog } from './retry-dialog.tsx'
import { useMerged } from './use-merged.ts'
import { useRequests } from './use-requests.ts'

type Shown = 'all' | 'completed' | 'failed' | 'open'
const statesOf: Readonly<Record<Shown, readonly RequestState[]>> = {
  all: [],
  completed: ['completed'],
  failed: ['failed', 'expired', 'cancelled'],
  open: ['pending', 'running'],
}

interface RequestsPanelProps {
  detail: BatchDetail
  live: BatchLive | null
  /** Only failed requests with this cause. */
  code: string | null
  onCode: (code: string | null) => void
}

/** Every request with its answer, joined by custom_id: read a page at a time, searchable, failed ones can be run again. */
export function RequestsPanel({ detail, live, code, onCode }: RequestsPanelProps) {
  const { row } = detail
  const [shown, setShown] = useState<Shown>('all')
  const [text, setText] = useState('')
  const [sought] = useDebouncedValue(text, 200)
  const [opened, setOpened] = useState<RequestRow | null>(null)
  const [marked, setMarked] = useState<ReadonlySet<number>>(new Set())
  const [retrying, setRetrying] = useState(false)
  const [isMerged, setMerged] = useState(true)
  const merged = useMerged(detail)
  const mergedNow = isMerged ? merged.view : null
  const counts = mergedNow?.counts ?? live?.counts ?? row.counts
  // While it runs, what is in sight is read anew every few hundred answers, not with each.
  const version =
    Math.floor((counts.completed + counts.failed) / Math.max(1, Math.ceil(counts.total / 200))) +
    (ended(row) ? 1_000_000 : 0) +
    (mergedNow?.version ?? 0)
  const filter = { states: code === null ? statesOf[shown] : (['failed'] as const), code, text: sought }
  const requests = useRequests(row.batch_id, filter, mergedNow !== null, version)
  const columns = useMemo(() => requestColumns(mergedNow?.retries.map((retry) => retry.batch_id) ?? []), [mergedNow?.retries])
  const mark = (place: number) => {
    const found = requests.rowAt(place)
    if (!found) return
    setMarked((before) => {
      const next = new Set(before)
      if (!next.delete(found.n)) next.add(found.n)
      return next
    })
  }
  const { total, completed } = counts
  const unanswered = counts.failed + counts.cancelled + counts.expired
  const open = total - completed - unanswered
  const options = [
    { value: 'all' as const, label: `All ${format.integer(total)}` },
    { value: 'completed' as const, label: `Done ${format.integer(completed)}` },
    { value: 'failed' as const, label: `Failed ${format.integer(unanswered)}` },
    { value: 'open' as const, label: `Open ${format.integer(Math.max(0, open))}` },
  ]
  return (
    <Panel
      title="Requests"
      note="in the order of the file; input joined with output on custom_id"
      aside={
        <span className="row">
          {code !== null && (
            <Button size="sm" icon="close" onClick={() => onCode(null)}>
              only {code}
            </Button>
          )}
          {marked.size > 0 && (
            <Button
              command
              size="sm"
              reason={
                mergedNow !== null
                  ? 'Some were run again already: show only this batch, or open the retry.'
                  : ended(row)
                    ? undefined
                    : 'Requests can be run again when the batch has ended.'
              }
              onClick={() => setRetrying(true)}
            >
              Retry {format.integer(marked.size)} marked…
            </Button>
          )}
          <TextInput
            size="xs"
            aria-label="Search requests"
            placeholder="custom_id or answer"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Segmented
            label="Which requests"
            value={shown}
            options={options}
            onChange={(next) => {
              onCode(null)
              setShown(next)
            }}
          />
          <DownloadMenu detail={detail} counts={counts} isMerged={mergedNow !== null} />
        </span>
      }
      flush
    >
      {detail.retries.length > 0 && (
        <MergedBar merged={merged.view} failure={merged.failure} isMerged={isMerged} onChange={setMerged} />
      )}
      {requests.failure !== null && <EmptyState title="The requests could not be read">{requests.failure}</EmptyState>}
      {requests.failure === null && requests.total === 0 && (
        <EmptyState title={sought === '' ? 'No request here' : `No request matches “${sought}”`} />
      )}
      {requests.failure === null && requests.total !== 0 && (
        <div className="batch-requests">
          <PagedTable
            label="Requests"
            columns={columns}
            count={requests.total ?? 0}
            rowAt={requests.rowAt}
            keyOf={(request) => String(request.n)}
            nameOf={(request) => request.custom_id}
            onSight={requests.report}
            sort={{ by: 'n', descending: false }}
            onSort={() => undefined}
            isMarked={(key) => marked.has(Number(key))}
            onMark={mark}
            marks={marked.size > 0 ? 'some' : 'none'}
            onMarkAll={() => setMarked(new Set())}
            onOpen={setOpened}
            isFaded={() => false}
            epoch={JSON.stringify([filter, mergedNow !== null])}
          />
        </div>
      )}
      {opened !== null && <RequestDialog batchId={row.batch_id} request={opened} onClose={() => setOpened(null)} />}
      {retrying && (
        <RetryDialog batchId={row.batch_id} count={marked.size} which={{ ns: [...marked] }} onClose={() => setRetrying(false)} />
      )}
    </Panel>
  )
}
