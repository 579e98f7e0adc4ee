import type { BatchDetail, BatchLive, BatchRow, SheddingView, SlaState } from '../../src-preload/contract/batch.ts'
import type { StateWords } from './run-words.ts'

export const ended = (row: BatchRow): boolean => row.ended_at !== null

/** The state of the promise as it stands: the live picture knows more than the stored row. */
export function slaOf(row: BatchRow, live: BatchLive | null): SlaState {
  return ended(row) ? row.sla : (live?.sla.state ?? row.sla)
}

/** Whether it promises to be done in its window; one in the background does not. */
export function isPromised({ spec }: Pick<BatchDetail, 'spec'>): boolean {
  return spec.completion_window !== 'background'
}

/** Whether somebody should look. */
export function isAtRisk(row: BatchRow, live: BatchLive | null): boolean {
  const sla = slaOf(row, live)
  return !ended(row) && (sla === 'at_risk' || sla === 'breaching' || sla === 'breached')
}

/** The state of a batch as shape and word; the risk of its deadline comes before what it does. */
export function batchState(row: BatchRow, live: BatchLive | null): StateWords {
  if (!ended(row)) {
    const sla = slaOf(row, live)
    if (sla === 'breached') return { word: 'Too late', tone: 'bad', shape: 'bad' }
    if (sla === 'breaching') return { word: 'Will miss', tone: 'bad', shape: 'bad' }
    if (sla === 'at_risk') return { word: 'At risk', tone: 'warn', shape: 'warn' }
  }
  switch (row.status) {
    case 'validating':
      return { word: 'Validating', tone: 'neutral', shape: 'wait' }
    case 'queued':
      return live?.hold ? waiting(live.hold) : { word: 'Queued', tone: 'neutral', shape: 'wait' }
    case 'in_progress':
      return live?.hold ? waiting(live.hold) : { word: 'Running', tone: 'info', shape: 'run' }
    case 'paused':
      return { word: 'Paused', tone: 'neutral', shape: 'pause' }
    case 'finalizing':
      return { word: 'Finalizing', tone: 'info', shape: 'run' }
    case 'completed':
      return row.counts.failed > 0
        ? { word: 'Done, with errors', tone: 'warn', shape: 'warn' }
        : { word: 'Done', tone: 'good', shape: 'good' }
    case 'failed':
      return { word: 'Failed', tone: 'bad', shape: 'bad' }
    case 'expired':
      return { word: 'Expired', tone: 'warn', shape: 'wait' }
    case 'cancelling':
      return { word: 'Cancelling', tone: 'neutral', shape: 'stop' }
    case 'cancelled':
      return { word: 'Cancelled', tone: 'neutral', shape: 'stop' }
  }
}

const waitsFor: Readonly<Partial<Record<string, string>>> = {
  pool: 'Waits for a slot',
  slots: 'Waits its turn',
  not_before: 'Starts later',
  rate_limited: 'Engine is busy',
  circuit_open: 'Engine fails',
  engine_down: 'Engine is down',
  deferred: 'Held back',
  model_changed: 'Model changed',
  model_missing: 'No engine',
}

/** A hold in two or three words. */
export function holdWords(code: string): string {
  return waitsFor[code] ?? 'Waiting'
}

/** Only what waiting does not cure needs a person. */
function waiting({ code, cured_by_waiting }: NonNullable<BatchLive['hold']>): StateWords {
  return { word: holdWords(code), tone: cured_by_waiting ? 'neutral' : 'warn', shape: 'wait' }
}

/** Requests that need nothing more, and how many there are in all. */
export function progressOf(row: BatchRow, live: BatchLive | null): { done: number; total: number; share: number } {
  const { completed, failed, cancelled, expired, total } = ended(row) ? row.counts : (live?.counts ?? row.counts)
  const done = completed + failed + cancelled + expired
  return { done, total, share: total === 0 ? 0 : done / total }
}

/** Why it goes on only once somebody does something; null where it needs nobody. Who paused a batch knows of it. */
export function stuckOn(row: BatchRow, live: BatchLive | null): BatchLive['hold'] {
  return ended(row) || row.status === 'paused' || live?.hold?.cured_by_waiting !== false ? null : live.hold
}

/** When it is expected to be done: likely, and at worst. Null while that is not known or rests with somebody, and after the end. */
export function endOf(row: BatchRow, live: BatchLive | null): { p50: number; p90: number; isEstimate: boolean } | null {
  if (stuckOn(row, live)) return null
  const eta = ended(row) ? null : live ? live.eta : row.eta
  return eta && { p50: eta.at + eta.p50_ms, p90: eta.at + eta.p90_ms, isEstimate: eta.source === 'estimate' }
}

/** What each step of load shedding does to batches; null where it does nothing to them. */
export const sheddingWords: Readonly<Record<SheddingView['actions'][number], string | null>> = {
  defer_low: 'batches of low priority wait for those of high priority on their engine',
  lower_concurrency: 'half as many requests run at once, unless only a deadline is short',
  reject_new: 'no new batch is taken in',
  escalate: null,
}

export const slaWords: Readonly<Record<SlaState, string>> = {
  estimating: 'Estimating',
  on_track: 'On track',
  inside_buffer: 'Inside the buffer',
  at_risk: 'At risk',
  breaching: 'Will miss its deadline',
  breached: 'Past its deadline',
  met: 'Met its deadline',
  missed: 'Missed its deadline',
}
