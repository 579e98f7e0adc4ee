import type { Database } from 'better-sqlite3'
import { NO_COUNTS } from '../../domain/batch/state.ts'
import { batchEvent, type BatchEvent } from '../../messages/batch-events.ts'
import type { BatchDetail, BatchRow } from '../../messages/batch-views.ts'
import type { BatchSpec } from '../../messages/batch.ts'
import { TOMBSTONE_TYPE, type EventEnvelope } from '../../messages/envelope.ts'
import type { TableName } from '../engine/read-model.ts'
import { momentOf } from './moments.ts'

/** What only the page of a batch shows, a piece each. */
export interface BatchParts {
  readonly spec: BatchSpec
  readonly settings: BatchDetail['settings']
  readonly plan: NonNullable<BatchDetail['plan']>
  readonly refused: { readonly error_count: number; readonly errors: BatchDetail['line_errors'] }
  readonly times: BatchTimes
  readonly end: {
    readonly output: string | null
    readonly errors: string | null
    readonly slotCost?: number | undefined
    readonly servedBy?: Readonly<Record<string, number>> | undefined
  }
  readonly settlement: NonNullable<BatchDetail['settlement']>
}

/** When the stages began; what never did is absent. Milliseconds since the epoch. */
export interface BatchTimes {
  readonly validated?: number
  readonly started?: number
  readonly finalizing?: number
}

