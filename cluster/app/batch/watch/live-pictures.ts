import { costPerRequest } from '../../../domain/batch/cost.ts'
import { riskOrder } from '../../../domain/batch/eta.ts'
import { holdOf as holdFor } from '../../../domain/batch/holds.ts'
import { priorityOf } from '../../../domain/batch/priority.ts'
import { closedRequests, type BatchState } from '../../../domain/batch/state.ts'
import type { BatchHold, BatchLive } from '../../../messages/batch-views.ts'
import type { Clock } from '../../../ports/clock.ts'
import { overflowView } from './overflow.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { BatchSlots } from '../dispatch/slots.ts'
import type { SlaTicks } from './sla-clock.ts'
import type { BatchStates } from '../states.ts'
import type { BatchTimes } from '../times.ts'

export interface LivePictures {
  live(batchId: string): BatchLive | undefined
  allLive(): readonly BatchLive[]
  liveChanged(listener: (batchIds: Iterable<string>) => void): () => void
  /** Something of a batch moved. */
  changed(batchId: string): void
}

export interface LivePorts {
  readonly states: BatchStates
  readonly times: BatchTimes
  readonly clock: Clock
  readonly slots: BatchSlots
}

/** Listeners are told at most four times a second. */
const TELL_MS = 250

export function createLivePictures(
  { states, times, clock, slots }: LivePorts,
  dispatcher: Dispatcher,
  ticks: () => SlaTicks,
): LivePictures {
  const listeners = new Set<(batchIds: Iterable<string>) => void>()
  const untold = new Set<string>()
  let isTelling = false

  function picture(state: BatchState): BatchLive {
    const { batch_id } = state.spec
    const run = dispatcher.run(batch_id)
    const counts = run?.counts ?? state.counts
    const pace = ticks().pace(batch_id)
    const now = times.now(state)
    const isWaiting = state.status === 'queued' || state.status === 'validating' || isPassed(state)
    const eta = pace?.eta ?? state.eta
    const ahead = isWaiting && run ? dispatcher.ahead(run) : undefined
    return {
      batch_id,
      at: clock.now(),
      counts,
      running: run?.running.size ?? 0,
      concurrency: run ? dispatcher.capacity(run) : { limit: 0, why: 'It is not running.' },
      priority: priorityOf(state.deadline - now, counts.total - closedRequests(counts), state.settings.priority_offset),
      rates: pace?.rates ?? state.rates,
      tokens_left: pace?.tokensLeft ?? null,
      eta,
      risk: eta && riskOrder(eta.p50_ms, state.deadline - now),
      sla: { state: state.sla.state, since: state.sla.since, why: pace?.why ?? '' },
      queue: ahead === undefined ? null : { position: ahead + 1, ahead },
      hold: holdOf(state),
      calibration: pace?.calibration,
      overflow: overflowView(state),
      slot: slots.slotOf(batch_id),
      request_cost_micro_usd: costPerRequest(
        counts.cost_micro_usd + (slots.costOf(batch_id) ?? 0),
        counts.completed + counts.failed,
      ),
    }
  }

  /** It began, and waits its turn again. */
  function isPassed({ status, spec: { batch_id } }: BatchState): boolean {
    const isIdle = dispatcher.run(batch_id)?.running.size === 0
    return status === 'in_progress' && isIdle && ticks().pace(batch_id)?.isPassed === true
  }

  function holdOf(state: BatchState): BatchHold | null {
    const run = dispatcher.run(state.spec.batch_id)
    switch (state.status) {
      case 'validating':
        return holdFor({ code: 'validating' })
      case 'paused': {
        const message = state.pause?.reason ?? 'It is paused.'
        return { code: 'paused', message, cured_by_waiting: false, fix: 'Resume it.' }
      }
      case 'queued': {
        const notBefore = state.settings.not_before ?? 0
        if (clock.now() < notBefore) return holdFor({ code: 'not_before', inMs: notBefore - clock.now() })
        return (run && dispatcher.holdOf(run)) ?? holdFor({ code: 'slots', running: run?.lane.running ?? 0 })
      }
      case 'in_progress':
        if (!run) return null
        return dispatcher.holdOf(run) ?? (isPassed(state) ? holdFor({ code: 'slots', running: run.lane.running }) : null)
      case 'finalizing':
      case 'cancelling':
      case 'completed':
      case 'failed':
      case 'expired':
      case 'cancelled':
        return null
    }
  }

  return {
    live(batchId) {
      const state = states.inMotion(batchId)
      return state && picture(state)
    },
    allLive: () => states.active().map(picture),
    liveChanged(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    changed(batchId) {
      if (listeners.size === 0) return
      untold.add(batchId)
      if (isTelling) return
      isTelling = true
      void clock.sleep(TELL_MS).then(() => {
        isTelling = false
        const told = [...untold]
        untold.clear()
        for (const listener of listeners) listener(told)
      })
    },
  }
}
