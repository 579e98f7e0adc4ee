import { dollars } from './ceilings.ts'
import { span } from './holds.ts'
import { reachOf } from './ramp.ts'
import type { BatchState } from './state.ts'
import type { BatchCounts, BatchEvent, FallbackModel, OverflowCause, OverflowData, PricedModel } from './types.ts'

/** A model that the operator named, and what is known of it now. */
export interface Fallback extends FallbackModel {
  /** Why it cannot take rows over; null where it can, as far as its engine answers. */
  readonly refusal: string | null
  /** What is known of its engine: it answers, is left alone, or may be asked whether it is back. */
  readonly breaker: 'closed' | 'open' | 'probe'
  /** Micro-dollars per million tokens; null where none was set. */
  readonly price: { readonly price_in: number; readonly price_out: number } | null
}

export interface OverflowLook {
  readonly windowMs: number
  readonly leftMs: number
  /** Why its own model is not live; null where it is. */
  readonly away: string | null
  /** Expected time until it is done; null while unknown. */
  readonly p50Ms: number | null
  readonly fallbacks: readonly Fallback[]
  readonly counts: BatchCounts
  readonly rowsLeft: number
  /** What a row is expected to take. */
  readonly tokensIn: number
  readonly tokensOut: number
  readonly ceilingMicroUsd: number | undefined
  readonly before: OverflowData | null
}

/** `isInRamp`: what its own model takes is used in full. */
export interface OverflowDecision {
  readonly isInRamp: boolean
  readonly overflow: OverflowData
}

/**
 * Where rows of a batch go that has fallbacks: in the ramp before its deadline, while its own model is not live or too slow, to the first
 * fallback that can take all that is left within the cost ceiling. What began because it would be late goes on: to stop would make it late
 * again.
 */
export function overflowOf(look: OverflowLook): OverflowDecision {
  const { windowMs, leftMs, fallbacks } = look
  if (fallbacks.length === 0) return own('no fallback is named any more', false)
  const reach = reachOf(windowMs, leftMs)
  if (reach === 'own') return own('the deadline is far enough away', false)
  const found = causeOf(look)
  if (!found) return own('its own model is live and in time', true)
  const checked = fallbacks.map((fallback) => ({ fallback, reason: refusalOf(fallback, look, reach === 'escalation') }))
  const able = checked.filter(({ reason }) => reason === null).map(({ fallback }) => fallback)
  const taken =
    able.find(({ breaker }) => breaker === 'closed') ??
    // Where none is known to answer, the one that was asked last is asked on, so that two that are down do not take turns.
    able.find((fallback) => isAt(look.before, fallback)) ??
    able.find(({ breaker }) => breaker === 'probe')
  if (taken) {
    const { engine_id, model, price } = taken
    const to = { engine_id, model, price_in: price?.price_in ?? 0, price_out: price?.price_out ?? 0 }
    return { isInRamp: true, overflow: { state: 'started', ...found, to } }
  }
  const reasons = checked.map(({ fallback, reason }) => `${fallback.model} ${reason ?? 'does not answer'}`)
  return { isInRamp: true, overflow: { state: 'blocked', ...found, why: `${found.why}, but ${reasons.join('; ')}` } }
}

function isAt(before: OverflowData | null, { engine_id, model }: FallbackModel): boolean {
  return before?.state === 'started' && before.to.engine_id === engine_id && before.to.model === model
}

/** What is told of a decision: nothing while it stays what it was, however the figures move. */
export function decideOverflow({ overflow: before, status }: BatchState, overflow: OverflowData): readonly BatchEvent[] {
  if (status !== 'queued' && status !== 'in_progress') return []
  if (overflow.state === 'ended' && (before === null || before.state === 'ended')) return []
  if (before !== null && keyOf(before) === keyOf(overflow)) return []
  return [{ type: 'batch.overflow', data: overflow }]
}

/** Whether one more row may go to a fallback, should it and those under way take as much as they may. */
export function leavesRoom(
  ceilingMicroUsd: number | undefined,
  { spentMicroUsd, rowsUnderWay, rowMicroUsd }: { spentMicroUsd: number; rowsUnderWay: number; rowMicroUsd: number },
): boolean {
  return ceilingMicroUsd === undefined || spentMicroUsd + (rowsUnderWay + 1) * rowMicroUsd <= ceilingMicroUsd
}

/** Micro-dollars of a row. */
export function rowCostMicroUsd(price: Pick<PricedModel, 'price_in' | 'price_out'>, tokensIn: number, tokensOut: number): number {
  return (tokensIn * price.price_in + tokensOut * price.price_out) / 1e6
}

function causeOf({ away, p50Ms, leftMs, before }: OverflowLook): { cause: OverflowCause; why: string } | undefined {
  if (before?.state === 'started' && before.cause === 'late') return { cause: 'late', why: before.why }
  if (away !== null) return { cause: 'away', why: away }
  if (p50Ms === null || p50Ms <= leftMs) return undefined
  if (leftMs <= 0) return { cause: 'late', why: 'its deadline has passed' }
  return { cause: 'late', why: `it would take another ${span(p50Ms)} and has ${span(leftMs)} left` }
}

function refusalOf(fallback: Fallback, look: OverflowLook, isEscalation: boolean): string | null {
  if (fallback.escalation_only && !isEscalation) return 'is for the last 15 min alone'
  if (fallback.refusal !== null) return fallback.refusal
  const { ceilingMicroUsd, counts, rowsLeft, tokensIn, tokensOut } = look
  if (ceilingMicroUsd === undefined) return null
  if (!fallback.price) return 'has no price, so that the cost ceiling cannot be kept'
  const whole = counts.cost_micro_usd + rowsLeft * rowCostMicroUsd(fallback.price, tokensIn, tokensOut)
  if (whole <= ceilingMicroUsd) return null
  return `would bring the cost to ${dollars(whole)}, above the ceiling of ${dollars(ceilingMicroUsd)}`
}

function own(why: string, isInRamp: boolean): OverflowDecision {
  return { isInRamp, overflow: { state: 'ended', why } }
}

function keyOf(overflow: OverflowData): string {
  switch (overflow.state) {
    case 'started':
      return `started ${overflow.cause} ${overflow.to.engine_id}/${overflow.to.model}`
    case 'blocked':
    case 'ended':
      return overflow.state
  }
}
