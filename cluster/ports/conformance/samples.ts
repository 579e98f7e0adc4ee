import type { Answer } from '../../messages/answer.ts'
import type { EventEnvelope } from '../../messages/envelope.ts'
import type { WorkItem } from '../../messages/work.ts'

/** An event as the log keeps it, told apart by `id`. */
export function sampleEvent(id: string, data: unknown = { note: id }, type = 'sample.happened'): EventEnvelope {
  return { id, type, at: 1_700_000_000_000, actor: 'operator', tenant: 'local', schema: 1, data }
}

/** A work item of the run `taskId`, told apart by `agentId`. */
export function sampleWork(taskId: string, agentId: string): WorkItem {
  return {
    task_id: taskId,
    round: 1,
    phase: 'propose',
    agent_id: agentId,
    role: 'analyst',
    attempt: 1,
    messages: [{ role: 'user', content: 'Where is the bottleneck – “queue” or 🧮?' }],
    model: { engine_id: 'embedded', model: 'starter' },
    temperature: 0.7,
    max_tokens: 200,
    seed: 7,
    timeout_ms: 60_000,
    deadline: 1_700_000_060_000,
    max_retries: 2,
    num_agents: 3,
    diversity: true,
    format: null,
    score_field: null,
  }
}

/** The report that the call of `agentId` failed. */
export function sampleAnswer(taskId: string, agentId: string): Answer {
  return {
    kind: 'failed',
    task_id: taskId,
    round: 1,
    phase: 'propose',
    agent_id: agentId,
    role: 'analyst',
    num_agents: 3,
    metrics: { tokens_in: 10, tokens_out: 0, queued_at: 1, started_at: 2, first_token_at: null, ended_at: 3, attempts: 1 },
    error: 'no answer within 60 s',
    error_type: 'timeout',
    content: null,
  }
}
