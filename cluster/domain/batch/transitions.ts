import type { BatchEvent, BatchStatus, EndStatus } from './types.ts'

/*
 *  validating ─▶ failed
 *      └▶ queued ─▶ in_progress ⇄ paused ─▶ (queued)
 *                       ├▶ finalizing ─▶ completed
 *                       ├▶ cancelling ─▶ cancelled
 *                       ├▶ failed (a ceiling, or an engine that is gone for good)
 *                       └▶ expired
 * Where the stored requests were damaged: in_progress, finalizing ─▶ queued; from anywhere ─▶ failed if they cannot be read again
 */
/** Where a batch can go from each status. */
export const TRANSITIONS = {
  validating: ['queued', 'failed', 'cancelling', 'expired'],
  queued: ['in_progress', 'paused', 'cancelling', 'expired', 'failed'],
  in_progress: ['queued', 'paused', 'finalizing', 'cancelling', 'expired', 'failed'],
  paused: ['queued', 'cancelling', 'expired', 'failed'],
  finalizing: ['queued', 'completed', 'expired', 'failed'],
  cancelling: ['cancelled'],
  completed: [],
  failed: [],
  expired: [],
  cancelled: [],
} as const satisfies Record<BatchStatus, readonly BatchStatus[]>

export type Next<From extends BatchStatus> = (typeof TRANSITIONS)[From][number]

type Typed<T extends BatchEvent['type']> = Extract<BatchEvent, { type: T }>
type Ended<S extends EndStatus> = Typed<'batch.ended'> & { readonly data: { readonly status: S } }

/** The events that bring a batch into each status. */
interface EventInto {
  validating: Typed<'batch.submitted'>
  queued: Typed<'batch.validated' | 'batch.resumed' | 'batch.planned_again'>
  in_progress: Typed<'batch.started'>
  paused: Typed<'batch.paused'>
  finalizing: Typed<'batch.finalizing'>
  cancelling: Typed<'batch.cancelling'>
  completed: Ended<'completed'>
  failed: Typed<'batch.refused'> | Ended<'failed'>
  expired: Ended<'expired'>
  cancelled: Ended<'cancelled'>
}

/** The event that takes a batch from a status to one that can follow it; for any other pair there is no such event. */
export function move<From extends BatchStatus, To extends Next<From>>(_from: From, _to: To, event: EventInto[To]): BatchEvent {
  return event
}

export function isTerminal(status: BatchStatus): status is EndStatus {
  return TRANSITIONS[status].length === 0
}
