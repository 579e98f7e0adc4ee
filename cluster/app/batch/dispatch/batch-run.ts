import { leavesRoom } from '../../../domain/batch/overflow.ts'
import { closedRequests, type BatchState } from '../../../domain/batch/state.ts'
import type { BatchCounts, BatchPlan } from '../../../messages/batch.ts'
import type { BatchHold } from '../../../messages/batch-views.ts'
import type { BatchRequests } from '../../../ports/batch-requests.ts'
import type { Blobs } from '../../../ports/blobs.ts'
import type { Clock } from '../../../ports/clock.ts'
import { gateOf, type Lane } from './lanes.ts'
import { createOutcomeRecorder, type OutcomeRecorder } from '../requests/outcome-recorder.ts'
import { createRequestBodies, type RequestBodies } from '../requests/request-bodies.ts'
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
  /** Its deadline is near and it has fallbacks. */
  isInRamp: boolean
  /** Where else its rows go now. */
  overflow: Overflow | undefined
  /** How many of `running` are not with its own model. */
  runningElsewhere: number
  /** Fallbacks that refused rows since they last answered one, by lane. */
  readonly refusals: Map<string, { readonly count: number; readonly message: string }>
  counts: BatchCounts
  /** Milliseconds of the last answers, newest last. */
  readonly latencies: number[]
  /** Its first request waits for the log. */
  isStarting: boolean
  /** What the store refused, while it does. */
  storage: BatchHold | undefined
}

/** A fallback that takes rows of a batch. */
export interface Overflow {
  readonly lane: Lane
  readonly price: { readonly price_in: number; readonly price_out: number }
  /** What a row may cost at most, in micro-dollars. */
  readonly rowMicroUsd: number
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
    isInRamp: false,
    overflow: undefined,
    runningElsewhere: 0,
    refusals: new Map(),
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

/** Whether one more row may go to its fallback within the batch's cost ceiling. */
export function hasRoom({ overflow, counts, running, recorder }: BatchRun, ceilingMicroUsd: number | undefined): boolean {
  return leavesRoom(ceilingMicroUsd, {
    spentMicroUsd: counts.cost_micro_usd,
    rowsUnderWay: running.size + recorder.unrecorded,
    rowMicroUsd: overflow?.rowMicroUsd ?? 0,
  })
}

/** Whether rows of it are with its fallback, or could be now: it does not wait for its own model alone. */
export function goesElsewhere(run: BatchRun, ceilingMicroUsd: number | undefined, now: number): boolean {
  if (run.runningElsewhere > 0) return true
  if (!run.overflow || gateOf(run.overflow.lane, now).kind === 'shut' || !hasRoom(run, ceilingMicroUsd)) return false
  return run.list.isReady(now, false) || (run.list.nextDue() ?? 0) > now
}

/** A fallback refused a row for good: that is no outcome, and while others may answer it the fallback is not asked again. */
export function putAside(run: BatchRun, item: WorkItem, lane: string, message: string, now: number): void {
  Object.assign(item, { isForOwn: true, tries: 0 })
  run.refusals.set(lane, { count: (run.refusals.get(lane)?.count ?? 0) + 1, message })
  run.list.putBack(item, now)
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

/** Requests of it could be sent, and those of others have the places. */
export function isBehindOthers({ running, list, lane }: BatchRun, now: number): boolean {
  return running.size === 0 && lane.running > 0 && list.isReady(now, true)
}
