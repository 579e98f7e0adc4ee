import type { Database } from 'better-sqlite3'
import { costPerRequest } from '../../domain/batch/cost.ts'
import type { BatchStatus } from '../../messages/batch.ts'
import type { BatchDetail, BatchQuery, BatchRow } from '../../messages/batch-views.ts'
import type { TableName } from '../engine/read-model.ts'
import type { BatchParts, BatchTimes } from './fold.ts'
import { stagesOf } from './stages.ts'
import { isLike, withUsual, type EarlierBatch } from './usual-stages.ts'

export interface BatchQueries {
  /** Newest first; `total`: how many match on all pages. `after`: the id of the last batch of the page before. */
  page(query: BatchQuery): { readonly rows: readonly BatchRow[]; readonly total: number }
  row(batchId: string): BatchRow | undefined
  detail(batchId: string): BatchDetail | undefined
  /** Batches that have not ended, soonest deadline first. */
  moving(): readonly BatchRow[]
  counts(): Readonly<Partial<Record<BatchStatus, number>>>
  /** What operators should hear of once, newest first. */
  notices(limit: number): readonly BatchNotice[]
  /** Batches that ran failed requests of this one again, or of such a one, oldest first. */
  retriesOf(batchId: string): readonly string[]
  /** Ended batches that ended before `at`. */
  endedBefore(at: number): readonly string[]
}

export interface BatchNotice {
  readonly id: string
  readonly at: number
  readonly batch_id: string
  readonly name: string
  readonly kind: string
  readonly severity: 'info' | 'warning' | 'critical'
  readonly message: string
}

const ENDED = `('completed', 'failed', 'expired', 'cancelled')`
/** Newest batches of a model that are looked through for those of like size, and how many of these are enough. */
const LOOKED_THROUGH = 200
const ENOUGH_LIKE = 50
/** More than a chart has pixels for. */
const MAX_POINTS = 600

