import { ceilingMet } from './ceilings.ts'
import { isPromised } from './sla.ts'
import { closedRequests, type BatchState } from './state.ts'
import { isTerminal, move } from './transitions.ts'
import type {
  AlertKind,
  BatchCounts,
  BatchEta,
  BatchEvent,
  BatchPlan,
  BatchRates,
  BatchSettings,
  BatchSpec,
  EndedData,
  LineError,
  SettledData,
  SlaState,
} from './types.ts'

/** What a command does to a batch: events (none where nothing is to be done), or the reason why not. */
export type Decision =
  | { readonly kind: 'events'; readonly events: readonly BatchEvent[] }
  | { readonly kind: 'refused'; readonly code: 'conflict' | 'invalid-input'; readonly message: string; readonly field?: string }

const events = (...list: readonly BatchEvent[]): Decision => ({ kind: 'events', events: list })
const conflict = (message: string): Decision => ({ kind: 'refused', code: 'conflict', message })

/** It is accepted; its file is validated next. */
export function decideSubmit(spec: BatchSpec): readonly BatchEvent[] {
  return [{ type: 'batch.submitted', data: { spec } }]
}

/** Its file can be run. Nothing where it no longer waits for that. */
export function decideValidated(state: BatchState, plan: BatchPlan): readonly BatchEvent[] {
  if (state.status !== 'validating') return []
  return [move(state.status, 'queued', { type: 'batch.validated', data: { plan } })]
}

/** Its file cannot be run. `errors`: the first of `errorCount`. */
export function decideRefused(
  state: BatchState,
  errorCount: number,
  errors: readonly LineError[],
  message: string,
): readonly BatchEvent[] {
  if (state.status !== 'validating') return []
  return [
    move(state.status, 'failed', { type: 'batch.refused', data: { error_count: Math.max(1, errorCount), errors, message } }),
  ]
}

/** Its first request may be sent. Nothing before its start time. */
export function decideStart(state: BatchState, now: number): readonly BatchEvent[] {
  if (state.status !== 'queued' || now < (state.settings.not_before ?? 0)) return []
  return [move(state.status, 'in_progress', { type: 'batch.started', data: {} })]
}

/** No more requests are sent; those that run are finished and count. */
export function decidePause(state: BatchState, by: string, reason: string): Decision {
  switch (state.status) {
    case 'queued':
      return events(move(state.status, 'paused', { type: 'batch.paused', data: { by, reason } }))
    case 'in_progress':
      return events(move(state.status, 'paused', { type: 'batch.paused', data: { by, reason } }))
    case 'paused':
      return events()
    case 'validating':
      return conflict('Its file is still being validated; pause it when it is queued, or set a later start.')
    case 'finalizing':
      return conflict('Every request has an outcome already; its files are being written.')
    case 'cancelling':
      return conflict('It is being cancelled.')
    case 'completed':
    case 'failed':
    case 'expired':
    case 'cancelled':
      return conflict(hasEnded(state))
  }
}

/** It waits for slots again. */
export function decideResume(state: BatchState, by: string): Decision {
  if (state.status === 'paused') return events(move(state.status, 'queued', { type: 'batch.resumed', data: { by } }))
  if (state.status === 'queued' || state.status === 'in_progress') return events()
  return conflict(isTerminal(state.status) ? hasEnded(state) : `It is not paused but ${inWords(state)}.`)
}

/** Other settings, or another deadline, for what is left of it. Nothing where all is as it was. */
export function decideChange(
  state: BatchState,
  by: string,
  settings: Partial<BatchSettings>,
  deadline: number | undefined,
  now: number,
): Decision {
  if (isTerminal(state.status)) return conflict(hasEnded(state))
  if (state.status === 'finalizing' || state.status === 'cancelling')
    return conflict(`It is ${inWords(state)}: nothing of it can be changed any more.`)
  if (deadline !== undefined && deadline !== state.deadline) {
    if (state.settled) return conflict('Its deadline has passed and is settled as missed.')
    if (deadline <= now)
      return { kind: 'refused', code: 'invalid-input', message: 'The deadline must lie in the future.', field: 'deadline' }
  }
  const refusal = refusedStart(state, settings, deadline ?? state.deadline)
  if (refusal) return refusal
  const changed = { settings: { ...state.settings, ...settings }, deadline: deadline ?? state.deadline }
  const isSame = changed.deadline === state.deadline && sameSettings(changed.settings, state.settings)
  return isSame ? events() : events({ type: 'batch.changed', data: { by, ...changed } })
}

