import type { RequestRow, RequestState } from '../../../../src-preload/contract/batch.ts'
import * as format from '../../../lib/format.ts'
import { Absent, Maybe } from '../../../ui/absent.tsx'
import { Chip } from '../../../ui/chip.tsx'
import type { ShapeName, Tone } from '../../../ui/icons.tsx'
import type { PagedColumn } from '../../../ui/paged-table.tsx'

const requestWords: Readonly<Record<RequestState, { readonly word: string; readonly tone: Tone; readonly shape: ShapeName }>> = {
  pending: { word: 'Open', tone: 'neutral', shape: 'off' },
  running: { word: 'Running', tone: 'info', shape: 'run' },
  completed: { word: 'Done', tone: 'good', shape: 'good' },
  failed: { word: 'Failed', tone: 'bad', shape: 'bad' },
  cancelled: { word: 'Cancelled', tone: 'neutral', shape: 'stop' },
  expired: { word: 'Expired', tone: 'warn', shape: 'wait' },
}

/** `retries`: of the batch whose requests are merged with theirs, oldest first; none: they are its own. */
export function requestColumns(retries: readonly string[]): readonly PagedColumn<RequestRow>[] {
  const none = 'not answered'
  return [
    { id: 'custom_id', header: 'custom_id', width: 148, mono: true, cell: ({ custom_id }) => custom_id },
    {
      id: 'state',
      header: 'State',
      width: 96,
      cell: ({ state }) => {
        const { word, tone, shape } = requestWords[state]
        return (
          <Chip tone={tone} shape={shape} plain>
            {word}
          </Chip>
        )
      },
    },
    ...(retries.length === 0 ? [] : [fromColumn(retries)]),
    {
      id: 'http',
      header: 'HTTP',
      width: 52,
      num: true,
      cell: ({ status_code }) => (
        <Maybe value={status_code} reason={none}>
          {(code) => <span className={code >= 400 ? 'bad' : 'fg2'}>{code}</span>}
        </Maybe>
      ),
    },
    {
      id: 'tokens',
      header: 'Tok out',
      width: 68,
      num: true,
      cell: ({ tokens_out }) => (
        <Maybe value={tokens_out} reason={none}>
          {(count) => format.integer(count)}
        </Maybe>
      ),
    },
    {
      id: 'latency',
      header: 'Latency',
      width: 68,
      num: true,
      wide: true,
      cell: ({ latency_ms }) => (
        <Maybe value={latency_ms} reason={none}>
          {(ms) => format.duration(ms)}
        </Maybe>
      ),
    },
    { id: 'tries', header: 'Tries', width: 48, num: true, wide: true, cell: ({ attempts }) => attempts },
    {
      id: 'input',
      header: 'Input',
      width: 280,
      cell: ({ input }) => (
        <span className="fg2 cut" title={input}>
          {input}
        </span>
      ),
    },
    {
      id: 'output',
      header: 'Output or error',
      width: null,
      cell: ({ output, error }) =>
        error ? (
          <span className="bad cut" title={error.message}>
            {error.code}: {error.message}
          </span>
        ) : output === null ? (
          <Absent reason={none} />
        ) : (
          <span className="cut" title={output}>
            {output}
          </span>
        ),
    },
  ]
}

function fromColumn(retries: readonly string[]): PagedColumn<RequestRow> {
  return {
    id: 'from',
    header: 'From',
    width: 80,
    cell: ({ retried_in }) =>
      retried_in === undefined ? (
        <span className="fg3">this batch</span>
      ) : (
        <span title={retried_in.batch_id}>retry {retries.indexOf(retried_in.batch_id) + 1}</span>
      ),
  }
}
