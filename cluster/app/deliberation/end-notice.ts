import { finalTexts, isSampler, type RunState } from '../../domain/deliberation/index.ts'
import type { EndNotice } from '../../messages/end-notice.ts'

const PRODUCER = 'signalbox'

/** What is told of a run that has ended; undefined while it goes on. */
export function endNotice(state: RunState): EndNotice | undefined {
  const { spec, ended, submittedAt, ranking, settled, failures } = state
  if (!ended) return undefined
  const contents = new Map(finalTexts(state).map((text) => [text.agent_id, text.content]))
  const outcomes = [...settled.values()]
  const base = {
    event_id: `${spec.task_id}.ended`,
    case_id: spec.metadata['case_id'] ?? null,
    trace_id: spec.metadata['trace_id'] ?? null,
    ts: ended.at,
    producer: PRODUCER,
    task_id: spec.task_id,
    deliberation_id: spec.task_id,
    results: (ranking ?? []).map(({ agent_id, rank, score, checks_score, rubric_score }) => ({
      agent_id,
      rank,
      score,
      checks_score,
      rubric_score,
      content: contents.get(agent_id) ?? '',
    })),
    winner_id: ended.winner_id,
    partial: ended.partial,
    failed_agents: failures
      .filter(({ phase, agent_id }) => phase === 'propose' && !isSampler(spec, agent_id))
      .map(({ agent_id, error, error_type }) => ({ agent_id, error, error_type })),
    total_agents: spec.agents.length,
    successful_responses: outcomes.filter((outcome) => outcome === 'answered').length,
    failed_responses: outcomes.filter((outcome) => outcome === 'failed').length,
    duration_ms: Math.max(0, ended.at - submittedAt),
    completed_at: ended.at,
  }
  switch (ended.status) {
    case 'FAILED':
      return { status: 'FAILED', ...base, error: ended.message }
    case 'COMPLETED':
    case 'TIMEOUT':
    case 'CANCELLED':
      return { status: ended.status, ...base }
    case 'UNKNOWN':
    case 'PENDING':
    case 'IN_PROGRESS':
    case 'EXPIRED':
      return undefined
  }
}
