import * as z from 'zod'
import {
  batchCounts,
  batchEndpoint,
  batchEta,
  batchPlan,
  batchRates,
  batchSettings,
  batchSpec,
  batchStatus,
  lineError,
  slaState,
} from './batch.ts'
import { modelReference } from './work.ts'

/** Why a batch does not run now. `cured_by_waiting` false: somebody has to do something (`fix` says what). */
export const batchHold = z.object({
  /** `slots`, `pool`, `engine_down`, `circuit_open`, `not_before`, `paused`, `validating`, `model_missing`, `model_changed`, `deferred`, `rate_limited`. */
  code: z.string(),
  message: z.string(),
  cured_by_waiting: z.boolean(),
  fix: z.string().nullable(),
})
export type BatchHold = z.infer<typeof batchHold>

/**
 * What is held back while the plane is overloaded, mildest first: batches of low priority wait where one of high priority has work
 * (`defer_low`), half as many requests run at once (`lower_concurrency`), submits are refused (`reject_new`), a person is called (`escalate`). Times are milliseconds since the epoch.
 */
export const shedding = z.object({
  since: z.int(),
  why: z.array(z.string()),
  actions: z.array(z.enum(['defer_low', 'lower_concurrency', 'reject_new', 'escalate'])),
  /** When a person was called who has not answered yet. */
  escalated_at: z.int().nullable(),
})
export type SheddingView = z.infer<typeof shedding>

const POOL_NAMES = ['spot', 'dedicated'] as const

/** Slots that batches run on, and what one costs an hour. */
export const batchPool = z.strictObject({
  name: z.enum(POOL_NAMES),
  slots: z.int().min(0).max(1000),
  hour_micro_usd: z.int().nonnegative().max(1_000_000_000),
})
export type BatchPool = z.infer<typeof batchPool>

/**
 * The operator's pools with the batches on them, and those that wait, first come first. No pools: no batch needs a slot.
 * `usual_hour_micro_usd`: what an hour of a slot is taken to cost before somebody says otherwise.
 */
export const batchPools = z.object({
  pools: z.array(batchPool.extend({ batches: z.array(z.string()) })),
  waiting: z.array(z.string()),
  usual_hour_micro_usd: z.int().nonnegative(),
})
export type BatchPools = z.infer<typeof batchPools>

/** What only the plane that runs it knows of a batch at a moment; not in the log. Times are milliseconds since the epoch. */
export const batchLive = z.object({
  batch_id: z.string(),
  at: z.int(),
  counts: batchCounts,
  running: z.int().nonnegative(),
  /** Requests that may run at once now, and what set that number. */
  concurrency: z.object({ limit: z.int().nonnegative(), why: z.string() }),
  /** 1–10 by the time left and what remains, with the operator's offset. */
  priority: z.int().min(1).max(10),
  rates: batchRates.nullable(),
  tokens_left: z.number().nonnegative().nullable(),
  eta: batchEta.nullable(),
  /** Sorts lists by how near the likely end is to the deadline, 1 = late; not to be shown. Null while no end is known. */
  risk: z.number().min(0).max(1).nullable(),
  sla: z.object({ state: slaState, since: z.int(), why: z.string() }),
  /** 1 = next; null while it runs. */
  queue: z.object({ position: z.int().positive(), ahead: z.int().nonnegative() }).nullable(),
  hold: batchHold.nullable(),
  /**
   * Of the last batches of its model (at most 100): how many ended by the worst case that was shown once, and how far the likely end was
   * off, as a mean share of the time it took. Absent before the first.
   */
  calibration: z
    .object({ batches: z.int().positive(), by_worst_case: z.int().nonnegative(), mean_error: z.number().nonnegative() })
    .optional(),
  /**
   * Of a batch with fallbacks: from when on one may answer, and the one that its rows go to now. `to` null with a `why`: one is due and none
   * can take them; without: it keeps to its own model.
   */
  overflow: z.object({ from: z.int(), to: modelReference.nullable(), why: z.string().nullable() }).optional(),
  /** Its slot, and what its slots have cost beside the tokens; absent where no pools are set. */
  slot: z.object({ pool: z.enum(POOL_NAMES).nullable(), cost_micro_usd: z.int().nonnegative() }).optional(),
  /** Tokens and slots together, over the requests that are answered or failed; absent while none is. */
  request_cost_micro_usd: z.int().nonnegative().optional(),
})
export type BatchLive = z.infer<typeof batchLive>

