import * as z from 'zod'
import { GPU_HOUR_MICRO_USD } from '../../../domain/batch/cost.ts'
import { holdOf } from '../../../domain/batch/holds.ts'
import {
  changePools,
  forgetSlots,
  openPools,
  releaseSlot,
  requestSlot,
  runningCost,
  type Pools,
  type SlotClaim,
} from '../../../domain/batch/pools.ts'
import { isHigh, priorityOf } from '../../../domain/batch/priority.ts'
import { closedRequests } from '../../../domain/batch/state.ts'
import { batchPool, type BatchHold, type BatchLive, type BatchPool, type BatchPools } from '../../../messages/batch-views.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { SmallState } from '../../../ports/small-state.ts'
import type { BatchRun } from './batch-run.ts'
import type { BatchStates } from '../states.ts'
import type { BatchTimes } from '../times.ts'

/** Slots that batches run on, where the operator has set pools. Without pools no batch needs one. */
export interface BatchSlots {
  /** Gives slots to those that can go on and takes them from all others. A batch without one waits; it never fails for that. */
  look(runs: readonly BatchRun[]): void
  /** Why a batch waits for a slot; undefined where it has one, or needs none. */
  holdOf(batchId: string): BatchHold | undefined
  /** Batches that wait for a slot before it; undefined where it waits for none. */
  placeOf(batchId: string): number | undefined
  /** Absent where no batch needs one. */
  slotOf(batchId: string): BatchLive['slot']
  /** Micro-dollars that its slots have cost; undefined where it had none. */
  costOf(batchId: string): number | undefined
  view(): BatchPools
  /** Resolves to the batches whose slot is gone, once the pools are stored. */
  change(pools: readonly BatchPool[]): Promise<readonly string[]>
  /** Stores what was spent, so that a restart keeps it. */
  keep(): Promise<void>
  forget(batchId: string): void
}

export interface SlotPorts {
  readonly state: SmallState
  readonly states: BatchStates
  readonly times: BatchTimes
  readonly clock: Clock
}

const POOLS = 'batch.pools'
const SPENT = 'batch.slot-spent'
const spent = z.record(z.string(), z.int().nonnegative())

export async function openBatchSlots({ state, states, times, clock }: SlotPorts): Promise<BatchSlots> {
  const set = z.array(batchPool).parse((await state.get(POOLS))?.value ?? [])
  const before = spent.parse((await state.get(SPENT))?.value ?? {})
  let pools: Pools = { ...openPools(set.map(fromView)), spent: before }
  let kept = JSON.stringify(before)

  const isNeeded = (): boolean => pools.pools.length > 0
  const slotNow = (batchId: string) => pools.taken.find((each) => each.batchId === batchId)
  const placeIn = (batchId: string): number => pools.waiting.findIndex((each) => each.batchId === batchId)

  function wants({ batchId }: BatchRun): boolean {
    const batch = states.inMotion(batchId)
    if (batch?.status === 'queued') return clock.now() >= (batch.settings.not_before ?? 0)
    return batch?.status === 'in_progress'
  }

  function claimOf({ batchId, counts }: BatchRun): SlotClaim {
    const batch = states.inMotion(batchId)
    if (!batch) return { batchId, isHigh: false, offset: 0 }
    const left = counts.total - closedRequests(counts)
    const offset = batch.settings.priority_offset
    return { batchId, isHigh: isHigh(priorityOf(batch.deadline - times.now(batch), left, offset)), offset }
  }

  function costOf(batchId: string): number | undefined {
    const hadOne = slotNow(batchId) !== undefined || pools.spent[batchId] !== undefined
    return hadOne ? runningCost(pools, batchId, times.uptime()) : undefined
  }

  return {
    look(runs) {
      if (!isNeeded()) return
      const nowMs = times.uptime()
      const wanting = runs.filter(wants)
      const ids = new Set(wanting.map(({ batchId }) => batchId))
      for (const { batchId } of [...pools.waiting, ...pools.taken])
        if (!ids.has(batchId)) pools = releaseSlot(pools, batchId, nowMs)
      // Those that ran before a restart come before those that have not begun.
      const begun = (run: BatchRun) => (states.inMotion(run.batchId)?.status === 'in_progress' ? 0 : 1)
      for (const run of wanting.toSorted((a, b) => begun(a) - begun(b))) pools = requestSlot(pools, claimOf(run), nowMs)
    },
    holdOf(batchId) {
      if (!isNeeded() || slotNow(batchId)) return undefined
      const place = placeIn(batchId) < 0 ? pools.waiting.length : placeIn(batchId)
      return holdOf({ code: 'pool', slots: pools.pools.reduce((sum, { slots }) => sum + slots, 0), place: place + 1 })
    },
    placeOf: (batchId) => (placeIn(batchId) < 0 ? undefined : placeIn(batchId)),
    slotOf(batchId) {
      if (!isNeeded()) return undefined
      return { pool: slotNow(batchId)?.pool ?? null, cost_micro_usd: costOf(batchId) ?? 0 }
    },
    costOf,
    view: () => ({
      pools: pools.pools.map(({ name, slots, hourMicroUsd }) => ({
        name,
        slots,
        hour_micro_usd: hourMicroUsd,
        batches: pools.taken.filter(({ pool }) => pool === name).map(({ batchId }) => batchId),
      })),
      waiting: pools.waiting.map(({ batchId }) => batchId),
      usual_hour_micro_usd: GPU_HOUR_MICRO_USD,
    }),
    async change(next) {
      await state.put(POOLS, next, 'any')
      const changed = changePools(pools, next.map(fromView), times.uptime())
      // Nobody needs a slot where there are no pools.
      pools = next.length === 0 ? { ...changed.state, taken: [], waiting: [] } : changed.state
      return next.length === 0 ? [] : changed.returned
    },
    async keep() {
      const ids = new Set([...Object.keys(pools.spent), ...pools.taken.map(({ batchId }) => batchId)])
      const costs = Object.fromEntries([...ids].map((id) => [id, costOf(id) ?? 0]))
      const text = JSON.stringify(costs)
      if (text === kept) return
      await state.put(SPENT, costs, 'any')
      kept = text
    },
    forget: (batchId) => void (pools = forgetSlots(pools, batchId)),
  }
}

function fromView({ name, slots, hour_micro_usd }: BatchPool) {
  return { name, slots, hourMicroUsd: hour_micro_usd }
}
