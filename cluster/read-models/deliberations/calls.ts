import { costMicroUsd } from '../../domain/deliberation/index.ts'
import type { CallMetrics } from '../../messages/answer.ts'
import type { DeliberationEvent } from '../../messages/deliberation-events.ts'
import type { BoardCall, BoardPhase } from '../../messages/deliberation-views.ts'
import { callKey, workId, type CallPhase } from '../../messages/work.ts'
import type { PartStore } from './parts.ts'

/** Calls that are asked for and not answered yet. */
export function openCalls(
  store: PartStore,
  taskId: string,
  phase: CallPhase,
  round: number,
  expected: readonly string[],
  at: number,
): void {
  for (const agent_id of expected) {
    const ref = { task_id: taskId, round, phase, agent_id }
    const call: BoardCall = {
      id: workId(ref),
      phase,
      round,
      agent_id,
      status: 'open',
      attempt: 1,
      earlier: [],
      opened_at: at,
      started_at: null,
      first_token_at: null,
      ended_at: null,
      tokens_in: null,
      tokens_out: null,
      attempts: 0,
      cost_micro_usd: 0,
      served_model: null,
      truncated: false,
      repaired: false,
      degraded: null,
      error: null,
      error_type: null,
      raw: null,
      reasoning: null,
    }
    if (!store.get(taskId, 'call', callKey(ref))) store.put(taskId, 'call', callKey(ref), call)
  }
}

/** Calls that a phase closed without, because its quorum was reached. Samples of the baseline go on until the texts are checked. */
export function passOver(store: PartStore, taskId: string, next: BoardPhase['phase']): void {
  const isSample = sampleTest(store, taskId)
  for (const call of store.all(taskId, 'call'))
    if (call.status === 'open' && (next === 'check' || !isSample(call.agent_id))) {
      store.put(taskId, 'call', callKey(call), { ...call, status: 'late' } satisfies BoardCall)
      if (call.phase === 'propose' && !isSample(call.agent_id)) store.add(taskId, { failed_agents: 1 })
    }
}

export function sampleTest(store: PartStore, taskId: string): (agentId: string) => boolean {
  const ids = new Set(store.get(taskId, 'spec', 'spec')?.baseline?.agents.map((agent) => agent.agent_id))
  return (agentId) => ids.has(agentId)
}

type Retried = Extract<DeliberationEvent, { type: 'deliberation.call_retried' }>['data']

/** A failed call of the running phase is open again; what its earlier attempt used stays in its numbers. */
export function callRetried(store: PartStore, taskId: string, data: Retried, at: number): void {
  const key = `${data.round}.${data.phase}`
  const call = store.get(taskId, 'call', callKey(data))
  const phase = store.get(taskId, 'phase', key)
  const isSample = sampleTest(store, taskId)(data.agent_id)
  if (call?.status !== 'failed' || data.attempt !== call.attempt + 1 || (!isSample && phase?.state !== 'running')) return
  const { attempt, error, error_type, ended_at } = call
  if (phase && !isSample) store.put(taskId, 'phase', key, { ...phase, failed: phase.failed - 1 })
  if (data.phase === 'propose' && !isSample) store.add(taskId, { failed_agents: -1 })
  store.put(taskId, 'call', callKey(data), {
    ...call,
    id: workId({ task_id: taskId, ...data }),
    status: 'open',
    attempt: data.attempt,
    earlier: [...call.earlier, { attempt, error: error ?? '', error_type, ended_at: ended_at ?? at }],
    opened_at: at,
    started_at: null,
    first_token_at: null,
    ended_at: null,
    error: null,
    error_type: null,
    raw: null,
    raw_ref: undefined,
  } satisfies BoardCall)
}

type Late = Extract<DeliberationEvent, { type: 'deliberation.late_answer' }>['data']

/** Of a run that goes on, a late answer is booked; its text counts for nothing. */
export function lateAnswer(store: PartStore, taskId: string, data: Late): void {
  const call = store.get(taskId, 'call', callKey(data))
  const closed = data.metrics && call?.ended_at === null && closeCall(store, taskId, data, data.metrics, 'late')
  if (closed) store.put(taskId, 'call', callKey(data), closed)
}

/** Books what a call used that was not booked before, on the phase, on the run and on the clock. Prices are per million tokens. */
export function closeCall(
  store: PartStore,
  taskId: string,
  ref: { round: number; phase: CallPhase; agent_id: string; attempt?: number | undefined },
  metrics: CallMetrics,
  outcome: 'received' | 'failed' | 'late' = 'received',
): BoardCall | undefined {
  const spec = store.get(taskId, 'spec', 'spec')
  const call = store.get(taskId, 'call', callKey(ref))
  if (!spec || call?.status !== (outcome === 'late' ? 'late' : 'open') || call.attempt !== (ref.attempt ?? 1)) return undefined
  const sample = spec.baseline?.agents.find((one) => one.agent_id === ref.agent_id)
  const agent = ref.phase === 'select' ? spec.architect : (sample ?? spec.agents.find((one) => one.agent_id === ref.agent_id))
  const cost_micro_usd = agent ? costMicroUsd(agent, metrics.tokens_in, metrics.tokens_out) : 0
  const phase = store.get(taskId, 'phase', `${ref.round}.${ref.phase}`)
  if (phase && !sample && outcome !== 'late')
    store.put(taskId, 'phase', `${ref.round}.${ref.phase}`, { ...phase, [outcome]: phase[outcome] + 1 })
  store.add(taskId, { tokens_in: metrics.tokens_in, tokens_out: metrics.tokens_out, cost_micro_usd })
  if (agent && outcome === 'received') store.recordAnswer(agent.model, ref.phase, metrics.tokens_out)
  store.recordCall(call.id, metrics.first_token_at ?? metrics.started_at, metrics.ended_at, metrics.tokens_out, cost_micro_usd)
  return {
    ...call,
    started_at: metrics.started_at,
    first_token_at: metrics.first_token_at,
    ended_at: metrics.ended_at,
    tokens_in: (call.tokens_in ?? 0) + metrics.tokens_in,
    tokens_out: (call.tokens_out ?? 0) + metrics.tokens_out,
    attempts: call.attempts + metrics.attempts,
    cost_micro_usd: call.cost_micro_usd + cost_micro_usd,
  }
}
