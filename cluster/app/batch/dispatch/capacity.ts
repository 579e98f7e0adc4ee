import type { BatchSettings } from '../../../messages/batch.ts'
import type { BatchHold } from '../../../messages/batch-views.ts'
import type { RequestOutcome } from '../../../ports/batch-requests.ts'
import { hasRoom, type BatchRun } from './batch-run.ts'
import type { Lane } from './lanes.ts'

export interface Capacity {
  readonly limit: number
  /** What set it. */
  readonly why: string
}

/** What is held back while there is more to do than can be done. */
export interface HeldBack {
  /** Why a batch waits for others; undefined where it need not. */
  holdOf(batchId: string): BatchHold | undefined
  /** Half as many requests run at once. */
  isLowered(): boolean
  /** A request ended. */
  note(outcome: RequestOutcome): void
}

/** Requests of a batch that may run at once, with its own model and its fallback together. `isLowered`: half, while load is shed. */
export function capacityOf(run: BatchRun, settings: BatchSettings | undefined, isLowered: boolean): Capacity {
  const own = laneCapacityOf(run, run.lane, settings, isLowered)
  if (!run.overflow) return own
  const both = own.limit + laneCapacityOf(run, run.overflow.lane, settings, isLowered).limit
  const limit = Math.min(both, settings?.max_concurrency ?? both)
  return { limit, why: 'Its own model and the fallback together: the deadline is near.' }
}

/** Whether one more request of it may go to a lane now: a fallback only within the cost ceiling. */
export function hasPlace(run: BatchRun, lane: Lane, settings: BatchSettings, isLowered: boolean): boolean {
  const { limit } = laneCapacityOf(run, lane, settings, isLowered)
  if (settings.adaptive_concurrency && lane.running >= limit) return false
  if (run.running.size + run.recorder.unrecorded >= mostUnstored(capacityOf(run, settings, isLowered).limit)) return false
  const { max_concurrency: most, cost_ceiling_micro_usd: ceiling } = settings
  if (run.overflow && most !== undefined && run.running.size >= most) return false
  if (lane === run.lane) return run.running.size - run.runningElsewhere < limit
  return run.runningElsewhere < limit && hasRoom(run, ceiling)
}

/** Requests of it that may run at once on a lane. Near the deadline none begins low; where more at once got no more done, that holds. */
export function laneCapacityOf(
  { isInRamp }: Pick<BatchRun, 'isInRamp'>,
  lane: Lane,
  settings: BatchSettings | undefined,
  isLowered: boolean,
): Capacity {
  const asked = settings?.max_concurrency
  const most = lowered(asked ?? lane.parallel, isLowered)
  const isAdapted = settings?.adaptive_concurrency && !(isInRamp && lane.concurrency.mode === 'doubling')
  if (isAdapted && lane.concurrency.limit < most) return { limit: lane.concurrency.limit, why: lane.concurrency.why }
  if (isLowered) return { limit: most, why: 'Half of its limit, while load is shed.' }
  return { limit: most, why: asked === undefined ? 'What its engine takes.' : 'Set by the operator.' }
}

/** Requests of all its batches that may run on a lane at once: what its engine takes, or what one of them asks for. */
export function ceilingOf(lane: Lane, settings: readonly (BatchSettings | undefined)[], isLowered: boolean): number {
  return lowered(Math.max(lane.parallel, ...settings.map((each) => each?.max_concurrency ?? 0)), isLowered)
}

/** Requests that a crash may lose the answers of, as far as these are not stored: more are not begun, however slow the disk is. */
function mostUnstored(limit: number): number {
  return Math.max(64, 4 * limit)
}

function lowered(limit: number, isLowered: boolean): number {
  return isLowered ? Math.ceil(limit / 2) : limit
}
