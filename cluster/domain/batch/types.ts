/** Shapes that travel. They mirror the zod shapes of `cluster/messages/batch*.ts` field by field (types.test.ts pins them both ways). */

export type SlaState = 'estimating' | 'on_track' | 'inside_buffer' | 'at_risk' | 'breaching' | 'breached' | 'met' | 'missed'

/** What a rate counts: output tokens, or requests where the endpoint has no tokens to show. */
export type WorkUnit = 'tokens' | 'requests'

export interface BatchEta {
  readonly at: number
  readonly p50_ms: number
  readonly p90_ms: number
  readonly source: 'measured' | 'estimate'
}

export interface BatchRates {
  readonly unit: WorkUnit
  readonly fast: number
  readonly slow: number
  readonly planning: 'fast' | 'slow'
  readonly why: string
}

export interface Admission {
  readonly verdict: 'accept' | 'accept_at_risk' | 'reject'
  readonly pending_tokens: number
  readonly new_tokens: number
  readonly capacity_tokens: number | null
  readonly earliest_window_hours: number | null
  readonly message: string
}

export interface BatchHold {
  readonly code: string
  readonly message: string
  readonly cured_by_waiting: boolean
  readonly fix: string | null
}

export type Remedy =
  | { readonly kind: 'concurrency'; readonly limit: number }
  | { readonly kind: 'overflow'; readonly engine_id: string; readonly model: string; readonly requests: number }
  | { readonly kind: 'pause_other'; readonly batch_id: string }
  | { readonly kind: 'deadline'; readonly deadline: number }

export interface Forecast {
  readonly remedy: Remedy | null
  readonly title: string
  readonly eta: BatchEta | null
  readonly deadline: number
  readonly extra_cost_micro_usd: number | null
  readonly basis: string
}

export type BatchStatus =
  | 'validating'
  | 'queued'
  | 'in_progress'
  | 'paused'
  | 'finalizing'
  | 'completed'
  | 'failed'
  | 'expired'
  | 'cancelling'
  | 'cancelled'

export type BatchEndpoint = '/v1/chat/completions' | '/v1/completions' | '/v1/embeddings'

export interface BlobReference {
  readonly sha256: string
  readonly size: number
}

export interface ModelReference {
  readonly engine_id: string
  readonly model: string
}

export interface FallbackModel extends ModelReference {
  /** Larger or paid: for the last 15 minutes alone. */
  readonly escalation_only: boolean
}

export interface BatchSettings {
  readonly max_concurrency?: number | undefined
  readonly adaptive_concurrency: boolean
  readonly max_retries: number
  readonly priority_offset: number
  readonly cost_ceiling_micro_usd?: number | undefined
  /** Share of the finished requests, 0–1. */
  readonly error_ceiling?: number | undefined
  readonly on_deadline: 'expire' | 'continue'
  readonly not_before?: number | undefined
  readonly force: boolean
  /** In the order in which they are asked. */
  readonly fallbacks?: FallbackModel[] | undefined
}

export interface BatchSpec {
  readonly batch_id: string
  readonly name: string
  readonly input_file_id: string
  readonly input: BlobReference
  readonly endpoint: BatchEndpoint
  readonly completion_window: string
  readonly window_ms: number
  readonly deadline: number
  readonly metadata: Readonly<Record<string, string>>
  readonly output_expires_at: number | null
  readonly engine_id: string | null
  readonly settings: BatchSettings
  readonly retry_of: string | null
  readonly tenant: string
}

export interface LineError {
  readonly line: number
  readonly column: number | null
  readonly code: string
  readonly param: string | null
  readonly message: string
}

/** What a file holds, without its errors and its preview. */
export interface FileSummary {
  readonly lines: number
  readonly requests: number
  readonly bytes: number
  readonly model: string | null
  readonly error_count: number
  readonly tokens_in_estimate: number
  readonly max_tokens_sum: number | null
  readonly fingerprint: string
  readonly sampling?: Record<string, unknown> | null | undefined
}

