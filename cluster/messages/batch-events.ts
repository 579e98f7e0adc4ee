import * as z from 'zod'
import { batchCounts, batchEta, batchPlan, batchRates, batchSettings, batchSpec, lineError, slaState } from './batch.ts'
import { blobReference } from './blob.ts'
import { modelReference } from './work.ts'

/** The subject of one batch's events. */
export const batchSubject = (batchId: string): string => `signalbox.event.batch.${batchId}`

const by = { by: z.string() }
/** A file that the end of a batch left: its id and content; null where it would have no line. */
const resultFile = z.object({ id: z.string(), content: blobReference }).nullable()

const overflowCause = z.enum(['away', 'late'])
/** Prices are micro-dollars per million tokens; 0 where none is set. */
const pricedModel = modelReference.extend({ price_in: z.int().nonnegative(), price_out: z.int().nonnegative() })

/** Everything that can happen to a batch, by event type. Single requests are not events: they are in the store of requests. */
export const batchEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('batch.submitted'), data: z.object({ spec: batchSpec }) }),
  z.object({ type: z.literal('batch.validated'), data: z.object({ plan: batchPlan }) }),
  /** The file cannot be run; the batch has failed. The first 1,000 errors. */
  z.object({
    type: z.literal('batch.refused'),
    data: z.object({ error_count: z.int().positive(), errors: z.array(lineError), message: z.string() }),
  }),
  z.object({ type: z.literal('batch.started'), data: z.object({}) }),
  z.object({ type: z.literal('batch.paused'), data: z.object({ ...by, reason: z.string() }) }),
  z.object({ type: z.literal('batch.resumed'), data: z.object(by) }),
  /** Settings that the operator changed while it waits or runs: the new whole. */
  z.object({ type: z.literal('batch.changed'), data: z.object({ ...by, settings: batchSettings, deadline: z.int() }) }),
  /** How far it was at a tick of the SLA clock; only where something moved since the last one. */
  z.object({
    type: z.literal('batch.progress'),
    data: z.object({
      counts: batchCounts,
      rates: batchRates.nullable(),
      eta: batchEta.nullable(),
      concurrency: z.int().nonnegative(),
    }),
  }),
  /** Only when the state changes. `why` in words: queue, slow engine, retries. */
  z.object({
    type: z.literal('batch.sla_changed'),
    data: z.object({ from: slaState, to: slaState, eta: batchEta.nullable(), why: z.string() }),
  }),
  /** Told once each time it begins: `stalled`, `sla_elapsed`, `shedding`, `engine_down`. */
  z.object({
    type: z.literal('batch.alerted'),
    data: z.object({ kind: z.enum(['stalled', 'sla_elapsed', 'shedding', 'engine_down']), message: z.string() }),
  }),
  /**
   * Its rows go to a fallback model too, from now on at the price given (`started`); would, but none can take them (`blocked`); or go to
   * its own model alone again (`ended`). `cause`: its own model is `away`, or it would be `late`.
   */
  z.object({
    type: z.literal('batch.overflow'),
    data: z.discriminatedUnion('state', [
      z.object({ state: z.literal('started'), cause: overflowCause, to: pricedModel, why: z.string() }),
      z.object({ state: z.literal('blocked'), cause: overflowCause, why: z.string() }),
      z.object({ state: z.literal('ended'), why: z.string() }),
    ]),
  }),
  z.object({ type: z.literal('batch.finalizing'), data: z.object({ counts: batchCounts }) }),
  /** Its stored requests were damaged and were read again from its input file: what has no outcome any more waits to be sent again. */
  z.object({ type: z.literal('batch.planned_again'), data: z.object({ counts: batchCounts, message: z.string() }) }),
  z.object({ type: z.literal('batch.cancelling'), data: z.object(by) }),
  /** Its last event but for `settled`. Unanswered requests stand in the error file as `batch_cancelled` or `batch_expired`. */
  z.object({
    type: z.literal('batch.ended'),
    data: z.object({
      status: z.enum(['completed', 'failed', 'expired', 'cancelled']),
      counts: batchCounts,
      output: resultFile,
      errors: resultFile,
      manifest: blobReference.nullable(),
      /** What its slots cost, beside the tokens of `counts`; absent where it had none. */
      slot_cost_micro_usd: z.int().nonnegative().optional(),
      /** Rows that each model answered, by `engine/model`; absent where only its own could. */
      served_by: z.record(z.string(), z.int().nonnegative()).optional(),
      message: z.string(),
    }),
  }),
  /** Whether the promise was kept. At the deadline where the batch goes on as missed, else at its end. `margin_ms` < 0: too late by. */
  z.object({
    type: z.literal('batch.settled'),
    data: z.object({
      verdict: z.enum(['met', 'missed']),
      margin_ms: z.number(),
      requests_done: z.int().nonnegative(),
      cost_micro_usd: z.int().nonnegative(),
    }),
  }),
])
export type BatchEvent = z.infer<typeof batchEvent>
