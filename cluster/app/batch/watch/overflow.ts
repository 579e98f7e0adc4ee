import { breakerState } from '../../../domain/batch/breaker.ts'
import { decideOverflow, overflowOf, rowCostMicroUsd, type Fallback, type OverflowLook } from '../../../domain/batch/overflow.ts'
import { reachMs } from '../../../domain/batch/ramp.ts'
import { closedRequests, type BatchState } from '../../../domain/batch/state.ts'
import type { BatchLive } from '../../../messages/batch-views.ts'
import type { FallbackModel } from '../../../messages/batch.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { SmallState } from '../../../ports/small-state.ts'
import type { Upstreams } from '../../../ports/upstreams.ts'
import { readPrice } from '../../prices.ts'
import type { BatchRun } from '../dispatch/batch-run.ts'
import { awayReason, type Lane } from '../dispatch/lanes.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { BatchPace } from './pace.ts'
import type { BatchStates } from '../states.ts'
import type { BatchTimes } from '../times.ts'

export interface OverflowPorts {
  readonly state: SmallState
  readonly states: BatchStates
  readonly times: BatchTimes
  readonly upstreams: Upstreams
  readonly clock: Clock
}

/** Refused in a row: a fallback that says no to this many rows says it to all. */
const REFUSALS = 3

/** Looks whether rows of a batch have to go to a fallback, tells it where that changes, and only then sends any. */
export async function lookAtOverflow(
  ports: OverflowPorts,
  dispatcher: Dispatcher,
  batchId: string,
  pace: BatchPace | undefined,
): Promise<void> {
  const { states, clock } = ports
  const state = states.inMotion(batchId)
  const run = dispatcher.run(batchId)
  if (!state?.plan || !run || !mayGoOn(state, clock.now()) || dispatcher.isBarred(run)) return
  if (!state.settings.fallbacks && (state.overflow ?? { state: 'ended' }).state === 'ended') return
  const look = await lookOf(ports, dispatcher, state, run, pace)
  const { isInRamp, overflow } = overflowOf(look)
  await states.change(batchId, 'clock', (newest) => decideOverflow(newest, overflow))
  if (overflow.state !== 'started') {
    dispatcher.setOverflow(run, isInRamp, undefined)
    return
  }
  const { to } = overflow
  const worstOut = state.plan.estimate.tokens_out[1] / Math.max(1, state.plan.report.requests)
  dispatcher.setOverflow(run, isInRamp, {
    lane: await dispatcher.lane({ engine_id: to.engine_id, model: to.model }),
    price: to,
    rowMicroUsd: rowCostMicroUsd(to, look.tokensIn, worstOut),
  })
}

/** What a page shows of it; undefined where no fallback is named. */
export function overflowView({ overflow, settings, deadline, submittedAt }: BatchState): BatchLive['overflow'] {
  if (!settings.fallbacks) return undefined
  const from = Math.round(deadline - reachMs(deadline - submittedAt))
  if (overflow === null || overflow.state === 'ended') return { from, to: null, why: null }
  const to = overflow.state === 'started' ? { engine_id: overflow.to.engine_id, model: overflow.to.model } : null
  return { from, to, why: overflow.why }
}

/** One that is paused, or not to start yet, is in no hurry. */
function mayGoOn({ status, settings }: BatchState, now: number): boolean {
  return status === 'in_progress' || (status === 'queued' && now >= (settings.not_before ?? 0))
}

async function lookOf(
  ports: OverflowPorts,
  dispatcher: Dispatcher,
  state: BatchState,
  run: BatchRun,
  pace: BatchPace | undefined,
): Promise<OverflowLook> {
  const { spec, settings, deadline, submittedAt, overflow } = state
  const { plan, counts } = run
  const rowsLeft = counts.total - closedRequests(counts)
  const named = (settings.fallbacks ?? []).filter((one) => `${one.engine_id}/${one.model}` !== run.lane.key)
  const hasTokens = spec.endpoint !== '/v1/embeddings'
  return {
    windowMs: deadline - submittedAt,
    leftMs: deadline - ports.times.now(state),
    away: awayReason(run.lane, ports.clock.now()),
    p50Ms: pace?.eta?.p50_ms ?? null,
    fallbacks: await Promise.all(named.map((one) => fallbackOf(ports, dispatcher, state, run, one))),
    counts,
    rowsLeft,
    tokensIn: plan.report.tokens_in_estimate / Math.max(1, plan.report.requests),
    tokensOut: hasTokens && pace && rowsLeft > 0 ? pace.work.units / rowsLeft : 0,
    ceilingMicroUsd: settings.cost_ceiling_micro_usd,
    before: overflow,
  }
}

async function fallbackOf(
  { state: small, clock, upstreams }: OverflowPorts,
  dispatcher: Dispatcher,
  { overflow, spec }: BatchState,
  run: BatchRun,
  named: FallbackModel,
): Promise<Fallback> {
  const { engine_id, model } = named
  const lane = await dispatcher.lane({ engine_id, model })
  const known = overflow?.state === 'started' && overflow.to.engine_id === engine_id && overflow.to.model === model
  const served = (await upstreams.served()).find(({ reference }) => `${reference.engine_id}/${reference.model}` === lane.key)
  const refused = run.refusals.get(lane.key)
  return {
    ...named,
    refusal: !served
      ? 'is not served now'
      : refused && refused.count >= REFUSALS
        ? `refused ${refused.count} rows: ${refused.message}`
        : unfit(spec.endpoint === '/v1/embeddings', served.embedsOnly === true, lane, run),
    breaker: breakerState(lane.engine.breaker, clock.now()),
    // What rows were begun at stays their price.
    price: known ? overflow.to : ((await readPrice(small, named)) ?? null),
  }
}

/** Why a model is no stand-in for the batch's own, whatever it costs. */
function unfit(wantsVectors: boolean, embedsOnly: boolean, lane: Lane, { lane: own, plan }: BatchRun): string | null {
  if (wantsVectors !== embedsOnly) return wantsVectors ? 'makes no vectors' : 'makes vectors only'
  const isSame = lane.model.model === own.model.model || (plan.origin !== undefined && lane.origin === plan.origin)
  if (wantsVectors && !isSame) return 'makes other vectors, which cannot be mixed with these'
  const isShorter = own.contextTokens !== null && lane.contextTokens !== null && lane.contextTokens < own.contextTokens
  return isShorter ? 'reads shorter texts than its own model' : null
}
