import * as z from 'zod'
import { holdOf } from '../../../domain/batch/holds.ts'
import { isPromised } from '../../../domain/batch/sla.ts'
import { isHigh, priorityOf } from '../../../domain/batch/priority.ts'
import {
  acknowledgeShedding,
  lowersConcurrency,
  NOT_SHEDDING,
  shed,
  SHEDDING_ACTIONS,
  SHEDDING_CHECK_MS,
  SHEDDING_CODES,
  sheddingActions,
  shortMargin,
  type Shedding,
} from '../../../domain/batch/shedding.ts'
import { closedRequests } from '../../../domain/batch/state.ts'
import type { SheddingView } from '../../../messages/batch-views.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { SmallState } from '../../../ports/small-state.ts'
import { refuse, type Refusal } from '../../refusal.ts'
import type { BatchRun } from '../dispatch/batch-run.ts'
import type { HeldBack } from '../dispatch/capacity.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { SlaTicks } from './sla-clock.ts'
import type { BatchStates } from '../states.ts'
import type { BatchTimes } from '../times.ts'

/** What the plane does while it has more to do than it can: decided at the ticks of the SLA clock, from what was measured. */
export interface LoadShedding extends HeldBack {
  look(dispatcher: Dispatcher, ticks: SlaTicks): void
  /** Why no batch is taken in; undefined while they are. */
  refusal(): Refusal | undefined
  view(): SheddingView | null
  acknowledge(): void
  /** Stores how far it has gone, so that a restart goes on from there. */
  keep(): Promise<void>
}

export interface LoadSheddingPorts {
  readonly state: SmallState
  readonly states: BatchStates
  readonly times: BatchTimes
  readonly clock: Clock
  readonly maxQueued: number
}

const ERROR_WINDOW_MS = 300_000
/** Requests that must have ended in the window before a share of them says anything. */
const ENOUGH_ENDED = 20
const FIRST_SERVER_ERROR = 500
const OVERLOAD_STATUS: readonly (number | null)[] = [null, 408, 429]

const SHEDDING = 'batch.shedding'
/** Durations, not times: while the plane is away nothing is shed, and no hour goes by without a person. */
const keptShedding = z.object({
  level: z
    .int()
    .min(1)
    .transform((level) => Math.min(level, SHEDDING_ACTIONS.length)),
  why: z.array(z.object({ code: z.enum(SHEDDING_CODES), message: z.string() })),
  for_ms: z.number().nonnegative(),
  checked_ms: z.number().nonnegative(),
  started_at: z.int(),
  escalated_at: z.int().nullable(),
})