/** Why a start cannot be set; undefined where it can, or is not asked for. */
function refusedStart(state: BatchState, { not_before }: Partial<BatchSettings>, deadline: number): Decision | undefined {
  if (not_before === undefined || not_before === state.settings.not_before) return undefined
  if (state.startedAt !== null) return conflict('It has begun already; pause it instead.')
  if (not_before < deadline) return undefined
  return { kind: 'refused', code: 'invalid-input', message: 'It must start before its deadline.', field: 'not_before' }
}

/** Dispatch and running requests are stopped; what is finished stays. */
export function decideCancel(state: BatchState, by: string): Decision {
  switch (state.status) {
    case 'validating':
      return events(move(state.status, 'cancelling', { type: 'batch.cancelling', data: { by } }))
    case 'queued':
      return events(move(state.status, 'cancelling', { type: 'batch.cancelling', data: { by } }))
    case 'in_progress':
      return events(move(state.status, 'cancelling', { type: 'batch.cancelling', data: { by } }))
    case 'paused':
      return events(move(state.status, 'cancelling', { type: 'batch.cancelling', data: { by } }))
    case 'cancelling':
      return events()
    case 'finalizing':
      return conflict('Every request has an outcome already and its files are being written: there is nothing left to cancel.')
    case 'completed':
    case 'failed':
    case 'expired':
    case 'cancelled':
      return conflict(hasEnded(state))
  }
}

/** Every request has an outcome: the files are written next. */
export function decideFinalizing(state: BatchState, counts: BatchCounts): readonly BatchEvent[] {
  if (state.status !== 'in_progress' || closedRequests(counts) < counts.total) return []
  return [move(state.status, 'finalizing', { type: 'batch.finalizing', data: { counts } })]
}

/** Its requests were read again from its input file after the store of them was damaged. */
export function decidePlannedAgain(state: BatchState, counts: BatchCounts, message: string): readonly BatchEvent[] {
  const event: BatchEvent = { type: 'batch.planned_again', data: { counts, message } }
  switch (state.status) {
    case 'in_progress':
      return [move(state.status, 'queued', event)]
    case 'finalizing':
      return [move(state.status, 'queued', event)]
    case 'queued':
    case 'paused':
    case 'cancelling':
      return [event]
    case 'validating':
    case 'completed':
    case 'failed':
    case 'expired':
    case 'cancelled':
      return []
  }
}

/** How a batch has to end now, before its files are written; undefined while it goes on. `reason` in words, `slotCost` in micro-dollars. */
export type Ending = { readonly status: EndedData['status']; readonly reason: string }

export function endingOf(state: BatchState, counts: BatchCounts, now: number, slotCost = 0): Ending | undefined {
  if (state.status === 'cancelling') return { status: 'cancelled', reason: 'Cancelled.' }
  if (state.status === 'finalizing')
    return {
      status: 'completed',
      reason: `Every request has an outcome${counts.failed > 0 ? `; ${counts.failed} of ${counts.total} failed` : ''}.`,
    }
  if (isTerminal(state.status)) return undefined
  const ceiling = state.status === 'in_progress' ? ceilingMet(state.settings, counts, slotCost) : undefined
  if (ceiling !== undefined) return { status: 'failed', reason: ceiling }
  if (now >= state.deadline && state.settings.on_deadline === 'expire')
    return { status: 'expired', reason: 'Its deadline passed before every request had an outcome.' }
  return undefined
}

