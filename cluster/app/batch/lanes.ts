import {
  afterAbandonedProbe,
  afterAnswer,
  afterFailure,
  breakerState,
  CLOSED,
  startProbe,
  type Breaker,
} from '../../domain/batch/breaker.ts'
import { boundConcurrency, startConcurrency, type Concurrency } from '../../domain/batch/concurrency.ts'
import { holdOf } from '../../domain/batch/holds.ts'
import { longestDelayMs } from '../../domain/batch/retry.ts'
import type { BatchPlan } from '../../messages/batch.ts'
import type { BatchHold } from '../../messages/batch-views.ts'
import type { ModelReference } from '../../messages/work.ts'
import type { ServedModel } from '../../ports/engines.ts'
import type { WorkItem } from './work-list.ts'

/** One model of one engine, as the dispatcher sees it: what it takes, whether it answers, and what runs on it. */
export interface Lane {
  readonly key: string
  readonly model: ModelReference
  /** What the engine says stands behind the model's name. */
  origin: string | undefined
  /** What the engine takes at once by its own word. */
  parallel: number
  /** What its batches ask for, where that is more. */
  ceiling: number
  /** How many at once its answers are best at: for batches that leave the number to it. */
  concurrency: Concurrency
  running: number
  /** Running requests during which the engine broke before: while there are any, nothing else is sent. */
  readonly suspects: Set<WorkItem>
  /** Shared by the models of an engine. */
  readonly engine: Engine
  /** It asked to be left alone until then. */
  restUntil: number
  refusalsInARow: number
}

export interface Engine {
  readonly id: string
  breaker: Breaker
}

/** Probes in vain after which an engine is down, and not only in trouble. */
const DOWN_AFTER = 2
const REFUSALS_BEFORE_REST = 5
/** Each interruption makes the group that is tried together an eighth of what it was. */
const SMALLER_BY_BITS = 3

export function createEngines(): (id: string) => Engine {
  const engines = new Map<string, Engine>()
  return (id) => {
    const engine = engines.get(id) ?? { id, breaker: CLOSED }
    engines.set(id, engine)
    return engine
  }
}

export function openLane(key: string, model: ModelReference, parallel: number, engine: Engine, now: number): Lane {
  const concurrency = startConcurrency({ floor: 1, cap: parallel }, now)
  return {
    key,
    model,
    origin: undefined,
    parallel,
    ceiling: parallel,
    concurrency,
    running: 0,
    suspects: new Set(),
    engine,
    restUntil: 0,
    refusalsInARow: 0,
  }
}

/** What its engine says of it now. */
export function noteServed(lane: Lane, { origin, parallel }: ServedModel): void {
  lane.origin = origin
  lane.parallel = parallel
}

/** A server that serves another model under the same name gets no more of a batch that was begun with the first. */
export function changedModel(lane: Lane, { model, origin: was }: BatchPlan): BatchHold | undefined {
  const is = lane.origin
  if (was === undefined || is === undefined || was === is) return undefined
  return holdOf({ code: 'model_changed', engine: model.engine_id, model: model.model, was, is })
}

export function setCeiling(lane: Lane, ceiling: number, now: number): void {
  lane.ceiling = ceiling
  lane.concurrency = boundConcurrency(lane.concurrency, { floor: 1, cap: ceiling }, now)
}

export type Gate =
  | { readonly kind: 'free' }
  /** One request may go, to see whether the engine is back. */
  | { readonly kind: 'probe' }
  | { readonly kind: 'shut'; readonly until: number; readonly hold: BatchHold }

export function gateOf(lane: Lane, now: number): Gate {
  const { breaker } = lane.engine
  const state = breakerState(breaker, now)
  if (state === 'open') {
    const until = breaker.isProbing ? Infinity : (breaker.openUntil ?? now)
    const inMs = until === Infinity ? null : until - now
    const { id } = lane.engine
    const isDown = breaker.openings >= DOWN_AFTER
    return {
      kind: 'shut',
      until,
      hold: isDown
        ? holdOf({ code: 'engine_down', engine: id, cause: breaker.reason })
        : holdOf({ code: 'circuit_open', engine: id, inMs }),
    }
  }
  if (now < lane.restUntil)
    return { kind: 'shut', until: lane.restUntil, hold: holdOf({ code: 'rate_limited', inMs: lane.restUntil - now }) }
  return { kind: state === 'probe' ? 'probe' : 'free' }
}

export function beginProbe(lane: Lane): void {
  lane.engine.breaker = startProbe(lane.engine.breaker)
}

export function abandonProbe(lane: Lane): void {
  lane.engine.breaker = afterAbandonedProbe(lane.engine.breaker)
}

/** It did its work, whatever it thinks of the request. */
export function noteAnswer(lane: Lane, now: number): void {
  lane.refusalsInARow = 0
  lane.engine.breaker = afterAnswer(lane.engine.breaker, now)
}

/** No answer, or a word that there is nobody to answer. */
export function noteAbsence(lane: Lane, now: number, reason: string, atOnce: boolean): void {
  lane.engine.breaker = afterFailure(lane.engine.breaker, now, reason, atOnce)
}

/** It answered that it wants fewer requests. It is there, so a probe has done its work. */
export function noteRefusal(lane: Lane, now: number, retryAfterMs: number | undefined, dice: number): void {
  lane.refusalsInARow += 1
  if (lane.engine.breaker.openUntil !== null)
    lane.engine.breaker = { ...CLOSED, openedAt: lane.engine.breaker.openedAt, succeededAt: lane.engine.breaker.succeededAt }
  const isOften = lane.refusalsInARow >= REFUSALS_BEFORE_REST
  if (retryAfterMs === undefined && !isOften) return
  const round = Math.max(1, Math.floor(lane.refusalsInARow / REFUSALS_BEFORE_REST))
  const pause = retryAfterMs ?? Math.floor((0.5 + dice / 2) * Math.min(30_000, longestDelayMs(round)))
  lane.restUntil = Math.max(lane.restUntil, now + pause)
}

/** How many suspects as often interrupted as this one may run together. */
export function groupLimit(lane: Lane, interruptions: number): number {
  return Math.max(1, lane.parallel >> (SMALLER_BY_BITS * interruptions))
}
