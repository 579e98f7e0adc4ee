import type { Database } from 'better-sqlite3'
import type { PageQuery } from '../../ports/deliberation-reads.ts'
import type { TableName } from '../engine/read-model.ts'

/** One page of rows of the run table, newest first, and how many match on all pages. */
export function pageRows(db: Database, t: TableName, query: PageQuery): { rows: readonly unknown[]; total: number } {
  const { status, role, text, archived, limit, after } = query
  const conditions = [
    status === undefined ? `status <> 'EXPIRED'` : 'status = @status',
    ...(archived === 'any' ? [] : [`archived = ${archived === 'yes' ? 1 : 0}`]),
    ...(role === undefined ? [] : ['role = @role']),
    ...(text === undefined || text === '' ? [] : ['instr(words, @text) > 0']),
  ]
  const values = {
    limit,
    ...(status !== undefined && { status }),
    ...(role !== undefined && { role }),
    ...(text !== undefined && text !== '' && { text: text.toLowerCase() }),
  }
  const { limit: _, ...filters } = values
  const where = conditions.join(' AND ')
  const behind = after === undefined ? '' : 'AND (created_at < @created_at OR (created_at = @created_at AND task_id > @task_id))'
  const rows = db
    .prepare(`SELECT * FROM ${t('run')} WHERE ${where} ${behind} ORDER BY created_at DESC, task_id LIMIT @limit`)
    .all({ ...values, ...after })
  const { total } = db.prepare(`SELECT COUNT(*) AS total FROM ${t('run')} WHERE ${where}`).get(filters) as { total: number }
  return { rows, total }
}