const nowAndThen = z.object({ now: z.int().nullable(), then: z.int().nullable() })

/**
 * What another place in the queue, or another start, would do. Positions count from 1 among those that claim on its model; ends are
 * milliseconds since the epoch. null = not in the queue then, or not known, because `basis`.
 */
export const queueEffect = z.object({
  position: nowAndThen,
  /** Batches that claim on its model now, itself included. */
  of: z.int().nonnegative(),
  /** Batches that it would go before and does not now, and the other way round. */
  passes: z.int().nonnegative(),
  lets_pass: z.int().nonnegative(),
  end: nowAndThen,
  /** Others whose end moves by a minute or more, soonest deadline first. */
  others: z.array(z.object({ batch_id: z.string(), name: z.string(), deadline: z.int(), end: nowAndThen })),
  basis: z.string(),
})
export type QueueEffect = z.infer<typeof queueEffect>

/** One batch as a list shows it; what is live stands as the last stored picture had it until a `batchLive` replaces it. */
export const batchRow = z.object({
  batch_id: z.string(),
  name: z.string(),
  model: z.string().nullable(),
  engine_id: z.string().nullable(),
  endpoint: batchEndpoint,
  status: batchStatus,
  window_ms: z.int(),
  created_at: z.int(),
  started_at: z.int().nullable(),
  deadline: z.int(),
  ended_at: z.int().nullable(),
  counts: batchCounts,
  priority_offset: z.int(),
  /** Not started before; null = as soon as there is a place. */
  not_before: z.int().nullable(),
  eta: batchEta.nullable(),
  sla: slaState,
  tenant: z.string(),
  retry_of: z.string().nullable(),
  message: z.string(),
})
export type BatchRow = z.infer<typeof batchRow>

/** Which batches: those that meet all that is given. `after`: the last batch of the page before. */
export const batchQuery = z.strictObject({
  status: z.array(batchStatus).default([]),
  sla: z.array(slaState).default([]),
  model: z.string().max(300).optional(),
  tenant: z.string().max(100).optional(),
  /** All of these. */
  metadata: z.record(z.string(), z.string()).optional(),
  /** In the name, the id or the model. */
  text: z.string().max(200).optional(),
  created_from: z.int().optional(),
  created_to: z.int().optional(),
  after: z.string().max(100).optional(),
  limit: z.int().min(1).max(200).default(50),
})
export type BatchQuery = z.output<typeof batchQuery>

/** A stage of a batch's life with its times; null where it did not begin or end yet. */
const batchStage = z.object({
  stage: z.enum(['validating', 'queued', 'running', 'finalizing', 'done']),
  state: z.enum(['ahead', 'now', 'done', 'failed']),
  started_at: z.int().nullable(),
  ended_at: z.int().nullable(),
  note: z.string(),
  /** What it took in the last batches of the model with ¼ to 4 times as many requests, P10 to P90; absent where fewer than 3 are known. */
  usual: z.object({ low_ms: z.int().nonnegative(), high_ms: z.int().nonnegative(), batches: z.int().positive() }).optional(),
})

/** What a page knew at one tick: for charts. */
const batchPoint = z.object({
  at: z.int(),
  completed: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  tokens_out: z.int().nonnegative(),
  rate: z.number().nonnegative().nullable(),
  concurrency: z.int().nonnegative(),
})

