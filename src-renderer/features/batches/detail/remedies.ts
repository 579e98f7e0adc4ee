import type { BatchDetail, BatchLive, BatchRow, Remedy } from '../../../../src-preload/contract/batch.ts'
import { ended } from '../../../lib/batch-words.ts'

const HOUR = 3_600_000
const DAY_HOURS = 168

interface Situation {
  readonly detail: BatchDetail
  readonly live: BatchLive | null
  /** Others under way, soonest deadline first. */
  readonly others: readonly BatchRow[]
  /** Engines beside its own, with a model each and how many requests it would take over. */
  readonly engines: readonly { readonly engine_id: string; readonly model: string }[]
}

/** What an operator could do about a batch: each is asked of the host, which says when it would end then and what that costs. */
export function remediesFor({ detail, live, others, engines }: Situation): readonly Remedy[] {
  const { row, settings } = detail
  if (ended(row) || row.status === 'validating' || row.status === 'finalizing' || row.status === 'cancelling') return []
  const limit = live?.concurrency.limit ?? settings.max_concurrency ?? 0
  const left = live ? live.counts.total - live.counts.completed - live.counts.failed : row.counts.total
  const other = others.find((one) => one.batch_id !== row.batch_id && one.model === row.model && one.status === 'in_progress')
  const engine = engines.find((one) => one.engine_id !== row.engine_id)
  const later = row.deadline + Math.max(HOUR, Math.round(row.window_ms / 4 / HOUR) * HOUR)
  return [
    ...(limit > 0 && limit < 1024 ? [{ kind: 'concurrency', limit: Math.min(1024, limit * 2) } as const] : []),
    ...(engine && left >= 20 ? [{ kind: 'overflow', ...engine, requests: Math.ceil(left / 4) } as const] : []),
    ...(other ? [{ kind: 'pause_other', batch_id: other.batch_id } as const] : []),
    ...(later - row.created_at <= DAY_HOURS * HOUR ? [{ kind: 'deadline', deadline: later } as const] : []),
  ]
}
