import { callerOf, costMicroUsd, measureId, type Measured, type RunSpec } from '../../domain/deliberation/index.ts'
import { deliberationEvent } from '../../messages/deliberation-events.ts'
import type { CallMetrics } from '../../messages/answer.ts'
import type { TombstoneData } from '../../messages/tombstone.ts'
import { workId, type CallPhase } from '../../messages/work.ts'
import type { LogEntry } from '../../ports/event-log.ts'

/**
 * What stays of a purged run: how it ended, and time, tokens and cost of its calls, so that tables rebuilt from the log alone give
 * the same rates and the same spend. A call counts as it did in the run: once, and not after its end.
 */
export function tombstoneOf(status: string, entries: readonly LogEntry[]): TombstoneData {
  const calls = new Map<string, TombstoneData['calls'][number]>()
  let spec: RunSpec | undefined

  function book(
    call: { round: number; phase: CallPhase; agent_id: string; attempt?: number | undefined },
    metrics: CallMetrics,
  ): void {
    if (!spec) return
    const key = workId({ ...call, task_id: spec.task_id }).slice(spec.task_id.length + 1)
    if (calls.has(key)) return
    const { tokens_in, tokens_out, started_at, first_token_at, ended_at } = metrics
    const cost_micro_usd = costMicroUsd(callerOf(spec, call), tokens_in, tokens_out)
    calls.set(key, { call: key, started_at: first_token_at ?? started_at, ended_at, tokens_out, cost_micro_usd })
  }

  function bookMeasure({ at, round, cost_micro_usd }: Measured, when: number): void {
    const call = measureId({ at, round })
    if (cost_micro_usd > 0) calls.set(call, { call, started_at: when, ended_at: when, tokens_out: 0, cost_micro_usd })
  }

  for (const { type, data, at } of entries.flatMap((entry) => entry.events)) {
    const known = deliberationEvent.safeParse({ type, data })
    if (!known.success) continue
    const event = known.data
    if (event.type === 'deliberation.submitted') spec = event.data.spec
    if (event.type === 'deliberation.ended') break
    if (event.type === 'deliberation.measured') bookMeasure(event.data, at)
    if (event.type === 'deliberation.answered' || event.type === 'deliberation.call_failed') book(event.data, event.data.metrics)
    if (event.type === 'deliberation.late_answer' && event.data.metrics) book(event.data, event.data.metrics)
  }
  return { status, calls: [...calls.values()] }
}