/** One batch in full. */
export const batchDetail = z.object({
  row: batchRow,
  spec: batchSpec,
  settings: batchSettings,
  plan: batchPlan.nullable(),
  stages: z.array(batchStage),
  /** Of a refused file. */
  line_errors: z.array(lineError),
  line_error_count: z.int().nonnegative(),
  /** At most one a minute for long runs. */
  points: z.array(batchPoint),
  /** Alerts, changes of the SLA state, pauses and what people did, oldest first. */
  events: z.array(
    z.object({ at: z.int(), kind: z.string(), severity: z.enum(['info', 'warning', 'critical']), message: z.string() }),
  ),
  settlement: z.object({ verdict: z.enum(['met', 'missed']), margin_ms: z.number() }).nullable(),
  /** What its slots cost beside the tokens, once it has ended; absent where it had none. */
  slot_cost_micro_usd: z.int().nonnegative().optional(),
  /** As in `batchLive`, once it has ended. */
  request_cost_micro_usd: z.int().nonnegative().optional(),
  /** Rows that each model answered, by `engine/model`, once it has ended; absent where only its own could. */
  served_by: z.record(z.string(), z.int().nonnegative()).optional(),
  output_file_id: z.string().nullable(),
  error_file_id: z.string().nullable(),
  /** Batches that run its failed requests again. */
  retries: z.array(z.string()),
})
export type BatchDetail = z.infer<typeof batchDetail>

export const requestState = z.enum(['pending', 'running', 'completed', 'failed', 'cancelled', 'expired'])
export type RequestState = z.infer<typeof requestState>

/** One request of a batch: input joined with output. `n` is its place in the file, from 0. Texts are the first 300 characters. */
export const requestRow = z.object({
  n: z.int().nonnegative(),
  custom_id: z.string(),
  state: requestState,
  status_code: z.int().nullable(),
  tokens_in: z.int().nonnegative().nullable(),
  tokens_out: z.int().nonnegative().nullable(),
  latency_ms: z.int().nonnegative().nullable(),
  attempts: z.int().nonnegative(),
  input: z.string(),
  output: z.string().nullable(),
  /** The model that answered, as `engine/model`; absent where only its batch's own could. */
  served_model: z.string().optional(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** Of a batch merged with its retries: the one that this outcome comes from, with the place there; absent where it is its own. */
  retried_in: z.object({ batch_id: z.string(), n: z.int().nonnegative() }).optional(),
})
export type RequestRow = z.infer<typeof requestRow>

/** Failed requests with one cause. `retry_helps`: the cause may be gone by now. */
export const errorGroup = z.object({
  code: z.string(),
  status_code: z.int().nullable(),
  count: z.int().positive(),
  first_at: z.int(),
  last_at: z.int(),
  retry_helps: z.boolean(),
  example: z.string(),
})
export type ErrorGroup = z.infer<typeof errorGroup>

/** A change that the operator may ask about: what would the end be then? */
export const remedy = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('concurrency'), limit: z.int().min(1).max(1024) }),
  /** The last `requests` of it go to another engine. */
  z.object({ kind: z.literal('overflow'), engine_id: z.string(), model: z.string(), requests: z.int().positive() }),
  z.object({ kind: z.literal('pause_other'), batch_id: z.string() }),
  z.object({ kind: z.literal('deadline'), deadline: z.int() }),
])
export type Remedy = z.infer<typeof remedy>

/** The end as it runs now, or with one remedy. `eta` null: unknown, because `basis`. */
export const forecast = z.object({
  remedy: remedy.nullable(),
  title: z.string(),
  eta: batchEta.nullable(),
  deadline: z.int(),
  /** Beyond what it costs anyway; null where no price is known. */
  extra_cost_micro_usd: z.int().nullable(),
  basis: z.string(),
})
export type Forecast = z.infer<typeof forecast>
