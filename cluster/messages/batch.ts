import * as z from 'zod'
import { blobReference } from './blob.ts'
import { modelReference } from './work.ts'

/**
 * Where a batch is. Terminal: completed, failed, expired, cancelled; a terminal status never changes. OpenAI clients see `queued` and
 * `paused` as `in_progress`.
 */
export const batchStatus = z.enum([
  'validating',
  'queued',
  'in_progress',
  'paused',
  'finalizing',
  'completed',
  'failed',
  'expired',
  'cancelling',
  'cancelled',
])
export type BatchStatus = z.infer<typeof batchStatus>

/** Requests of one batch, as OpenAI has it. */
export const MOST_REQUESTS = 50_000

/** What a batch's requests may be sent to. One for all lines of a file. */
export const batchEndpoint = z.enum(['/v1/chat/completions', '/v1/completions', '/v1/embeddings'])
export type BatchEndpoint = z.infer<typeof batchEndpoint>

/** `24h`, any other whole number of hours, or `background` (168 h, no promise shown as kept or missed). */
export const completionWindow = z
  .string()
  .regex(/^([1-9]\d{0,2}h|background)$/, 'a number of hours such as "24h", or "background"')

/** Pairs that the client gave: at most 16, keys of 64 characters, values of 512. */
export const batchMetadata = z
  .record(z.string().min(1).max(64), z.string().max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, { error: 'At most 16 pairs.' })

/** A model that may answer rows of a batch whose own cannot in time. `escalation_only`: it is larger or paid, and only for the last 15 minutes. */
export const fallbackModel = modelReference.extend({ escalation_only: z.boolean().default(false) }).strict()
export type FallbackModel = z.output<typeof fallbackModel>

/** How a batch is to be run; each part may be left out. */
export const batchSettings = z.strictObject({
  /** Requests at once; default: what its engine takes. */
  max_concurrency: z.int().min(1).max(1024).optional(),
  /** Whether the number at once follows the engine's latency and refusals. */
  adaptive_concurrency: z.boolean().default(true),
  /** Tries of a request after the first. */
  max_retries: z.int().min(0).max(10).default(3),
  /** Added to the priority that the deadline gives. */
  priority_offset: z.int().min(-2).max(2).default(0),
  /** The batch fails when it has cost more. */
  cost_ceiling_micro_usd: z.int().positive().optional(),
  /** The batch fails when more than this share of its finished requests failed (looked at from 100 on). */
  error_ceiling: z.number().gt(0).max(1).optional(),
  on_deadline: z.enum(['expire', 'continue']).default('expire'),
  /** Not started before (milliseconds since the epoch); the window counts from the submit all the same. */
  not_before: z.int().nonnegative().optional(),
  /** Taken in although it is not expected to be done in its window. */
  force: z.boolean().default(false),
  /** Near the deadline, where its own model is not live or too slow: the first that can take rows over does. None: nothing does. */
  fallbacks: z.array(fallbackModel).min(1).max(4).optional(),
})
export type BatchSettings = z.output<typeof batchSettings>

/** What may be changed of a batch that has not ended: what is absent stays; null takes a ceiling, a start time or the fallbacks away. */
export const batchChange = z.strictObject({
  max_concurrency: z.int().min(1).max(1024).nullable().optional(),
  adaptive_concurrency: z.boolean().optional(),
  priority_offset: z.int().min(-2).max(2).optional(),
  cost_ceiling_micro_usd: z.int().positive().nullable().optional(),
  error_ceiling: z.number().gt(0).max(1).nullable().optional(),
  on_deadline: z.enum(['expire', 'continue']).optional(),
  not_before: z.int().nonnegative().nullable().optional(),
  fallbacks: z.array(fallbackModel).min(1).max(4).nullable().optional(),
  /** Later than now (milliseconds since the epoch), at most 168 h after the submit. */
  deadline: z.int().nonnegative().optional(),
})
export type BatchChange = z.output<typeof batchChange>

/** When a file goes, as OpenAI has it: so long after it was made. */
export const expiresAfter = z.strictObject({
  anchor: z.literal('created_at'),
  seconds: z.int().min(3600).max(2_592_000),
})

/** The one submit schema of batches, with OpenAI's names where OpenAI has them. */
export const submitBatch = z.strictObject({
  input_file_id: z.string().min(1).max(100),
  endpoint: batchEndpoint,
  completion_window: completionWindow.default('24h'),
  metadata: batchMetadata.default({}),
  /** Seconds after the submit until output and error file are removed; default: kept until the batch is. */
  output_expires_after: expiresAfter.optional(),
  name: z.string().trim().min(1).max(120).optional(),
  /** The engine, where more than one serves the file's model. */
  engine_id: z.string().min(1).optional(),
  settings: batchSettings.prefault({}),
})
export type SubmitBatch = z.input<typeof submitBatch>
export type SubmittedBatch = z.output<typeof submitBatch>

/** A stored file. Times are milliseconds since the epoch. */
export const storedFile = z.object({
  id: z.string(),
  filename: z.string(),
  purpose: z.enum(['batch', 'batch_output']),
  content: blobReference,
  /** Whose it is; files of before there were keys are the owner's. */
  tenant: z.string().default('local'),
  created_at: z.int(),
  /** Removed then; null = kept. */
  expires_at: z.int().nullable(),
  /** Made for one submit: removed a day later if no batch names it. */
  draft: z.boolean().optional(),
})
export type StoredFile = z.infer<typeof storedFile>

