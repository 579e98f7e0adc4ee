import { decideStart } from '../../../domain/batch/decide.ts'
import type { BatchHold } from '../../../messages/batch-views.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { Alarm } from '../alarm.ts'
import type { BatchRun } from './batch-run.ts'
import { hasPlace, type HeldBack } from './capacity.ts'
import { changedModel, groupLimit, missingModel, type Lane } from './lanes.ts'
import type { Ranking } from './ranking.ts'
import type { BatchSlots } from './slots.ts'
import type { BatchStates } from '../states.ts'
import type { WorkItem } from './work-list.ts'

export interface ClaimPorts {
  readonly states: BatchStates
  readonly clock: Clock
  readonly load: HeldBack
  readonly slots: BatchSlots
  readonly ranking: Ranking
  /** Rings when a request that waits for its time may go. */
  readonly alarm: Alarm
}

export interface ClaimEvents {
  /** The log has that a queued batch started, or could not take it. */
  onStarted(batchId: string): void
  onStorageFault(run: BatchRun, fault: unknown): void
}

/** Which request goes next, and what keeps a batch from sending any. */
export interface Claims {
  /** The next request of a lane; `starting` where a batch has just begun and another look is due. */
  next(lane: Lane, now: number): { readonly run: BatchRun; readonly item: WorkItem } | 'starting' | undefined
  /** What keeps a batch from going on, whatever its engine takes. */
  barOf(run: BatchRun): BatchHold | undefined
  barBeforeSlot(run: BatchRun): BatchHold | undefined
  /** When a batch that waits may start: until then it has no place among those that do. */
  startOf(run: BatchRun): number
}

export function createClaims(ports: ClaimPorts, events: ClaimEvents): Claims {
  const { states, clock, load, slots, ranking, alarm } = ports

  function next(lane: Lane, now: number): ReturnType<Claims['next']> {
    const candidates = ranking.order(lane, now)
    const suspected = candidates.filter((run) => mayClaim(run, lane) && run.list.hasSuspects(run.lane === lane))
    if (suspected.length > 0 || lane.suspects.size > 0) return nextSuspect(lane, suspected, now)
    for (const run of candidates) {
      if (!mayClaim(run, lane)) continue
      const isOwn = run.lane === lane
      if (!run.list.isReady(now, isOwn)) {
        const due = run.list.nextDue()
        if (due !== undefined && due > now) alarm.at(due)
        continue
      }
      if (start(run)) return 'starting'
      if (run.isStarting) continue
      const item = run.list.take(now, isOwn)
      if (item) return { run, item }
    }
    return undefined
  }

  /** While an engine breaks, those that were running then go in ever smaller groups, with nothing else beside them. */
  function nextSuspect(lane: Lane, candidates: readonly BatchRun[], now: number) {
    if (lane.running > lane.suspects.size) return undefined
    for (const run of candidates) {
      const item = run.list.suspect(now, run.lane === lane)
      if (!item) {
        alarm.at(run.list.nextDue() ?? Infinity)
        continue
      }
      const most = Math.max(item.interruptions, ...[...lane.suspects].map((each) => each.interruptions))
      if (lane.running >= groupLimit(lane, most)) return undefined
      run.list.takeSuspect(item)
      return { run, item }
    }
    return undefined
  }

  function mayClaim(run: BatchRun, lane: Lane): boolean {
    const state = states.inMotion(run.batchId)
    if (!state || (state.status !== 'in_progress' && state.status !== 'queued')) return false
    if (run.stopping.signal.aborted || barOf(run) || run.recorder.isFull) return false
    if (clock.now() < startOf(run)) return false
    if (lane === run.lane && state.settings.fallbacks && missingModel(lane, clock.now())) return false
    return hasPlace(run, lane, state.settings, load.isLowered())
  }

  /** Tells the log that a queued batch starts; true if it was told just now. */
  function start(run: BatchRun): boolean {
    if (run.isStarting || states.inMotion(run.batchId)?.status !== 'queued') return false
    run.isStarting = true
    states
      .change(run.batchId, 'runner', (state) => decideStart(state, clock.now()))
      .then(
        () => undefined,
        (fault: unknown) => events.onStorageFault(run, fault),
      )
      .finally(() => {
        run.isStarting = false
        events.onStarted(run.batchId)
      })
    return true
  }

  function startOf({ batchId }: BatchRun): number {
    const state = states.inMotion(batchId)
    return state?.status === 'queued' ? (state.settings.not_before ?? 0) : 0
  }

  function barOf(run: BatchRun): BatchHold | undefined {
    return barBeforeSlot(run) ?? slots.holdOf(run.batchId)
  }

  function barBeforeSlot({ batchId, storage, plan, lane }: BatchRun): BatchHold | undefined {
    return storage ?? changedModel(lane, plan) ?? load.holdOf(batchId)
  }

  return { next, barOf, barBeforeSlot, startOf }
}