/** Questions over the tables that serve now; `t` gives their names. */
export function batchQueries(db: Database, t: TableName): BatchQueries {
  const value = db.prepare<[string], string>(`SELECT value FROM ${t('batch')} WHERE batch_id = ?`).pluck()
  const parts = db.prepare<[string], { kind: string; value: string }>(`SELECT kind, value FROM ${t('part')} WHERE batch_id = ?`)
  const points = db.prepare<{ batch_id: string; max: number }, BatchDetail['points'][number]>(
    `WITH numbered AS (
       SELECT *, ROW_NUMBER() OVER (ORDER BY at) AS n, COUNT(*) OVER () AS total FROM ${t('point')} WHERE batch_id = @batch_id
     )
     SELECT at, completed, failed, tokens_out, rate, concurrency FROM numbered
     WHERE n = total OR n % ((total + @max - 1) / @max) = 0 ORDER BY at`,
  )
  const moments = db.prepare<[string], BatchDetail['events'][number]>(
    `SELECT at, kind, severity, message FROM ${t('moment')} WHERE batch_id = ? ORDER BY at, rowid`,
  )
  const retries = db
    .prepare<[string], string>(`SELECT batch_id FROM ${t('batch')} WHERE retry_of = ? ORDER BY created_at`)
    .pluck()

  const descendants = db
    .prepare<[string], string>(
      `WITH RECURSIVE later(batch_id, created_at) AS (
         SELECT batch_id, created_at FROM ${t('batch')} WHERE retry_of = ?
         UNION SELECT b.batch_id, b.created_at FROM ${t('batch')} AS b JOIN later ON b.retry_of = later.batch_id
       )
       SELECT batch_id FROM later ORDER BY created_at, batch_id`,
    )
    .pluck()

  const completed = db.prepare<[string, number], { value: string; times: string }>(
    `SELECT b.value, p.value AS times FROM ${t('batch')} AS b JOIN ${t('part')} AS p ON p.batch_id = b.batch_id AND p.kind = 'times'
     WHERE b.model = ? AND b.status = 'completed' ORDER BY b.created_at DESC LIMIT ?`,
  )

  /** Batches of its model that say how long its stages may take, newest first. */
  function likeOnes(row: BatchRow): EarlierBatch[] {
    if (row.model === null) return []
    return completed
      .all(row.model, LOOKED_THROUGH)
      .map(({ value: text, times }) => ({ row: parse(text), times: JSON.parse(times) as BatchTimes }))
      .filter((earlier) => earlier.row.batch_id !== row.batch_id && isLike(row, earlier.row))
      .slice(0, ENOUGH_LIKE)
  }

  const parse = (text: string): BatchRow => JSON.parse(text) as BatchRow

  const metadataHas = (nth: number): string =>
    `EXISTS (SELECT 1 FROM ${t('part')} AS p, json_each(p.value, '$.metadata') AS m
      WHERE p.batch_id = ${t('batch')}.batch_id AND p.kind = 'spec' AND m.key = @key${nth} AND m.value = @value${nth})`

  return {
    page({ status, model, sla, text, tenant, metadata = {}, created_from, created_to, after, limit }) {
      const conditions: string[] = []
      const values: Record<string, string | number> = {}
      const hold = (sql: string, name: string, wanted: string | number | undefined) => {
        if (wanted === undefined || wanted === '') return
        conditions.push(sql)
        values[name] = wanted
      }
      hold('status IN (SELECT value FROM json_each(@status))', 'status', status.length > 0 ? JSON.stringify(status) : undefined)
      hold('sla IN (SELECT value FROM json_each(@sla))', 'sla', sla.length > 0 ? JSON.stringify(sla) : undefined)
      hold('model = @model', 'model', model)
      hold('tenant = @tenant', 'tenant', tenant)
      for (const [nth, [key, wanted]] of Object.entries(metadata).entries()) {
        hold(metadataHas(nth), `key${nth}`, key)
        values[`value${nth}`] = wanted
      }
      hold('created_at >= @from', 'from', created_from)
      hold('created_at < @to', 'to', created_to)
      hold('instr(words, @text) > 0', 'text', text?.trim().toLowerCase())
      const where = conditions.length === 0 ? 'TRUE' : conditions.join(' AND ')
      const total =
        db
          .prepare<[typeof values], number>(`SELECT COUNT(*) FROM ${t('batch')} WHERE ${where}`)
          .pluck()
          .get(values) ?? 0
      const place = after === undefined ? undefined : value.get(after)
      if (after !== undefined && place === undefined) return { rows: [], total }
      const beyond = place === undefined ? 'TRUE' : '(created_at < @at OR (created_at = @at AND batch_id > @after))'
      const rows = db
        .prepare<[typeof values], string>(
          `SELECT value FROM ${t('batch')} WHERE ${where} AND ${beyond} ORDER BY created_at DESC, batch_id LIMIT @limit`,
        )
        .pluck()
        .all({ ...values, limit, ...(place !== undefined && after !== undefined && { at: parse(place).created_at, after }) })
      return { rows: rows.map(parse), total }
    },

    row(batchId) {
      const found = value.get(batchId)
      return found === undefined ? undefined : parse(found)
    },

    detail(batchId) {
      const found = value.get(batchId)
      if (found === undefined) return undefined
      const row = parse(found)
      const known = Object.fromEntries(
        parts.all(batchId).map((part) => [part.kind, JSON.parse(part.value) as unknown]),
      ) as Partial<BatchParts>
      if (!known.spec || !known.settings) return undefined
      return {
        row,
        spec: known.spec,
        settings: known.settings,
        plan: known.plan ?? null,
        stages: withUsual(stagesOf(row, known.times ?? {}), likeOnes(row)),
        line_errors: known.refused?.errors ?? [],
        line_error_count: known.refused?.error_count ?? 0,
        points: points.all({ batch_id: batchId, max: MAX_POINTS }),
        events: moments.all(batchId),
        settlement: known.settlement ?? null,
        slot_cost_micro_usd: known.end?.slotCost,
        request_cost_micro_usd: known.end && requestCost(row, known.end.slotCost ?? 0),
        served_by: known.end?.servedBy,
        output_file_id: known.end?.output ?? null,
        error_file_id: known.end?.errors ?? null,
        retries: retries.all(batchId),
      }
    },

    moving: () =>
      db
        .prepare<[], string>(`SELECT value FROM ${t('batch')} WHERE status NOT IN ${ENDED} ORDER BY deadline, batch_id`)
        .pluck()
        .all()
        .map(parse),

    counts: () =>
      Object.fromEntries(
        db
          .prepare<[], { status: BatchStatus; count: number }>(
            `SELECT status, COUNT(*) AS count FROM ${t('batch')} GROUP BY status`,
          )
          .all()
          .map(({ status, count }) => [status, count]),
      ),

    notices: (limit) =>
      db
        .prepare<[number], Omit<BatchNotice, 'name'> & { value: string }>(
          `SELECT m.id, m.at, m.batch_id, m.kind, m.severity, m.message, b.value FROM ${t('moment')} AS m
           JOIN ${t('batch')} AS b ON b.batch_id = m.batch_id WHERE m.is_notice = 1 ORDER BY m.at DESC LIMIT ?`,
        )
        .all(limit)
        .map(({ value: row, ...notice }) => ({ ...notice, name: parse(row).name })),

    retriesOf: (batchId) => descendants.all(batchId),

    endedBefore: (at) =>
      db
        .prepare<[number], string>(`SELECT batch_id FROM ${t('batch')} WHERE ended_at < ?`)
        .pluck()
        .all(at),
  }
}

function requestCost({ counts }: BatchRow, slotCost: number): number | undefined {
  return costPerRequest(counts.cost_micro_usd + slotCost, counts.completed + counts.failed)
}