/** What is wrong with one line of an input file. Lines and columns (characters) count from 1. */
export const lineError = z.object({
  line: z.int().positive(),
  column: z.int().positive().nullable(),
  /** `invalid_json`, `missing_custom_id`, `duplicate_custom_id`, `wrong_url`, `wrong_method`, `wrong_model`, `streaming`, `too_long`, `invalid_body`, `empty_file`, `too_many_lines`. */
  code: z.string(),
  /** Dotted path of the field; null where the line as a whole is meant. */
  param: z.string().nullable(),
  message: z.string(),
})
export type LineError = z.infer<typeof lineError>

/** What a file was found to hold. All errors are counted, the first 1,000 are listed. */
export const fileReport = z.object({
  lines: z.int().nonnegative(),
  requests: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  /** The one model that its requests name; null where there is none to name. */
  model: z.string().nullable(),
  error_count: z.int().nonnegative(),
  errors: z.array(lineError),
  /** Input tokens by length in bytes, and the answers' limits; null where no request has a limit. */
  tokens_in_estimate: z.int().nonnegative(),
  max_tokens_sum: z.int().nonnegative().nullable(),
  /** The first three requests, cut to 2,000 characters each. */
  preview: z.array(z.string()),
  /** SHA-256 over (model, endpoint, sampling parameters of all requests): a changed job has another one. */
  fingerprint: z.string(),
  /** Sampling parameters, the seed among them, where all requests have the same; null where they differ. */
  sampling: z.record(z.string(), z.unknown()).nullable().optional(),
})
export type FileReport = z.infer<typeof fileReport>

/** Whether a batch fits its window. `accept_at_risk`: it uses more than 80 % of the capacity that is left. */
export const admission = z.object({
  verdict: z.enum(['accept', 'accept_at_risk', 'reject']),
  /** Output tokens that wait already, that this batch adds, and that the window holds; null where no rate was ever measured. */
  pending_tokens: z.int().nonnegative(),
  new_tokens: z.int().nonnegative(),
  capacity_tokens: z.int().nonnegative().nullable(),
  /** The shortest window that fits, in hours; null where none up to 168 does or no rate is known. */
  earliest_window_hours: z.int().positive().nullable(),
  message: z.string(),
})
export type Admission = z.infer<typeof admission>

/** What a batch is expected to take before it runs. Ranges are [likely, worst]. */
export const batchEstimate = z.object({
  requests: z.int().nonnegative(),
  tokens_in: z.int().nonnegative(),
  tokens_out: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
  cost_micro_usd: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
  /** Milliseconds of running, without the wait; null where no rate was ever measured. */
  duration_ms: z.tuple([z.int().nonnegative(), z.int().nonnegative()]).nullable(),
  /** Milliseconds until it starts; null where unknown. */
  wait_ms: z.int().nonnegative().nullable(),
  /** In words: what the figures rest on. */
  basis: z.string(),
  admission,
})
export type BatchEstimate = z.infer<typeof batchEstimate>

/** A batch with every default resolved, as its first event records it. */
export const batchSpec = z.object({
  batch_id: z.string(),
  name: z.string(),
  input_file_id: z.string(),
  input: blobReference,
  endpoint: batchEndpoint,
  completion_window: z.string(),
  window_ms: z.int().positive(),
  /** Milliseconds since the epoch: submit plus window. */
  deadline: z.int(),
  metadata: batchMetadata,
  output_expires_at: z.int().nullable(),
  engine_id: z.string().nullable(),
  settings: batchSettings,
  /** The batch whose failed requests these are. */
  retry_of: z.string().nullable(),
  /** The tenant (API key) that it is counted for; `local` for the console's own. */
  tenant: z.string(),
})
export type BatchSpec = z.output<typeof batchSpec>

/** What validation fixed for the run. Prices are micro-dollars per million tokens. */
export const batchPlan = z.object({
  model: modelReference,
  /** What its engine said stands behind the model's name; absent where it did not say. */
  origin: z.string().optional(),
  /** How its engine served the model then; null where it did not say. */
  engine: z.object({ context_tokens: z.int().nullable(), parallel: z.int() }).optional(),
  report: fileReport.omit({ errors: true, preview: true }),
  estimate: batchEstimate,
  price_in: z.int().nonnegative(),
  price_out: z.int().nonnegative(),
})
export type BatchPlan = z.infer<typeof batchPlan>

/** Requests by what became of them, and what they used. `cancelled` and `expired` were never answered. */
export const batchCounts = z.object({
  total: z.int().nonnegative(),
  completed: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  cancelled: z.int().nonnegative(),
  expired: z.int().nonnegative(),
  /** Tries after the first, of all requests. */
  retries: z.int().nonnegative(),
  tokens_in: z.int().nonnegative(),
  tokens_out: z.int().nonnegative(),
  cost_micro_usd: z.int().nonnegative(),
})
export type BatchCounts = z.infer<typeof batchCounts>

export const slaState = z.enum(['estimating', 'on_track', 'inside_buffer', 'at_risk', 'breaching', 'breached', 'met', 'missed'])
export type SlaState = z.infer<typeof slaState>

/** Expected time left, in milliseconds from `at`. `source`: `estimate` before enough was measured. */
export const batchEta = z.object({
  at: z.int(),
  p50_ms: z.number().nonnegative(),
  p90_ms: z.number().nonnegative(),
  source: z.enum(['measured', 'estimate']),
})
export type BatchEta = z.infer<typeof batchEta>

/** Output tokens (requests, for an endpoint without them) per second over the two windows, and which one plans. */
export const batchRates = z.object({
  unit: z.enum(['tokens', 'requests']),
  fast: z.number().nonnegative(),
  slow: z.number().nonnegative(),
  planning: z.enum(['fast', 'slow']),
  /** Why that one, in words. */
  why: z.string(),
})
export type BatchRates = z.infer<typeof batchRates>
