import * as z from 'zod'
import {
  batchEndpoint,
  batchMetadata,
  batchSettings,
  MOST_REQUESTS,
  submitBatch,
  type LineError,
  type StoredFile,
} from '../../../messages/batch.ts'
import type { BatchDetail, BatchLive } from '../../../messages/batch-views.ts'

/** Unix seconds. */
const seconds = z.int()
const maybe = seconds.nullable()

export const openAiErrorBody = z
  .object({
    error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string().nullable() }),
  })
  .meta({ id: 'OpenAiError' })

export const fileObject = z
  .object({
    id: z.string(),
    object: z.literal('file'),
    bytes: z.int(),
    created_at: seconds,
    expires_at: maybe,
    filename: z.string(),
    purpose: z.enum(['batch', 'batch_output']),
    status: z.literal('processed'),
  })
  .meta({ id: 'File' })
export type FileObject = z.infer<typeof fileObject>

export const batchObject = z
  .object({
    id: z.string(),
    object: z.literal('batch'),
    endpoint: batchEndpoint,
    model: z.string().nullable(),
    errors: z
      .object({
        object: z.literal('list'),
        data: z.array(
          z.object({ code: z.string(), message: z.string(), param: z.string().nullable(), line: z.int().nullable() }),
        ),
      })
      .nullable(),
    input_file_id: z.string(),
    completion_window: z.string(),
    status: z.enum(['validating', 'failed', 'in_progress', 'finalizing', 'completed', 'expired', 'cancelling', 'cancelled']),
    output_file_id: z.string().nullable(),
    error_file_id: z.string().nullable(),
    created_at: seconds,
    in_progress_at: maybe,
    expires_at: seconds,
    finalizing_at: maybe,
    completed_at: maybe,
    failed_at: maybe,
    expired_at: maybe,
    cancelling_at: maybe,
    cancelled_at: maybe,
    request_counts: z.object({ total: z.int(), completed: z.int(), failed: z.int() }),
    usage: z.object({
      input_tokens: z.int(),
      /** Null: which tokens were cached or reasoning is not counted. OpenAI's clients read both fields without a check. */
      input_tokens_details: z.object({ cached_tokens: z.null() }),
      output_tokens: z.int(),
      output_tokens_details: z.object({ reasoning_tokens: z.null() }),
      total_tokens: z.int(),
    }),
    metadata: batchMetadata.nullable(),
    /** What OpenAI's object has no place for: the state as Signalbox has it, why it waits, and whether it will be in time. */
    signalbox: z.object({
      status: z.string(),
      name: z.string(),
      queued_at: maybe,
      sla: z.string(),
      hold: z.string().nullable(),
      /** The fallback that its rows go to near the deadline, as `engine/model`, and why; where one is due and none can take them: no model. */
      overflow: z.object({ model: z.string().nullable(), why: z.string() }).nullable(),
      /** Rows by the model that answered, once it has ended; null where only its own could. */
      served_by: z.record(z.string(), z.int()).nullable(),
      retry_of: z.string().nullable(),
      message: z.string(),
    }),
  })
  .meta({ id: 'Batch' })
export type BatchObject = z.infer<typeof batchObject>

export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({
    object: z.literal('list'),
    data: z.array(item),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })

/** OpenAI's clients send null for what they leave out. */
export const createBatch = z.strictObject({
  ...submitBatch.shape,
  metadata: batchMetadata.nullish().transform((pairs) => pairs ?? {}),
  settings: batchSettings.prefault({}),
})

/** Prompts instead of a file. */
export const promptBatch = z.strictObject({
  input: z
    .array(z.strictObject({ prompt: z.string().min(1) }))
    .min(1)
    .max(MOST_REQUESTS),
  model: z.string().min(1),
  max_tokens: z.int().min(1).max(1_000_000).default(256),
  temperature: z.number().min(0).max(2).default(0.7),
  completion_window: createBatch.shape.completion_window,
  metadata: createBatch.shape.metadata,
})

export const promptBatchReply = z.object({
  id: z.string(),
  object: z.literal('batch'),
  created_at: seconds,
  status: z.string(),
  total_prompts: z.int(),
  model: z.string(),
})

export const toSeconds = (ms: number): number => Math.floor(ms / 1000)
const secondsOrNull = (ms: number | null | undefined): number | null => (ms == null ? null : toSeconds(ms))

export function toFileObject(file: StoredFile): FileObject {
  return {
    id: file.id,
    object: 'file',
    bytes: file.content.size,
    created_at: toSeconds(file.created_at),
    expires_at: secondsOrNull(file.expires_at),
    filename: file.filename,
    purpose: file.purpose,
    status: 'processed',
  }
}

/** A batch as OpenAI's clients know it. Queued and paused are `in_progress` to them. */
export function toBatchObject(detail: BatchDetail, live: BatchLive | undefined): BatchObject {
  const { row, spec, stages } = detail
  const began = (stage: BatchDetail['stages'][number]['stage']) =>
    secondsOrNull(stages.find((one) => one.stage === stage)?.started_at)
  const ended = (status: BatchDetail['row']['status']) => (row.status === status ? secondsOrNull(row.ended_at) : null)
  const counts = live && row.ended_at === null ? live.counts : row.counts
  return {
    id: row.batch_id,
    object: 'batch',
    endpoint: row.endpoint,
    model: row.model,
    errors: detail.line_error_count === 0 ? null : { object: 'list', data: detail.line_errors.map(toError) },
    input_file_id: spec.input_file_id,
    completion_window: spec.completion_window,
    status: row.status === 'queued' || row.status === 'paused' ? 'in_progress' : row.status,
    output_file_id: detail.output_file_id,
    error_file_id: detail.error_file_id,
    created_at: toSeconds(row.created_at),
    in_progress_at: began('running'),
    expires_at: toSeconds(row.deadline),
    finalizing_at: began('finalizing'),
    completed_at: ended('completed'),
    failed_at: ended('failed'),
    expired_at: ended('expired'),
    cancelling_at: secondsOrNull(detail.events.find(({ kind }) => kind === 'cancelling')?.at),
    cancelled_at: ended('cancelled'),
    request_counts: { total: counts.total, completed: counts.completed, failed: counts.failed },
    usage: {
      input_tokens: counts.tokens_in,
      input_tokens_details: { cached_tokens: null },
      output_tokens: counts.tokens_out,
      output_tokens_details: { reasoning_tokens: null },
      total_tokens: counts.tokens_in + counts.tokens_out,
    },
    metadata: Object.keys(spec.metadata).length === 0 ? null : spec.metadata,
    signalbox: {
      status: row.status,
      name: row.name,
      queued_at: began('queued'),
      sla: live?.sla.state ?? row.sla,
      hold: live?.hold?.message ?? null,
      overflow: overflowOf(live),
      served_by: detail.served_by ?? null,
      retry_of: row.retry_of,
      message: row.message,
    },
  }
}

function overflowOf(live: BatchLive | undefined): BatchObject['signalbox']['overflow'] {
  if (!live?.overflow || live.overflow.why === null) return null
  const { to, why } = live.overflow
  return { model: to && `${to.engine_id}/${to.model}`, why }
}

function toError({ code, message, param, line }: LineError) {
  return { code, message, param, line }
}
