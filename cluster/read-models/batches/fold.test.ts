import Database from 'better-sqlite3'
import { beforeEach, expect, test } from 'vitest'
import type { BatchEvent } from '../../messages/batch-events.ts'
import { batchQuery } from '../../messages/batch-views.ts'
import { batchSettings, type BatchCounts, type BatchSpec } from '../../messages/batch.ts'
import { TOMBSTONE_TYPE } from '../../messages/envelope.ts'
import { batchFold } from './fold.ts'
import { batchQueries, type BatchQueries } from './queries.ts'
import { batchTables } from './tables.ts'

const t = (name: string): string => `v1_${name}`
const input = { sha256: 'a'.repeat(64), size: 100 }
const specOf = (batch_id: string, more: Partial<BatchSpec> = {}): BatchSpec => ({
  batch_id,
  name: 'summaries',
  input_file_id: 'file-1',
  input,
  endpoint: '/v1/chat/completions',
  completion_window: '24h',
  window_ms: 86_400_000,
  deadline: 86_400_000,
  metadata: {},
  output_expires_at: null,
  engine_id: null,
  settings: batchSettings.parse({}),
  retry_of: null,
  tenant: 'local',
  ...more,
})
const plan = {
  model: { engine_id: 'e', model: 'm' },
  report: {
    lines: 4,
    requests: 4,
    bytes: 100,
    model: 'm',
    error_count: 0,
    tokens_in_estimate: 40,
    max_tokens_sum: 400,
    fingerprint: 'f',
  },
  estimate: {
    requests: 4,
    tokens_in: 40,
    tokens_out: [200, 400] as [number, number],
    cost_micro_usd: [0, 0] as [number, number],
    duration_ms: null,
    wait_ms: null,
    basis: '',
    admission: {
      verdict: 'accept' as const,
      pending_tokens: 0,
      new_tokens: 200,
      capacity_tokens: null,
      earliest_window_hours: null,
      message: '',
    },
  },
  price_in: 0,
  price_out: 0,
}
const counts = (completed: number, failed = 0): BatchCounts => ({
  total: 4,
  completed,
  failed,
  cancelled: 0,
  expired: 0,
  retries: 0,
  tokens_in: completed,
  tokens_out: completed * 10,
  cost_micro_usd: 0,
})
const progress = (completed: number): BatchEvent => ({
  type: 'batch.progress',
  data: {
    counts: counts(completed),
    rates: { unit: 'tokens', fast: 5, slow: 4, planning: 'fast', why: '' },
    eta: null,
    concurrency: 2,
  },
})
const ended: BatchEvent = {
  type: 'batch.ended',
  data: {
    status: 'completed',
    counts: counts(3, 1),
    output: { id: 'file-out', content: input },
    errors: { id: 'file-err', content: input },
    manifest: null,
    message: '3 of 4 requests answered, 1 failed.',
  },
}

let queries: BatchQueries
let apply: (batchId: string, event: BatchEvent | { type: string; data: unknown }, at: number) => string | null
beforeEach(() => {
  const db = new Database(':memory:')
  db.exec(batchTables(t))
  const fold = batchFold(db, t)
  let number = 0
  apply = (batchId, event, at) =>
    fold(batchId, { id: `event-${++number}`, at, actor: 'a', tenant: 'local', schema: 1, type: event.type, data: event.data })
  queries = batchQueries(db, t)
})

function runToEnd(batchId: string): void {
  apply(batchId, { type: 'batch.submitted', data: { spec: specOf(batchId) } }, 0)
  apply(batchId, { type: 'batch.validated', data: { plan } }, 10)
  apply(batchId, { type: 'batch.started', data: {} }, 20)
  apply(batchId, progress(2), 30)
  apply(batchId, { type: 'batch.finalizing', data: { counts: counts(3, 1) } }, 40)
  apply(batchId, ended, 50)
  apply(batchId, { type: 'batch.settled', data: { verdict: 'met', margin_ms: 9, requests_done: 4, cost_micro_usd: 0 } }, 50)
}

test('a batch goes through its stages, and its page knows when each began and ended', () => {
  runToEnd('batch_1')
  const detail = queries.detail('batch_1')
  expect(detail?.row).toMatchObject({
    status: 'completed',
    sla: 'met',
    model: 'm',
    started_at: 20,
    ended_at: 50,
    counts: counts(3, 1),
  })
  expect(detail?.stages.map(({ stage, state, started_at, ended_at }) => [stage, state, started_at, ended_at])).toEqual([
    ['validating', 'done', 0, 10],
    ['queued', 'done', 10, 20],
    ['running', 'done', 20, 40],
    ['finalizing', 'done', 40, 50],
    ['done', 'done', 50, 50],
  ])
  expect(detail?.points).toEqual([{ at: 30, completed: 2, failed: 0, tokens_out: 20, rate: 5, concurrency: 2 }])
  expect([detail?.output_file_id, detail?.error_file_id]).toEqual(['file-out', 'file-err'])
  expect(queries.moving()).toEqual([])
})

test('a stage says what it usually takes once three batches of the model and of like size have ended', () => {
  const usual = (batchId: string) =>
    queries.detail(batchId)?.stages.flatMap(({ stage, usual: range }) => (range ? [[stage, range.low_ms, range.high_ms]] : []))
  for (const batchId of ['batch_1', 'batch_2', 'batch_3', 'batch_4']) runToEnd(batchId)
  expect(usual('batch_1')).toEqual([
    ['validating', 10, 10],
    ['queued', 10, 10],
    ['running', 20, 20],
    ['finalizing', 10, 10],
  ])
  apply('batch_1', { type: TOMBSTONE_TYPE, data: {} }, 90)
  expect(usual('batch_2')).toEqual([])
})

