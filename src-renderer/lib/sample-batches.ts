import type { BatchCounts, BatchDetail, BatchLive, BatchRow, FileReport, StoredFile } from '../../src-preload/contract/batch.ts'

const HOUR = 3_600_000
const input = { sha256: 'a'.repeat(64), size: 1000 }

export const counts = (more: Partial<BatchCounts> = {}): BatchCounts => ({
  total: 100,
  completed: 0,
  failed: 0,
  cancelled: 0,
  expired: 0,
  retries: 0,
  tokens_in: 0,
  tokens_out: 0,
  cost_micro_usd: 0,
  ...more,
})

/** A batch of 100 requests, submitted at 0 with a window of 24 h. */
export const batchRow = (more: Partial<BatchRow> = {}): BatchRow => ({
  batch_id: 'batch_1',
  name: 'summaries',
  model: 'm',
  engine_id: 'e',
  endpoint: '/v1/chat/completions',
  status: 'in_progress',
  window_ms: 24 * HOUR,
  created_at: 0,
  started_at: 1000,
  deadline: 24 * HOUR,
  ended_at: null,
  counts: counts(),
  priority_offset: 0,
  not_before: null,
  eta: null,
  sla: 'estimating',
  tenant: 'local',
  retry_of: null,
  message: '',
  ...more,
})

export const batchLive = (more: Partial<BatchLive> = {}): BatchLive => ({
  batch_id: 'batch_1',
  at: HOUR,
  counts: counts({ completed: 30, failed: 2 }),
  running: 4,
  concurrency: { limit: 4, why: '' },
  priority: 3,
  rates: { unit: 'tokens', fast: 10, slow: 9, planning: 'fast', why: '' },
  tokens_left: 36_000,
  eta: { at: HOUR, p50_ms: HOUR, p90_ms: 1.5 * HOUR, source: 'measured' },
  risk: null,
  sla: { state: 'on_track', since: 0, why: '' },
  queue: null,
  hold: null,
  ...more,
})

export const batchDetail = (row: BatchRow = batchRow(), more: Partial<BatchDetail> = {}): BatchDetail => {
  const settings = {
    adaptive_concurrency: true,
    max_retries: 3,
    priority_offset: 0,
    on_deadline: 'expire' as const,
    force: false,
  }
  return {
    row,
    spec: {
      batch_id: row.batch_id,
      name: row.name,
      input_file_id: 'file-1',
      input,
      endpoint: row.endpoint,
      completion_window: '24h',
      window_ms: row.window_ms,
      deadline: row.deadline,
      metadata: {},
      output_expires_at: null,
      engine_id: row.engine_id,
      settings,
      retry_of: row.retry_of,
      tenant: row.tenant,
    },
    settings,
    plan: null,
    stages: [
      { stage: 'validating', state: 'done', started_at: 0, ended_at: 500, note: '' },
      { stage: 'queued', state: 'done', started_at: 500, ended_at: 1000, note: '' },
      { stage: 'running', state: 'now', started_at: 1000, ended_at: null, note: '' },
      { stage: 'finalizing', state: 'ahead', started_at: null, ended_at: null, note: '' },
      { stage: 'done', state: 'ahead', started_at: null, ended_at: null, note: '' },
    ],
    line_errors: [],
    line_error_count: 0,
    points: [],
    events: [],
    settlement: null,
    output_file_id: null,
    error_file_id: null,
    retries: [],
    ...more,
  }
}

export const storedFile: StoredFile = {
  id: 'file-1',
  filename: 'jobs.jsonl',
  purpose: 'batch',
  tenant: 'local',
  content: { sha256: 'a'.repeat(64), size: 10 },
  created_at: 0,
  expires_at: null,
}

/** A sound file of three requests. */
export const fileReport = (more: Partial<FileReport> = {}): FileReport => ({
  lines: 3,
  requests: 3,
  bytes: 10,
  model: 'm',
  error_count: 0,
  errors: [],
  tokens_in_estimate: 3,
  max_tokens_sum: null,
  preview: [],
  fingerprint: 'f',
  ...more,
})