/** Past its deadline a batch that goes on is settled as missed, once; one that promised nothing is not. */
export function decideDeadline(state: BatchState, counts: BatchCounts, now: number): readonly BatchEvent[] {
  if (isTerminal(state.status) || state.settled || !isPromised(state.spec.completion_window)) return []
  if (now < state.deadline || state.settings.on_deadline === 'expire') return []
  return [settlement(state, { kind: 'deadline' }, counts, now)]
}

/** Its last events; nothing where its status cannot end so. */
export function decideEnd(state: BatchState, data: EndedData, now: number): readonly BatchEvent[] {
  const ended = endedEvent(state, data)
  if (!ended) return []
  if (state.settled || !isPromised(state.spec.completion_window)) return [ended]
  return [ended, settlement(state, { kind: 'end', status: data.status }, data.counts, now)]
}

function endedEvent({ status }: BatchState, data: EndedData): BatchEvent | undefined {
  const { status: to } = data
  switch (to) {
    case 'completed':
      return status === 'finalizing' ? move(status, to, { type: 'batch.ended', data: { ...data, status: to } }) : undefined
    case 'cancelled':
      return status === 'cancelling' ? move(status, to, { type: 'batch.ended', data: { ...data, status: to } }) : undefined
    case 'failed':
      return isTerminal(status) || status === 'validating' || status === 'cancelling'
        ? undefined
        : move(status, to, { type: 'batch.ended', data: { ...data, status: to } })
    case 'expired': {
      // A batch whose requests all have an outcome is completed, however late, unless none of them was answered.
      const isUnanswered = data.counts.completed + data.counts.failed === 0
      if (status === 'finalizing' && !isUnanswered) return undefined
      return isTerminal(status) || status === 'cancelling'
        ? undefined
        : move(status, to, { type: 'batch.ended', data: { ...data, status: to } })
    }
  }
}

/** Met: completed in time, or withdrawn in time by whoever it was promised to. */
function settlement(
  state: BatchState,
  why: { readonly kind: 'deadline' } | { readonly kind: 'end'; readonly status: EndedData['status'] },
  counts: BatchCounts,
  now: number,
): BatchEvent {
  const margin_ms = state.deadline - now
  const isKept = why.kind === 'end' && (why.status === 'completed' || why.status === 'cancelled') && margin_ms >= 0
  const data: SettledData = {
    verdict: isKept ? 'met' : 'missed',
    margin_ms,
    requests_done: counts.completed + counts.failed,
    cost_micro_usd: counts.cost_micro_usd,
  }
  return { type: 'batch.settled', data }
}

/** What one tick of the SLA clock found out about a batch in motion. */
export interface Tick {
  readonly counts: BatchCounts
  readonly rates: BatchRates | null
  readonly eta: BatchEta | null
  readonly concurrency: number
  readonly sla: SlaState
  readonly why: string
  /** What begins now. */
  readonly alerts: readonly { readonly kind: AlertKind; readonly message: string }[]
}

/** What is worth storing of a tick: progress where something moved, changes of the SLA state, alerts that begin. */
export function decideTick(state: BatchState, tick: Tick): readonly BatchEvent[] {
  if (isTerminal(state.status)) return []
  const { counts, rates, eta, concurrency } = tick
  const hasMoved = closedRequests(counts) !== closedRequests(state.counts) || counts.retries !== state.counts.retries
  const list: BatchEvent[] = []
  if (hasMoved) list.push({ type: 'batch.progress', data: { counts, rates, eta, concurrency } })
  if (tick.sla !== state.sla.state)
    list.push({ type: 'batch.sla_changed', data: { from: state.sla.state, to: tick.sla, eta, why: tick.why } })
  for (const alert of tick.alerts)
    if (alert.kind !== 'sla_elapsed' || !state.alerted.has('sla_elapsed')) list.push({ type: 'batch.alerted', data: alert })
  return list
}

function hasEnded(state: BatchState): string {
  return `It has ended already (${state.status}).`
}

function inWords({ status }: BatchState): string {
  return status.replaceAll('_', ' ')
}

function sameSettings(one: BatchSettings, other: BatchSettings): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof BatchSettings>
  return [...keys].every((key) => JSON.stringify(one[key]) === JSON.stringify(other[key]))
}
