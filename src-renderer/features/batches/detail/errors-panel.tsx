import { useState } from 'react'
import type { BatchCounts, BatchDetail, ErrorGroup } from '../../../../src-preload/contract/batch.ts'
import { ended } from '../../../lib/batch-words.ts'
import { useNow } from '../../../lib/clock.ts'
import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { usePoll } from '../../../lib/use-poll.ts'
import { Button } from '../../../ui/button.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { DataTable, type Column } from '../../../ui/table.tsx'
import { RetryDialog } from './retry-dialog.tsx'

const ASK_EVERY_MS = 5000

interface ErrorsPanelProps {
  detail: BatchDetail
  counts: BatchCounts
  onShow: (code: string) => void
}

/** Failed requests by their cause, and whether trying again may help. */
export function ErrorsPanel({ detail, counts: { completed, failed }, onShow }: ErrorsPanelProps) {
  const { row, settings } = detail
  const host = useHost()
  const now = useNow(30_000)
  const [retrying, setRetrying] = useState<ErrorGroup | 'all' | null>(null)
  const asked = usePoll(`errors ${row.batch_id}`, (signal) => host.batch.errors({ batch_id: row.batch_id }, signal), ASK_EVERY_MS)
  const groups = asked.value?.groups ?? []
  const helped = groups.filter((group) => group.retry_helps).reduce((sum, group) => sum + group.count, 0)
  const done = completed + failed
  const share = done === 0 ? 0 : failed / done
  const tooEarly = ended(row) ? undefined : 'Failed requests can be run again when the batch has ended.'
  return (
    <Panel
      title="Errors by cause"
      note={`${format.integer(failed)} of ${format.counted(done, 'request')}, ${format.percent(share)}${settings.error_ceiling === undefined ? '' : `; ceiling ${format.percent(settings.error_ceiling)}`}`}
      aside={
        helped > 0 && (
          <Button command size="sm" reason={tooEarly} onClick={() => setRetrying('all')}>
            Retry {format.integer(helped)}…
          </Button>
        )
      }
      flush
    >
      {asked.state === 'failed' && <EmptyState title="The errors could not be read">{asked.error?.message}</EmptyState>}
      {asked.value !== null && groups.length === 0 && <EmptyState title="No request has failed" />}
      {groups.length > 0 && (
        <DataTable
          label="Errors by cause"
          columns={columns(now, tooEarly, setRetrying)}
          rows={groups}
          rowKey={(group) => `${group.code} ${group.status_code ?? ''}`}
          onOpen={(group) => onShow(group.code)}
          tall
        />
      )}
      {retrying !== null && (
        <RetryDialog
          batchId={row.batch_id}
          count={retrying === 'all' ? helped : retrying.count}
          which={
            retrying === 'all'
              ? { codes: groups.filter((group) => group.retry_helps).map((group) => group.code) }
              : { codes: [retrying.code] }
          }
          onClose={() => setRetrying(null)}
        />
      )}
    </Panel>
  )
}

function columns(now: number, tooEarly: string | undefined, retry: (group: ErrorGroup) => void): readonly Column<ErrorGroup>[] {
  return [
    {
      id: 'cause',
      header: 'Cause',
      cell: ({ code, status_code, example }) => (
        <>
          <span className="mono">{code}</span>
          <span className="sub" title={example}>
            {status_code === null ? '' : `${status_code}, `}
            {example}
          </span>
        </>
      ),
    },
    {
      id: 'rows',
      header: 'Requests',
      width: '68px',
      num: true,
      cell: ({ count }) => <span className="med">{format.integer(count)}</span>,
    },
    {
      id: 'when',
      header: 'When',
      width: '116px',
      wide: true,
      cell: ({ first_at, last_at }) => (
        <span className="fg2">
          {first_at === last_at ? format.moment(first_at, now) : `${format.moment(first_at, now)} to ${format.clock(last_at)}`}
        </span>
      ),
    },
    {
      id: 'helps',
      header: 'Retry helps',
      width: '76px',
      cell: ({ retry_helps }) => <span className="fg2">{retry_helps ? 'maybe' : 'no'}</span>,
    },
    {
      id: 'retry',
      header: <span className="visually-hidden">Actions</span>,
      width: '96px',
      cell: (group) => (
        <Button command size="sm" reason={tooEarly} onClick={() => retry(group)}>
          Retry {format.integer(group.count)}
        </Button>
      ),
    },
  ]
}
