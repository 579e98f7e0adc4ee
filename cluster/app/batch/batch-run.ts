import { closedRequests, type BatchState } from '../../domain/batch/state.ts'
import type { BatchCounts, BatchPlan } from '../../messages/batch.ts'
import type { BatchHold } from '../../messages/batch-views.ts'
import type { BatchRequests } from '../../ports/batch-requests.ts'
import type { Blobs } from '../../ports/blobs.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Lane } from './lanes.ts'
import { createOutcomeRecorder, type OutcomeRecorder } from './outcomes.ts'
import { createRequestBodies, type RequestBodies } from './request-bodies.ts'
import { createWorkList, type WorkItem, type WorkList } from './work-list.ts'

/** A batch that requests of are sent, or may be: what only this process knows of it. */
export interface BatchRun {
  readonly batchId: string
  readonly plan: BatchPlan
  readonly lane: Lane
  readonly bodies: RequestBodies
  readonly list: WorkList
  readonly recorder: OutcomeRecorder
  /** Ends it with the requests that run. */
  readonly stopping: AbortController
  /** Ends the requests that run; see `recall`. */
  sending: AbortController
  /** By place in the file. */
  readonly running: Map<number, WorkItem>
  counts: BatchCounts
  /** Milliseconds of the last answers, newest last. */
  readonly latencies: number[]
  /** Its first request waits for the log. */
  isStarting: boolean
  /** What the store refused, while it does. */
  storage: BatchHold | undefined
}

const KEPT_LATENCIES = 256

export interface BatchRunPorts {
  readonly requests: BatchRequests
  readonly blobs: Blobs
  readonly clock: Clock
}

export interface BatchRunEvents {
  onReady(): void
  onRecorded(run: BatchRun): void
  /** Its input cannot be read, or its outcomes cannot be stored. */
  onStorageFault(run: BatchRun, fault: unknown): void
}

export async function openBatchRun(
  { requests, blobs, clock }: BatchRunPorts,
  state: BatchState & { readonly plan: BatchPlan },
  lane: Lane,
  events: BatchRunEvents,
): Promise<BatchRun> {
  const { batch_id: batchId, input } = state.spec
  const bodies = createRequestBodies(blobs, input)
  const run: BatchRun = {
    batchId,
    plan: state.plan,
    lane,
    bodies,
    list: createWorkList({
      pending: (afterN, limit) => requests.pending(batchId, afterN, limit),
      bodies,
      onReady: () => events.onReady(),
      onFault: (fault) => events.onStorageFault(run, fault),
    }),
    recorder: createOutcomeRecorder({
      batchId,
      requests,
      clock,
      onRecorded: (counts) => {
        run.counts = counts
        events.onRecorded(run)
      },
      onRefused: (fault) => events.onStorageFault(run, fault),
    }),
    stopping: new AbortController(),
    sending: new AbortController(),
    running: new Map(),
    counts: await requests.counts(batchId),
    latencies: [],
    isStarting: false,
    storage: undefined,
  }
  run.stopping.signal.addEventListener('abort', () => run.sending.abort(run.stopping.signal.reason))
  return run
}

/** What runs is ended and waits to be sent again. */
export function recall(run: BatchRun): void {
  const { sending } = run
  run.sending = new AbortController()
  sending.abort(new Error('The slot of its batch was taken away.'))
}

export function noteLatency(run: BatchRun, ms: number): void {
  run.latencies.push(ms)
  if (run.latencies.length > 2 * KEPT_LATENCIES) run.latencies.splice(0, KEPT_LATENCIES)
}

/** Milliseconds that 99 of 100 of the last answers took no longer than; null before there are 20. */
export function p99Latency(run: BatchRun): number | null {
  const sorted = run.latencies.slice(-KEPT_LATENCIES).sort((a, b) => a - b)
  return sorted.length < 20 ? null : (sorted[Math.ceil(sorted.length * 0.99) - 1] ?? null)
}

export function isAnswered(counts: BatchCounts): boolean {
  return counts.total > 0 && closedRequests(counts) >= counts.total
}

/** Resolves when none of its requests runs and every outcome is stored. */
export async function drained(run: BatchRun, clock: Clock): Promise<void> {
  while (run.running.size > 0) await clock.sleep(DRAIN_LOOK_MS)
  await run.recorder.flush()
}
const DRAIN_LOOK_MS = 10
