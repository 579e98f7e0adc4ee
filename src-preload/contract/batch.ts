import * as z from 'zod'
import { batchChange, batchEndpoint, batchEstimate, fileReport, storedFile, submitBatch } from '../../cluster/messages/batch.ts'
import {
  batchDetail,
  batchLive,
  batchPool,
  batchPools,
  batchQuery,
  batchRow,
  errorGroup,
  forecast,
  queueEffect,
  remedy,
  requestRow,
  requestState,
  shedding,
} from '../../cluster/messages/batch-views.ts'
import { call, command, stream } from './define.ts'

export {
  batchEndpoint,
  batchMetadata,
  type BatchEstimate,
  type BatchCounts,
  type BatchEndpoint,
  type BatchStatus,
  type FallbackModel,
  type FileReport,
  type LineError,
  type SlaState,
  type StoredFile,
  type SubmitBatch,
} from '../../cluster/messages/batch.ts'
export {
  batchQuery,
  type BatchDetail,
  type BatchLive,
  type BatchPool,
  type BatchPools,
  type BatchQuery,
  type BatchRow,
  type ErrorGroup,
  type Forecast,
  type QueueEffect,
  type Remedy,
  type RequestRow,
  type RequestState,
  type SheddingView,
} from '../../cluster/messages/batch-views.ts'

/** Bytes of a file that cross at once. */
export const CHUNK_BYTES = 256 * 1024

const commandId = z.string().min(8).max(100)
const byId = z.strictObject({ batch_id: z.string().min(1).max(100) })
const upload = z.string().min(8).max(64)

/** Requests of a batch: by what became of them, by the code of the error, by a text in custom_id or answer. */
const requestQuery = z.strictObject({
  states: z.array(requestState).optional(),
  error_codes: z.array(z.string().max(200)).max(100).optional(),
  text: z.string().max(200).optional(),
})
export type RequestQueryInput = z.output<typeof requestQuery>

/** A list: first what matches with its live pictures, then rows and pictures that changed. `total` counts all pages. */
export const batchListUpdate = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), rows: z.array(batchRow), live: z.array(batchLive), total: z.int() }),
  z.object({
    type: z.literal('changes'),
    upserts: z.array(batchRow),
    removed: z.array(z.string()),
    /** Pictures of those that moved; of one that ended there is no more. */
    live: z.array(batchLive),
    total: z.int(),
  }),
])
export type BatchListUpdate = z.infer<typeof batchListUpdate>

/** One batch: `detail` when the log had something new, `live` when its picture moved; null = it runs no more. */
export const batchUpdate = z.object({ detail: batchDetail.optional(), live: batchLive.nullable().optional() })
export type BatchUpdate = z.infer<typeof batchUpdate>

