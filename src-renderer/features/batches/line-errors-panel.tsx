import type { LineError } from '../../../src-preload/contract/batch.ts'
import './line-errors.css'
import * as format from '../../lib/format.ts'
import { Panel } from '../../ui/panel.tsx'
import { DataTable, type Column } from '../../ui/table.tsx'

/** What is wrong with a file, line by line. */
export function LineErrorsPanel({ errors, count }: { errors: readonly LineError[]; count: number }) {
  return (
    <Panel
      title="What is wrong with the file"
      note={
        count > errors.length
          ? `first ${format.integer(errors.length)} of ${format.integer(count)} errors`
          : format.counted(count, 'error')
      }
      flush
    >
      <div className="line-errors" style={{ height: Math.min(320, 30 + errors.length * 28) }}>
        <DataTable
          label="Errors of the file"
          columns={columns}
          rows={errors}
          rowKey={(error) => `${error.line} ${error.column ?? ''} ${error.code} ${error.param ?? ''}`}
          virtual
        />
      </div>
    </Panel>
  )
}

const columns: readonly Column<LineError>[] = [
  { id: 'line', header: 'Line', width: '72px', num: true, cell: ({ line }) => format.integer(line) },
  { id: 'column', header: 'Column', width: '64px', num: true, cell: ({ column }) => column ?? <span className="fg3">–</span> },
  { id: 'code', header: 'Rule', width: '168px', mono: true, cell: ({ code }) => code },
  { id: 'param', header: 'Field', width: '112px', mono: true, cell: ({ param }) => param ?? '' },
  { id: 'message', header: 'What is wrong', cell: ({ message }) => <span title={message}>{message}</span> },
]
