import { failureOfStatus, saysEngineIsAway, saysModelIsAbsent } from '../../../domain/batch/outcome-of.ts'
import { tokenCostMicroUsd } from '../../../domain/batch/cost.ts'
import { afterCrash, mayHelp, nextTry } from '../../../domain/batch/retry.ts'
import type { BatchSettings } from '../../../messages/batch.ts'
import type { RequestOutcome } from '../../../ports/batch-requests.ts'
import type { UpstreamError, UpstreamReply } from '../../../ports/upstreams.ts'
import { noteAbsence, noteAnswer, noteRefusal, type Lane } from './lanes.ts'
import type { WorkItem } from './work-list.ts'

/** What a try leads to: an outcome, or another try not before `dueAt`. */
export type AfterTry =
  { readonly kind: 'outcome'; readonly outcome: RequestOutcome } | { readonly kind: 'again'; readonly dueAt: number }

export interface TryContext {
  readonly lane: Lane
  readonly settings: BatchSettings
  /** Micro-dollars per million tokens of the model on the lane. */
  readonly price: { readonly price_in: number; readonly price_out: number }
  /** What answers are marked with; undefined where only the batch's own model can answer. */
  readonly servedModel: string | undefined
  readonly now: number
  /** 0 ≤ x < 1. */
  readonly dice: number
}

/** An answer of the engine, whatever its status. */
export function afterReply(item: WorkItem, reply: UpstreamReply, context: TryContext): AfterTry {
  const { lane, now, dice } = context
  if (reply.status >= 200 && reply.status < 300) {
    noteAnswer(lane, now)
    lane.answeredAt = now
    return { kind: 'outcome', outcome: completed(item, reply, context) }
  }
  const failure = failureOfStatus(reply.status, reply.body)
  Object.assign(item, { lastError: failure, lastStatus: reply.status, lastBody: reply.body })
  if (reply.status === 429) {
    noteRefusal(lane, now, reply.retryAfterMs, dice)
    item.failure = { at: now, kind: 'rate_limited' }
    return again(item, reply.retryAfterMs, context)
  }
  if (saysEngineIsAway(reply.status)) {
    noteAbsence(lane, now, failure.message, false)
    item.failure = { at: now, kind: 'away' }
    return again(item, reply.retryAfterMs, context)
  }
  noteAnswer(lane, now)
  item.tries += 1
  const { retryAfterMs, status } = reply
  const failed = { kind: 'status', status, retryAfterMs, modelAbsent: saysModelIsAbsent(status, reply.body) } as const
  return orFinal(item, failed, context)
}

/** No answer. `isAlone`: nothing else ran on the engine. */
export function afterNoAnswer(item: WorkItem, error: UpstreamError, isAlone: boolean, context: TryContext): AfterTry {
  const { lane, now } = context
  const { reason, message } = error
  Object.assign(item, { lastError: { code: CODES[reason], message, cause: null }, lastStatus: null, lastBody: null })
  switch (reason) {
    case 'malformed':
      noteAnswer(lane, now)
      return { kind: 'outcome', outcome: failedOutcome(item, now) }
    case 'timeout':
      item.tries += 1
      return orFinal(item, { kind: 'no_answer', reason }, context)
    case 'unreachable':
      noteAbsence(lane, now, message, false)
      item.failure = { at: now, kind: reason }
      return again(item, undefined, context)
    case 'connection':
    case 'crashed': {
      const isSuspect = item.interruptions > 0
      noteAbsence(lane, now, message, reason === 'crashed' || (isSuspect && isAlone))
      item.failure = { at: now, kind: reason }
      if (!isAlone || (reason === 'connection' && !isSuspect)) return again(item, undefined, context)
      const { blamed, alone } = afterCrash([{ n: item.request.n, crashesAlone: item.crashesAlone }])
      item.crashesAlone = alone[0]?.crashesAlone ?? item.crashesAlone + 1
      return blamed.length === 0 ? again(item, undefined, context) : { kind: 'outcome', outcome: blame(item, now) }
    }
  }
}

/**
 * Settles, when its next try is due, whether the last one counts: it does where the engine worked for others meanwhile, and not where
 * the engine was away or refused everyone. Resolves to the outcome where that was one try too many.
 */
export function beforeTry(
  item: WorkItem,
  { lane, settings, now }: Pick<TryContext, 'lane' | 'settings' | 'now'>,
): RequestOutcome | undefined {
  const { failure } = item
  if (!failure) return undefined
  item.failure = undefined
  const { breaker } = (item.lane ?? lane).engine
  const broke = breaker.openedAt >= failure.at
  if (broke && (failure.kind === 'connection' || failure.kind === 'crashed')) item.interruptions += 1
  const counts = failure.kind === 'rate_limited' ? breaker.succeededAt > failure.at : !broke
  if (counts) item.tries += 1
  return item.tries > settings.max_retries ? failedOutcome(item, now) : undefined
}

const CODES = {
  unreachable: 'connection',
  connection: 'connection',
  timeout: 'request_timeout',
  crashed: 'engine_crashed',
  malformed: 'invalid_answer',
} as const satisfies Record<UpstreamError['reason'], string>

function again(item: WorkItem, retryAfterMs: number | undefined, { now, dice }: TryContext): AfterTry {
  const next = nextTry(
    { kind: 'status', status: 503, retryAfterMs, modelAbsent: false },
    { tries: item.tries + 1, maxRetries: item.tries + 1, dice, engineAway: false },
  )
  return { kind: 'again', dueAt: now + (next.kind === 'again' ? next.delayMs : 0) }
}

function orFinal(item: WorkItem, failed: Parameters<typeof nextTry>[0], { settings, now, dice }: TryContext): AfterTry {
  const next = nextTry(failed, { tries: item.tries, maxRetries: settings.max_retries, dice, engineAway: false })
  return mayHelp(failed) && next.kind === 'again'
    ? { kind: 'again', dueAt: now + next.delayMs }
    : { kind: 'outcome', outcome: failedOutcome(item, now) }
}

function completed(item: WorkItem, reply: UpstreamReply, { price, servedModel, now }: TryContext): RequestOutcome {
  const { tokensIn, tokensOut } = reply
  return {
    n: item.request.n,
    state: 'completed',
    statusCode: reply.status,
    requestId: reply.requestId,
    body: reply.body,
    servedModel,
    error: null,
    attempts: item.attempts,
    tokensIn,
    tokensOut,
    costMicroUsd: tokenCostMicroUsd({ tokensIn, tokensOut }, price),
    startedAt: item.startedAt,
    endedAt: now,
  }
}

function failedOutcome(item: WorkItem, now: number): RequestOutcome {
  return {
    n: item.request.n,
    state: 'failed',
    statusCode: item.lastStatus,
    requestId: null,
    body: item.lastBody,
    error: item.lastError ?? { code: 'server_error', message: 'It failed without a reason.', cause: null },
    attempts: item.attempts,
    tokensIn: 0,
    tokensOut: 0,
    costMicroUsd: 0,
    startedAt: item.startedAt,
    endedAt: now,
  }
}

function blame(item: WorkItem, now: number): RequestOutcome {
  const message = `The engine died each of the ${item.crashesAlone} times that it worked on this request alone.`
  return { ...failedOutcome(item, now), error: { code: 'engine_crashed', message, cause: item.lastError?.message ?? null } }
}