export const batch = {
  /** A file comes in chunks; what was begun and not finished in ten minutes without a chunk is dropped. */
  beginUpload: command(
    z.strictObject({ filename: z.string().min(1).max(255), bytes: z.int().positive() }),
    z.object({ upload_id: upload }),
  ),
  /** `offset`: bytes sent before. A repeated chunk changes nothing. */
  appendUpload: command(
    z.strictObject({ upload_id: upload, offset: z.int().nonnegative(), base64: z.base64().max(CHUNK_BYTES * 1.4) }),
    z.object({ received: z.int().nonnegative() }),
  ),
  finishUpload: command(z.strictObject({ upload_id: upload }), z.object({ file: storedFile })),
  abandonUpload: call(z.strictObject({ upload_id: upload }), z.object({})),
  files: call(z.strictObject({}), z.object({ files: z.array(storedFile) })),
  removeFile: command(z.strictObject({ file_id: z.string() }), z.object({})),

  /** Every line held against what a batch may hold; nothing is sent. Bytes read so far, and at last the report. */
  validate: stream(
    z.strictObject({ file_id: z.string(), endpoint: batchEndpoint }),
    z.object({ bytes: z.int().nonnegative(), report: fileReport.nullable() }),
  ),
  /** What it would take, and whether it would be let in. */
  estimate: call(z.strictObject({ batch: submitBatch }), z.object({ estimate: batchEstimate })),
  /** The id comes back before the file is validated. A repeated `command_id` gets the first answer. */
  submit: command(z.strictObject({ command_id: commandId, batch: submitBatch }), z.object({ batch_id: z.string() })),
  pause: command(byId, z.object({ row: batchRow })),
  resume: command(byId, z.object({ row: batchRow })),
  cancel: command(byId, z.object({ row: batchRow })),
  /** Of a batch that has not ended: what is given changes, the rest stays. */
  change: command(z.strictObject({ ...byId.shape, change: batchChange }), z.object({ row: batchRow })),
  /** A child batch with the failed requests of an ended one: all, those that match, or those named by place. */
  retry: command(
    z.strictObject({
      command_id: commandId,
      ...byId.shape,
      which: z.union([requestQuery, z.strictObject({ ns: z.array(z.int().nonnegative()).min(1).max(10_000) })]),
    }),
    z.object({ batch_id: z.string() }),
  ),
  /** Deletes an ended batch with its files and requests for good. */
  remove: command(byId, z.object({})),

  /** Slots that batches run on, who has them and who waits for one. */
  pools: call(z.strictObject({}), batchPools),
  /** Other slots or prices from now on; without pools no batch needs a slot. */
  savePools: command(
    z.strictObject({
      pools: z
        .array(batchPool)
        .max(2)
        .refine((pools) => new Set(pools.map(({ name }) => name)).size === pools.length, { error: 'Each pool once.' }),
    }),
    batchPools,
  ),
  /** The operator has seen that load is shed: nobody is called for another hour. */
  acknowledgeShedding: command(z.strictObject({}), z.object({})),

  watchList: stream(z.strictObject({ query: batchQuery }), batchListUpdate),
  watch: stream(byId, batchUpdate),
  /** Batches in motion, those at risk first, then by deadline, at most 100 of them; and how many there are: for the rail and the overview. */
  watchMoving: stream(
    z.strictObject({}),
    z.object({
      rows: z.array(batchRow),
      live: z.array(batchLive),
      /** What is held back because there is more to do than can be done. */
      shedding: shedding.nullable(),
      counts: z.object({ all: z.int(), moving: z.int(), waiting: z.int(), at_risk: z.int(), failed: z.int() }),
    }),
  ),

  /** `merged`: each with its latest outcome, also of batches that ran it again. */
  requests: call(
    z.strictObject({
      ...byId.shape,
      query: requestQuery,
      from: z.int().nonnegative(),
      limit: z.int().min(1).max(200),
      merged: z.boolean().default(false),
    }),
    z.object({ total: z.int(), rows: z.array(requestRow) }),
  ),
  /** Requests by their latest state with all retries, and what each retry answered, oldest first. */
  merged: call(
    byId,
    z.object({
      states: z.record(requestState, z.int().nonnegative()),
      retries: z.array(z.object({ batch_id: z.string(), name: z.string(), ended: z.boolean(), answered: z.int().nonnegative() })),
    }),
  ),
  /** Both texts whole. */
  request: call(
    z.strictObject({ ...byId.shape, n: z.int().nonnegative() }),
    z.object({ row: requestRow, input: z.string(), output: z.string().nullable() }),
  ),
  errors: call(byId, z.object({ groups: z.array(errorGroup) })),
  /** The end as it is expected now, and with each remedy. */
  forecasts: call(
    z.strictObject({ ...byId.shape, remedies: z.array(remedy).max(8) }),
    z.object({ forecasts: z.array(forecast) }),
  ),
  /** What another place in the queue, or another start, would do. */
  queueEffect: call(
    z.strictObject({ ...byId.shape, change: batchChange.pick({ priority_offset: true, not_before: true }) }),
    z.object({ effect: queueEffect }),
  ),
  /** Finished requests as a file, in pieces; `offset`: characters sent before, 0 = begins anew. `merged` as for `requests`; a manifest is of one batch. */
  download: stream(
    z.strictObject({
      ...byId.shape,
      kind: z.enum(['output', 'errors', 'joined', 'csv', 'manifest']),
      merged: z.boolean().default(false),
    }),
    z.object({ offset: z.int().nonnegative(), text: z.string() }),
  ),
}