test('a file that cannot be run ends the batch in its first stage, with its errors', () => {
  apply('batch_1', { type: 'batch.submitted', data: { spec: specOf('batch_1') } }, 0)
  const errors = [{ line: 2, column: 5, code: 'invalid_json', param: null, message: 'no JSON' }]
  apply('batch_1', { type: 'batch.refused', data: { error_count: 7, errors, message: '7 lines cannot be run.' } }, 5)
  const detail = queries.detail('batch_1')
  expect(detail).toMatchObject({ row: { status: 'failed', ended_at: 5 }, line_errors: errors, line_error_count: 7 })
  expect(detail?.stages[0]).toMatchObject({ state: 'failed', ended_at: 5 })
})

test('after its end nothing changes a batch but the settlement', () => {
  runToEnd('batch_1')
  const before = queries.row('batch_1')
  apply('batch_1', progress(1), 60)
  apply('batch_1', { type: 'batch.paused', data: { by: 'x', reason: '' } }, 61)
  expect(queries.row('batch_1')).toEqual(before)
})

test('risks and ends are told once, newest first', () => {
  runToEnd('batch_1')
  apply('batch_2', { type: 'batch.submitted', data: { spec: specOf('batch_2') } }, 100)
  apply('batch_2', { type: 'batch.sla_changed', data: { from: 'on_track', to: 'at_risk', eta: null, why: 'the rate fell' } }, 110)
  apply('batch_2', { type: 'batch.sla_changed', data: { from: 'at_risk', to: 'on_track', eta: null, why: '' } }, 120)
  expect(queries.notices(10).map(({ batch_id, severity, message }) => [batch_id, severity, message])).toEqual([
    ['batch_2', 'warning', 'At risk: the rate fell'],
    ['batch_1', 'warning', '3 of 4 requests answered, 1 failed.'],
  ])
  expect(queries.detail('batch_2')?.events.map(({ message }) => message)).toEqual(['At risk: the rate fell', 'On track again'])
})

test('another place in the queue, start or deadline is told with what it was before', () => {
  const change = (settings: Partial<BatchSpec['settings']>, deadline = 86_400_000): BatchEvent => ({
    type: 'batch.changed',
    data: { by: 'operator', settings: batchSettings.parse(settings), deadline },
  })
  apply('batch_1', { type: 'batch.submitted', data: { spec: specOf('batch_1') } }, 0)
  apply('batch_1', change({ priority_offset: 1 }), 10)
  expect(queries.row('batch_1')).toMatchObject({ priority_offset: 1, not_before: null })
  apply('batch_1', change({ priority_offset: -1, not_before: 7_200_000 }), 20)
  expect(queries.row('batch_1')).toMatchObject({ priority_offset: -1, not_before: 7_200_000 })
  apply('batch_1', change({ priority_offset: -1 }, 172_800_000), 30)
  apply('batch_1', change({ priority_offset: -1, max_retries: 5 }, 172_800_000), 40)
  expect(queries.detail('batch_1')?.events.map(({ message }) => message)).toEqual([
    'Moved up in the queue (priority +1 instead of 0) by operator',
    'Moved down in the queue (priority −1 instead of +1); Start set to 1970-01-01 02:00 UTC by operator',
    'Set to start at once; Deadline moved to 1970-01-03 00:00 UTC by operator',
    'Settings changed by operator',
  ])
})

test('lists are filtered, paged and counted', () => {
  for (const n of [1, 2, 3, 4, 5])
    apply(
      `batch_${n}`,
      {
        type: 'batch.submitted',
        data: { spec: specOf(`batch_${n}`, { name: `job ${n}`, metadata: { team: n > 3 ? 'search' : 'ads', nth: `${n}` } }) },
      },
      n,
    )
  runToEnd('batch_0')
  const ids = (query: object) => queries.page(batchQuery.parse(query)).rows.map(({ batch_id }) => batch_id)
  expect(ids({ limit: 2 })).toEqual(['batch_5', 'batch_4'])
  expect(ids({ limit: 2, after: 'batch_4' })).toEqual(['batch_3', 'batch_2'])
  expect(ids({ status: ['completed'] })).toEqual(['batch_0'])
  expect(ids({ text: 'JOB 3' })).toEqual(['batch_3'])
  expect(ids({ metadata: { team: 'search' } })).toEqual(['batch_5', 'batch_4'])
  expect(ids({ metadata: { team: 'search', nth: '4' } })).toEqual(['batch_4'])
  expect(ids({ metadata: { nth: "4' OR TRUE" } })).toEqual([])
  expect(queries.page(batchQuery.parse({ status: ['validating'], limit: 1 })).total).toBe(5)
  expect(queries.counts()).toEqual({ completed: 1, validating: 5 })
})

test('a retry is known to the batch whose requests it runs again', () => {
  runToEnd('batch_1')
  const changed = apply('batch_2', { type: 'batch.submitted', data: { spec: specOf('batch_2', { retry_of: 'batch_1' }) } }, 60)
  expect(changed).toBe('batch_1')
  expect(queries.detail('batch_1')?.retries).toEqual(['batch_2'])
  apply('batch_3', { type: 'batch.submitted', data: { spec: specOf('batch_3', { retry_of: 'batch_2' }) } }, 70)
  expect(queries.retriesOf('batch_1')).toEqual(['batch_2', 'batch_3'])
  expect(queries.retriesOf('batch_3')).toEqual([])
})

test('what retention removed is gone, and events of newer versions are passed over', () => {
  runToEnd('batch_1')
  apply('batch_1', { type: 'batch.of_tomorrow', data: {} }, 70)
  apply('batch_1', { type: TOMBSTONE_TYPE, data: {} }, 80)
  expect(queries.detail('batch_1')).toBeUndefined()
  expect(queries.notices(10)).toEqual([])
})