/** Ranges are [likely, worst]. */
export interface BatchEstimate {
  readonly requests: number
  readonly tokens_in: number
  readonly tokens_out: [number, number]
  readonly cost_micro_usd: [number, number]
  readonly duration_ms: [number, number] | null
  readonly wait_ms: number | null
  readonly basis: string
  readonly admission: Admission
}

export interface BatchPlan {
  readonly model: ModelReference
  readonly origin?: string | undefined
  readonly engine?: { readonly context_tokens: number | null; readonly parallel: number } | undefined
  readonly report: FileSummary
  readonly estimate: BatchEstimate
  /** Micro-dollars per million tokens. */
  readonly price_in: number
  readonly price_out: number
}

export interface BatchCounts {
  readonly total: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly expired: number
  readonly retries: number
  readonly tokens_in: number
  readonly tokens_out: number
  readonly cost_micro_usd: number
}

export type AlertKind = 'stalled' | 'sla_elapsed' | 'shedding' | 'engine_down'
export type EndStatus = 'completed' | 'failed' | 'expired' | 'cancelled'

export interface ResultFile {
  readonly id: string
  readonly content: BlobReference
}

export interface EndedData {
  readonly status: EndStatus
  readonly counts: BatchCounts
  readonly output: ResultFile | null
  readonly errors: ResultFile | null
  readonly manifest: BlobReference | null
  readonly slot_cost_micro_usd?: number | undefined
  /** Rows by the model that answered them, as `engine/model`. */
  readonly served_by?: Record<string, number> | undefined
  readonly message: string
}

export interface SettledData {
  readonly verdict: 'met' | 'missed'
  readonly margin_ms: number
  readonly requests_done: number
  readonly cost_micro_usd: number
}

/** Why rows of a batch go to a fallback, or should: its own model is away, or it would be late. */
export type OverflowCause = 'away' | 'late'

export interface PricedModel extends ModelReference {
  readonly price_in: number
  readonly price_out: number
}

export type OverflowData =
  | { readonly state: 'started'; readonly cause: OverflowCause; readonly to: PricedModel; readonly why: string }
  | { readonly state: 'blocked'; readonly cause: OverflowCause; readonly why: string }
  | { readonly state: 'ended'; readonly why: string }

export type BatchEvent =
  | { readonly type: 'batch.submitted'; readonly data: { readonly spec: BatchSpec } }
  | { readonly type: 'batch.validated'; readonly data: { readonly plan: BatchPlan } }
  | {
      readonly type: 'batch.refused'
      readonly data: { readonly error_count: number; readonly errors: readonly LineError[]; readonly message: string }
    }
  | { readonly type: 'batch.started'; readonly data: Readonly<Record<string, never>> }
  | { readonly type: 'batch.paused'; readonly data: { readonly by: string; readonly reason: string } }
  | { readonly type: 'batch.resumed'; readonly data: { readonly by: string } }
  | {
      readonly type: 'batch.changed'
      readonly data: { readonly by: string; readonly settings: BatchSettings; readonly deadline: number }
    }
  | {
      readonly type: 'batch.progress'
      readonly data: {
        readonly counts: BatchCounts
        readonly rates: BatchRates | null
        readonly eta: BatchEta | null
        readonly concurrency: number
      }
    }
  | {
      readonly type: 'batch.sla_changed'
      readonly data: { readonly from: SlaState; readonly to: SlaState; readonly eta: BatchEta | null; readonly why: string }
    }
  | { readonly type: 'batch.alerted'; readonly data: { readonly kind: AlertKind; readonly message: string } }
  | { readonly type: 'batch.overflow'; readonly data: OverflowData }
  | { readonly type: 'batch.finalizing'; readonly data: { readonly counts: BatchCounts } }
  | { readonly type: 'batch.planned_again'; readonly data: { readonly counts: BatchCounts; readonly message: string } }
  | { readonly type: 'batch.cancelling'; readonly data: { readonly by: string } }
  | { readonly type: 'batch.ended'; readonly data: EndedData }
  | { readonly type: 'batch.settled'; readonly data: SettledData }
