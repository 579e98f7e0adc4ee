import type { DeliberationExport } from '../../messages/deliberation-export.ts'
import type { DeliberationBoard } from '../../messages/deliberation-views.ts'
import { reportOf } from './report.ts'

export interface ExportedRun {
  readonly file_name: string
  readonly media_type: string
  readonly text: string
}

/** A run as a file: to be read (Markdown), or complete and versioned for other programs (JSON). */
export function exportRun(board: DeliberationBoard, format: 'markdown' | 'json', now: number): ExportedRun {
  const name = board.row.task_id
  if (format === 'markdown') return { file_name: `${name}.md`, media_type: 'text/markdown', text: reportOf(board) }
  const whole: DeliberationExport = { format: 'signalbox.deliberation', version: 1, exported_at: now, run: board }
  return { file_name: `${name}.json`, media_type: 'application/json', text: `${JSON.stringify(whole, null, 2)}\n` }
}