/** Applies one event of a batch to the tables; gives the other batch whose page it changes: the one that a new one retries. Unknown types and shapes of newer versions are passed over, and an end is final. */
export function batchFold(db: Database, t: TableName): (batchId: string, event: EventEnvelope) => string | null {
  const find = db.prepare<[string], string>(`SELECT value FROM ${t('batch')} WHERE batch_id = ?`).pluck()
  const insert = db.prepare(
    `INSERT OR REPLACE INTO ${t('batch')} (batch_id, status, created_at, ended_at, deadline, model, sla, tenant, retry_of, words, value)
     VALUES (@batch_id, @status, @created_at, @ended_at, @deadline, @model, @sla, @tenant, @retry_of, @words, @value)`,
  )
  const putPart = db.prepare(`INSERT OR REPLACE INTO ${t('part')} (batch_id, kind, value) VALUES (?, ?, ?)`)
  const getPart = db.prepare<[string, string], string>(`SELECT value FROM ${t('part')} WHERE batch_id = ? AND kind = ?`).pluck()
  const putPoint = db.prepare(
    `INSERT OR REPLACE INTO ${t('point')} (batch_id, at, completed, failed, tokens_out, rate, concurrency) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const putMoment = db.prepare(
    `INSERT OR IGNORE INTO ${t('moment')} (id, batch_id, at, kind, severity, message, is_notice) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const removals = ['batch', 'part', 'point', 'moment'].map((table) => db.prepare(`DELETE FROM ${t(table)} WHERE batch_id = ?`))

  function store(row: BatchRow): void {
    const { batch_id, status, created_at, ended_at, deadline, sla, tenant, retry_of } = row
    const words = [row.name, batch_id, row.model ?? ''].join('\n').toLowerCase()
    insert.run({
      batch_id,
      status,
      created_at,
      ended_at,
      deadline,
      model: row.model ?? '',
      sla,
      tenant,
      retry_of,
      words,
      value: JSON.stringify(row),
    })
  }

  function put<K extends keyof BatchParts>(batchId: string, kind: K, value: BatchParts[K]): void {
    putPart.run(batchId, kind, JSON.stringify(value))
  }

  function began(batchId: string, stage: keyof BatchTimes, at: number): void {
    const times = JSON.parse(getPart.get(batchId, 'times') ?? '{}') as BatchTimes
    if (times[stage] === undefined) put(batchId, 'times', { ...times, [stage]: at })
  }

  function putParts(batchId: string, event: BatchEvent, at: number): void {
    switch (event.type) {
      case 'batch.submitted':
        put(batchId, 'spec', event.data.spec)
        return put(batchId, 'settings', event.data.spec.settings)
      case 'batch.validated':
        put(batchId, 'plan', event.data.plan)
        return began(batchId, 'validated', at)
      case 'batch.refused':
        return put(batchId, 'refused', event.data)
      case 'batch.started':
        return began(batchId, 'started', at)
      case 'batch.changed':
        return put(batchId, 'settings', event.data.settings)
      case 'batch.progress': {
        const { counts, rates, concurrency } = event.data
        putPoint.run(batchId, at, counts.completed, counts.failed, counts.tokens_out, rates?.fast ?? null, concurrency)
        return
      }
      case 'batch.finalizing':
        return began(batchId, 'finalizing', at)
      case 'batch.ended':
        return put(batchId, 'end', {
          output: event.data.output?.id ?? null,
          errors: event.data.errors?.id ?? null,
          slotCost: event.data.slot_cost_micro_usd,
          servedBy: event.data.served_by,
        })
      case 'batch.settled':
        return put(batchId, 'settlement', { verdict: event.data.verdict, margin_ms: event.data.margin_ms })
      case 'batch.paused':
      case 'batch.resumed':
      case 'batch.planned_again':
      case 'batch.cancelling':
      case 'batch.sla_changed':
      case 'batch.alerted':
      case 'batch.overflow':
        return
    }
  }

  return (batchId, { id, type, data, at }) => {
    if (type === TOMBSTONE_TYPE) {
      for (const removal of removals) removal.run(batchId)
      return null
    }
    const known = batchEvent.safeParse({ type, data })
    if (!known.success) return null
    const event = known.data
    const stored = find.get(batchId)
    const before = stored === undefined ? undefined : (JSON.parse(stored) as BatchRow)
    const row =
      event.type === 'batch.submitted'
        ? firstRow(event.data.spec, at)
        : before === undefined
          ? undefined
          : changed(before, event, at)
    if (!row) return null
    store(row)
    putParts(batchId, event, at)
    const moment = momentOf(event, before)
    if (moment) putMoment.run(id, batchId, at, moment.kind, moment.severity, moment.message, moment.isNotice ? 1 : 0)
    return event.type === 'batch.submitted' ? event.data.spec.retry_of : null
  }
}

function firstRow(spec: BatchSpec, at: number): BatchRow {
  return {
    batch_id: spec.batch_id,
    name: spec.name,
    model: null,
    engine_id: spec.engine_id,
    endpoint: spec.endpoint,
    status: 'validating',
    window_ms: spec.window_ms,
    created_at: at,
    started_at: null,
    deadline: spec.deadline,
    ended_at: null,
    counts: NO_COUNTS,
    priority_offset: spec.settings.priority_offset,
    not_before: spec.settings.not_before ?? null,
    eta: null,
    sla: 'estimating',
    tenant: spec.tenant,
    retry_of: spec.retry_of,
    message: '',
  }
}

/** Only the settlement follows an end. */
function changed(row: BatchRow, event: BatchEvent, at: number): BatchRow {
  if (row.ended_at !== null) return event.type === 'batch.settled' ? { ...row, sla: event.data.verdict } : row
  switch (event.type) {
    case 'batch.submitted':
    case 'batch.alerted':
    case 'batch.overflow':
      return row
    case 'batch.validated': {
      const { model, report } = event.data.plan
      return {
        ...row,
        status: 'queued',
        model: model.model,
        engine_id: model.engine_id,
        counts: { ...row.counts, total: report.requests },
      }
    }
    case 'batch.refused':
      return { ...row, status: 'failed', ended_at: at, message: event.data.message }
    case 'batch.started':
      return { ...row, status: 'in_progress', started_at: row.started_at ?? at }
    case 'batch.paused':
      return { ...row, status: 'paused', message: event.data.reason }
    case 'batch.resumed':
      return { ...row, status: 'queued', message: '' }
    case 'batch.changed':
      return {
        ...row,
        priority_offset: event.data.settings.priority_offset,
        not_before: event.data.settings.not_before ?? null,
        deadline: event.data.deadline,
        window_ms: event.data.deadline - row.created_at,
      }
    case 'batch.progress':
      return { ...row, counts: event.data.counts, eta: event.data.eta }
    case 'batch.sla_changed':
      return { ...row, sla: event.data.to, eta: event.data.eta ?? row.eta }
    case 'batch.finalizing':
      return { ...row, status: 'finalizing', counts: event.data.counts }
    case 'batch.planned_again': {
      const mayBeSent = row.status === 'in_progress' || row.status === 'finalizing'
      return { ...row, status: mayBeSent ? 'queued' : row.status, counts: event.data.counts, eta: null }
    }
    case 'batch.cancelling':
      return { ...row, status: 'cancelling' }
    case 'batch.ended':
      return {
        ...row,
        status: event.data.status,
        counts: event.data.counts,
        ended_at: at,
        eta: null,
        message: event.data.message,
      }
    case 'batch.settled':
      return { ...row, sla: event.data.verdict }
  }
}