/** Goes on with what an earlier process shed. */
export async function openLoadShedding({ state, states, times, clock, maxQueued }: LoadSheddingPorts): Promise<LoadShedding> {
  const { data: before } = keptShedding.safeParse((await state.get(SHEDDING))?.value)
  const openedMs = times.uptime()
  let shedding: Shedding = before
    ? { level: before.level, why: before.why, sinceMs: openedMs - before.for_ms, checkedMs: openedMs - before.checked_ms }
    : NOT_SHEDDING
  let startedAt: number | null = before?.started_at ?? null
  let escalatedAt: number | null = before?.escalated_at ?? null
  let isKept = before !== undefined
  let wasOver: readonly string[] = []
  let deferred = new Set<string>()
  let since = { ended: 0, failed: 0 }
  let looks: readonly { readonly atMs: number; readonly ended: number; readonly failed: number }[] = []

  const reason = (): string => shedding.why.map(({ message }) => message).join('; ')
  const isEscalated = (): boolean => sheddingActions(shedding).includes('escalate')

  function errorShare(nowMs: number): number | null {
    looks = [...looks, { atMs: nowMs, ...since }].filter(({ atMs }) => nowMs - atMs < ERROR_WINDOW_MS)
    since = { ended: 0, failed: 0 }
    const ended = looks.reduce((sum, look) => sum + look.ended, 0)
    return ended < ENOUGH_ENDED ? null : looks.reduce((sum, look) => sum + look.failed, 0) / ended
  }

  /** Batches that run or could, by priority. */
  function byPriority(dispatcher: Dispatcher): { readonly high: readonly BatchRun[]; readonly low: readonly BatchRun[] } {
    const high: BatchRun[] = []
    const low: BatchRun[] = []
    for (const run of dispatcher.runs()) {
      const state = states.inMotion(run.batchId)
      if (state?.status !== 'queued' && state?.status !== 'in_progress') continue
      const left = run.counts.total - closedRequests(run.counts)
      const isFirst = isHigh(priorityOf(state.deadline - times.now(state), left, state.settings.priority_offset))
      const waitsForSomebody = dispatcher.holdOf(run)?.cured_by_waiting === false
      const isLater = clock.now() < (state.settings.not_before ?? 0)
      if (!isFirst) low.push(run)
      else if (!waitsForSomebody && !isLater) high.push(run)
    }
    return { high, low }
  }

  function leastMargin(high: readonly BatchRun[], ticks: SlaTicks): number | null {
    const margins = high.flatMap(({ batchId }) => {
      const state = states.inMotion(batchId)
      const eta = ticks.pace(batchId)?.eta
      if (!state || eta?.source !== 'measured' || !isPromised(state.spec.completion_window)) return []
      return shortMargin(state.deadline - times.now(state), eta.p90_ms) ?? []
    })
    return margins.length === 0 ? null : Math.min(...margins)
  }

  return {
    look(dispatcher, ticks) {
      const nowMs = times.uptime()
      const { high, low } = byPriority(dispatcher)
      const lanes = new Set([...dispatcher.runs()].map(({ lane }) => lane))
      const isOver = [...lanes].filter((lane) => lane.running > lane.ceiling).map((lane) => lane.engine.id)
      const load = {
        queueShare: states.active().length / maxQueued,
        leastMarginMs: leastMargin(high, ticks),
        // Of engines behind an address nobody tells it.
        gpuMemoryShare: null,
        errorShare: errorShare(nowMs),
        // What still runs when a limit was lowered is soon done: two looks in a row count, and none while load shedding halves it.
        enginesOver: lowersConcurrency(shedding) ? [] : isOver.filter((id) => wasOver.includes(id)),
      }
      wasOver = isOver
      shedding = shed(shedding, load, nowMs)
      startedAt = shedding.level === 0 ? null : (startedAt ?? clock.now())
      escalatedAt = isEscalated() ? (escalatedAt ?? clock.now()) : null
      // Others waiting helps nobody where no batch of high priority has work on their engine.
      const wanted = new Set(shedding.level > 0 ? high.map(({ lane }) => lane.engine) : [])
      deferred = new Set(low.filter(({ lane }) => wanted.has(lane.engine)).map(({ batchId }) => batchId))
    },
    note({ state, statusCode }) {
      since.ended += 1
      const isOverload = OVERLOAD_STATUS.includes(statusCode) || (statusCode ?? 0) >= FIRST_SERVER_ERROR
      // What a server refuses for what is in it says nothing of the load.
      if (state === 'failed' && isOverload) since.failed += 1
    },
    holdOf: (batchId) => (deferred.has(batchId) ? holdOf({ code: 'deferred', cause: reason() }) : undefined),
    isLowered: () => lowersConcurrency(shedding),
    refusal: () =>
      sheddingActions(shedding).includes('reject_new')
        ? refuse('overloaded', `No batch is taken in for now: ${reason()}. It is looked at again in 5 minutes.`, {
            retryAfterMs: SHEDDING_CHECK_MS,
          })
        : undefined,
    view: () =>
      startedAt === null
        ? null
        : {
            since: startedAt,
            why: shedding.why.map(({ message }) => message),
            actions: [...sheddingActions(shedding)],
            escalated_at: escalatedAt,
          },
    acknowledge() {
      shedding = acknowledgeShedding(shedding, times.uptime())
      escalatedAt = null
    },
    async keep() {
      if (startedAt === null) {
        if (isKept) await state.remove(SHEDDING)
        isKept = false
        return
      }
      isKept = true
      const nowMs = times.uptime()
      const { level, why, sinceMs, checkedMs } = shedding
      const lengths = { for_ms: Math.max(0, nowMs - sinceMs), checked_ms: Math.max(0, nowMs - checkedMs) }
      await state.put(SHEDDING, { level, why: [...why], ...lengths, started_at: startedAt, escalated_at: escalatedAt }, 'any')
    },
  }
}
