import type { BatchLive, BatchRow, SheddingView, SlaState } from '../../src-preload/contract/batch.ts'
import type { StateWords } from './run-words.ts'

export const ended = (row: BatchRow): boolean => row.ended_at !== null

/** The state of the promise as it stands: the live picture knows more than the stored row. */
export function slaOf(row: BatchRow, live: BatchLive | null): SlaState {
  return ended(row) ? row.sla : (live?.sla.state ?? row.sla)
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
      return { word: live?.hold ? 'Waiting' : 'Queued', tone: 'neutral', shape: 'wait' }
    case 'in_progress':
      return live?.hold ? { word: 'Waiting', tone: 'warn', shape: 'wait' } : { word: 'Running', tone: 'info', shape: 'run' }
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

/** Requests that need nothing more, and how many there are in all. */
export function progressOf(row: BatchRow, live: BatchLive | null): { done: number; total: number; share: number } {
  const { completed, failed, cancelled, expired, total } = ended(row) ? row.counts : (live?.counts ?? row.counts)
  const done = completed + failed + cancelled + expired
  return { done, total, share: total === 0 ? 0 : done / total }
}

/** When it is expected to be done: likely, and at worst. Null while that is not known, and after the end. */
export function endOf(row: BatchRow, live: BatchLive | null): { p50: number; p90: number; isEstimate: boolean } | null {
  const eta = ended(row) ? null : live ? live.eta : row.eta
  return eta && { p50: eta.at + eta.p50_ms, p90: eta.at + eta.p90_ms, isEstimate: eta.source === 'estimate' }
}

/** What load shedding does, in the words of its banner. */
export const sheddingWords: Readonly<Record<SheddingView['actions'][number], string>> = {
  defer_low: 'batches of low priority wait where one of high priority has work on their engine',
  halve_batches: 'halving batches of rows is for Ray and changes nothing here, where requests go one by one',
  lower_concurrency: 'half as many requests run at once, unless a short deadline is the only reason',
  reject_new: 'no new batch is taken in',
  escalate: 'you are asked to look',
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
