import {
  afterAbandonedProbe,
  afterAnswer,
  afterFailure,
  breakerState,
  CLOSED,
  startProbe,
  type Breaker,
} from '../../../domain/batch/breaker.ts'
import { afterRequest, boundConcurrency, startConcurrency, type Concurrency } from '../../../domain/batch/concurrency.ts'
import { holdOf } from '../../../domain/batch/holds.ts'
import { longestDelayMs } from '../../../domain/batch/retry.ts'
import type { BatchPlan } from '../../../messages/batch.ts'
import type { BatchHold } from '../../../messages/batch-views.ts'
import type { ModelReference } from '../../../messages/work.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { ServedModel } from '../../../ports/engines.ts'
import type { Upstreams } from '../../../ports/upstreams.ts'
import type { WorkItem } from './work-list.ts'

/** One model of one engine, as the dispatcher sees it: what it takes, whether it answers, and what runs on it. */
export interface Lane {
  readonly key: string
  readonly model: ModelReference
  /** What the engine says stands behind the model's name. */
  origin: string | undefined
  /** Its engine names it among what can be asked now. */
  isServed: boolean
  /** When it last gave an answer; 0 = never. */
  answeredAt: number
  /** Tokens that prompt and answer may take together; null where nobody said. */
  contextTokens: number | null
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
const LIST_MAY_LAG_MS = 60_000
/** Each interruption makes the group that is tried together an eighth of what it was. */
const SMALLER_BY_BITS = 3

/** Every model that batches were sent to, or may be. */
export interface Lanes {
  of(model: ModelReference): Promise<Lane>
  all(): Iterable<Lane>
  /** Asks the engines again what they serve. */
  refresh(): Promise<void>
}

export function createLanes(upstreams: Pick<Upstreams, 'served'>, clock: Clock): Lanes {
  const lanes = new Map<string, Lane>()
  const engines = new Map<string, Engine>()
  const keyOf = ({ engine_id, model }: ModelReference): string => `${engine_id}/${model}`

  function engineOf(id: string): Engine {
    const engine = engines.get(id) ?? { id, breaker: CLOSED }
    engines.set(id, engine)
    return engine
  }

  return {
    async of(model) {
      const key = keyOf(model)
      const served = (await upstreams.served()).find(({ reference }) => keyOf(reference) === key)
      const lane = lanes.get(key) ?? openLane(key, model, served?.parallel ?? 1, engineOf(model.engine_id), clock.now())
      lanes.set(key, lane)
      noteServed(lane, served)
      return lane
    },
    all: () => lanes.values(),
    async refresh() {
      const served = new Map((await upstreams.served()).map((one) => [keyOf(one.reference), one]))
      for (const lane of lanes.values()) noteServed(lane, served.get(lane.key))
    },
  }
}

function openLane(key: string, model: ModelReference, parallel: number, engine: Engine, now: number): Lane {
  const concurrency = startConcurrency({ floor: 1, cap: parallel }, now)
  return {
    key,
    model,
    origin: undefined,
    isServed: false,
    answeredAt: 0,
    contextTokens: null,
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
function noteServed(lane: Lane, served: ServedModel | undefined): void {
  lane.isServed = served !== undefined
  if (!served) return
  lane.origin = served.origin
  lane.contextTokens = served.contextTokens
  lane.parallel = served.parallel
}

/** Why nothing can be expected of a batch's own lane now; null where it answers. */
export function awayReason(lane: Lane, now: number): string | null {
  const { engine, model } = lane
  if (engine.breaker.openUntil !== null) return `its own model is not live: ${engine.breaker.reason.replace(/\.$/, '')}`
  return missingModel(lane, now) ? `its own model is not live: ${engine.id} does not serve ${model.model}` : null
}

/** Its engine is there without the model, and would refuse each row until it has failed: a batch with fallbacks sends it none. */
export function missingModel({ engine, model, isServed, answeredAt }: Lane, now: number): BatchHold | undefined {
  // An engine under load may be too slow to list its models, and answers all the same.
  if (isServed || engine.breaker.openUntil !== null || now - answeredAt < LIST_MAY_LAG_MS) return undefined
  return holdOf({ code: 'model_missing', model: model.model })
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

/** What an answer tells of how many the engine gets done at once. */
export function noteLoad(lane: Lane, startedMs: number, status: number, endedMs: number): void {
  const kind = status < 300 ? 'answered' : status === 429 || status === 503 ? 'refused' : 'failed'
  lane.concurrency = afterRequest(lane.concurrency, { startedMs, endedMs, kind, running: lane.running })
}

/** How many suspects as often interrupted as this one may run together. */
export function groupLimit(lane: Lane, interruptions: number): number {
  return Math.max(1, lane.parallel >> (SMALLER_BY_BITS * interruptions))
}
