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
