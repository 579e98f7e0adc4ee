import { isTerminal } from './transitions.ts'
import type {
  AlertKind,
  BatchCounts,
  BatchEta,
  BatchEvent,
  BatchPlan,
  BatchRates,
  BatchSettings,
  BatchSpec,
  BatchStatus,
  EndedData,
  OverflowData,
  SettledData,
  SlaState,
} from './types.ts'

/** One batch folded from its events. Times are milliseconds since the epoch. Once it has ended only its settlement is added. */
export interface BatchState {
  readonly spec: BatchSpec
  /** As they are now: the spec's, or what the operator changed them to. */
  readonly settings: BatchSettings
  readonly deadline: number
  readonly status: BatchStatus
  readonly submittedAt: number
  readonly plan: BatchPlan | null
  readonly startedAt: number | null
  readonly pause: { readonly by: string; readonly reason: string; readonly at: number } | null
  /** As the last tick, or the end, stored them. */
  readonly counts: BatchCounts
  readonly rates: BatchRates | null
  readonly eta: BatchEta | null
  readonly sla: { readonly state: SlaState; readonly since: number }
  /** What was told of it at least once. */
  readonly alerted: ReadonlySet<AlertKind>
  /** Whether rows of it go to a fallback, as last told; null where that was never so. */
  readonly overflow: OverflowData | null
  readonly ended: (EndedData & { readonly at: number }) | null
  readonly settled: SettledData | null
}

export const NO_COUNTS: BatchCounts = {
  total: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  expired: 0,
  retries: 0,
  tokens_in: 0,
  tokens_out: 0,
  cost_micro_usd: 0,
}

/** Requests that have an outcome. */
export function closedRequests(counts: BatchCounts): number {
  return counts.completed + counts.failed + counts.cancelled + counts.expired
}

/** The state after an event. Undefined before `batch.submitted`. */
export function applyEvent(state: BatchState | undefined, event: BatchEvent, at: number): BatchState | undefined {
  if (event.type === 'batch.submitted') return state ?? submitted(event.data.spec, at)
  return state && applyLater(state, event, at)
}

function submitted(spec: BatchSpec, at: number): BatchState {
  return {
    spec,
    settings: spec.settings,
    deadline: spec.deadline,
    status: 'validating',
    submittedAt: at,
    plan: null,
    startedAt: null,
    pause: null,
    counts: NO_COUNTS,
    rates: null,
    eta: null,
    sla: { state: 'estimating', since: at },
    alerted: new Set(),
    overflow: null,
    ended: null,
    settled: null,
  }
}

function applyLater(state: BatchState, event: Exclude<BatchEvent, { type: 'batch.submitted' }>, at: number): BatchState {
  switch (event.type) {
    case 'batch.validated': {
      const { plan } = event.data
      return { ...state, status: 'queued', plan, counts: { ...NO_COUNTS, total: plan.report.requests } }
    }
    case 'batch.refused':
      return {
        ...state,
        status: 'failed',
        ended: {
          status: 'failed',
          counts: state.counts,
          output: null,
          errors: null,
          manifest: null,
          message: event.data.message,
          at,
        },
      }
    case 'batch.started':
      return { ...state, status: 'in_progress', startedAt: state.startedAt ?? at }
    case 'batch.paused':
      return { ...state, status: 'paused', pause: { ...event.data, at } }
    case 'batch.resumed':
      return { ...state, status: 'queued', pause: null }
    case 'batch.changed':
      return { ...state, settings: event.data.settings, deadline: event.data.deadline }
    case 'batch.progress': {
      const { counts, rates, eta } = event.data
      return { ...state, counts, rates, eta }
    }
    case 'batch.sla_changed':
      return { ...state, sla: { state: event.data.to, since: at } }
    case 'batch.alerted':
      return { ...state, alerted: new Set([...state.alerted, event.data.kind]) }
    case 'batch.overflow':
      return { ...state, overflow: event.data }
    case 'batch.finalizing':
      return { ...state, status: 'finalizing', counts: event.data.counts }
    case 'batch.planned_again': {
      const mayBeSent = state.status === 'in_progress' || state.status === 'finalizing'
      return { ...state, status: mayBeSent ? 'queued' : state.status, counts: event.data.counts }
    }
    case 'batch.cancelling':
      return { ...state, status: 'cancelling', pause: null }
    case 'batch.ended':
      return { ...state, status: event.data.status, counts: event.data.counts, pause: null, ended: { ...event.data, at } }
    case 'batch.settled':
      return {
        ...state,
        settled: event.data,
        // A batch that goes on after its deadline stays breached until it ends.
        sla: isTerminal(state.status) ? { state: event.data.verdict, since: at } : state.sla,
      }
  }
}
