import type { BatchCounts, BatchEvent, BatchPlan, BatchSettings, BatchSpec, EndedData } from './types.ts'
import { applyEvent, NO_COUNTS, type BatchState } from './state.ts'

/** Batches for specs: what varies is handed in, the rest is plain. */

export const SUBMITTED_AT = 1_700_000_000_000
export const HOUR_MS = 3_600_000

export function sampleSettings(settings: Partial<BatchSettings> = {}): BatchSettings {
  return { adaptive_concurrency: false, max_retries: 3, priority_offset: 0, on_deadline: 'expire', force: false, ...settings }
}

export function sampleSpec(spec: Partial<BatchSpec> = {}): BatchSpec {
  const window_ms = spec.window_ms ?? 24 * HOUR_MS
  return {
    batch_id: 'batch_1',
    name: 'Nightly labels',
    input_file_id: 'file-1',
    input: { sha256: 'a'.repeat(64), size: 1000 },
    endpoint: '/v1/chat/completions',
    completion_window: `${window_ms / HOUR_MS}h`,
    window_ms,
    deadline: SUBMITTED_AT + window_ms,
    metadata: {},
    output_expires_at: null,
    engine_id: null,
    settings: sampleSettings(),
    retry_of: null,
    tenant: 'local',
    ...spec,
  }
}

export function samplePlan(requests: number): BatchPlan {
  return {
    model: { engine_id: 'vllm', model: 'small' },
    report: {
      lines: requests,
      requests,
      bytes: requests * 200,
      model: 'small',
      error_count: 0,
      tokens_in_estimate: requests * 40,
      max_tokens_sum: requests * 100,
      fingerprint: 'f'.repeat(64),
    },
    estimate: {
      requests,
      tokens_in: requests * 40,
      tokens_out: [requests * 50, requests * 100],
      cost_micro_usd: [0, 0],
      duration_ms: null,
      wait_ms: null,
      basis: 'sample',
      admission: {
        verdict: 'accept',
        pending_tokens: 0,
        new_tokens: requests * 50,
        capacity_tokens: null,
        earliest_window_hours: null,
        message: 'sample',
      },
    },
    price_in: 0,
    price_out: 0,
  }
}

export function sampleCounts(counts: Partial<BatchCounts> = {}): BatchCounts {
  return { ...NO_COUNTS, ...counts }
}

export function sampleEnd(status: EndedData['status'], counts: BatchCounts): EndedData {
  return { status, counts, output: null, errors: null, manifest: null, message: 'sample' }
}

export function applyEvents(state: BatchState | undefined, events: readonly BatchEvent[], at: number): BatchState | undefined {
  return events.reduce((before, event) => applyEvent(before, event, at), state)
}
