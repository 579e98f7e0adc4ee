import type { Database } from 'better-sqlite3'
import { deliberationEvent, type DeliberationEvent } from '../../messages/deliberation-events.ts'
import type { BoardCall, BoardCritique, BoardPhase, BoardScores, BoardVersion } from '../../messages/deliberation-views.ts'
import type { RunSpec } from '../../messages/deliberation.ts'
import { TOMBSTONE_TYPE, type EventEnvelope } from '../../messages/envelope.ts'
import { tombstoneData } from '../../messages/tombstone.ts'
import { callKey } from '../../messages/work.ts'
import { measureId, worstShareOf } from '../../domain/deliberation/index.ts'
import { callRetried, closeCall, lateAnswer, openCalls, passOver, sampleTest } from './calls.ts'
import { noticeOf, riskNotice } from './notices.ts'
import { phasePlanOf } from './phases.ts'
import { createPartStore, type Parts, type PartStore } from './parts.ts'
import type { TableName } from '../engine/read-model.ts'

/**
 * Applies one event of a run to the tables; gives the other run whose board it changes: the one that a new run repeats. Unknown types
 * and shapes of newer versions are passed over, and so is what only makes sense behind one of them. As in the domain, a call counts
 * once and an end is final, whatever a log repeats.
 */
export function deliberationFold(db: Database, t: TableName): (taskId: string, event: EventEnvelope) => string | null {
  const store = createPartStore(db, t)
  return (taskId, { id, type, data, at }) => {
    if (type === TOMBSTONE_TYPE) {
      store.expire(taskId, at)
      // They are there already, unless the tables are rebuilt after the purge.
      for (const { call, ...kept } of tombstoneData.safeParse(data).data?.calls ?? [])
        store.recordCall(`${taskId}.${call}`, kept.started_at, kept.ended_at, kept.tokens_out, kept.cost_micro_usd)
      return null
    }
    const known = deliberationEvent.safeParse({ type, data })
    if (!known.success) return null
    apply(store, taskId, known.data, at, id)
    return known.data.type === 'deliberation.submitted' ? known.data.data.spec.rerun_of : null
  }
}

function apply(store: PartStore, taskId: string, event: DeliberationEvent, at: number, eventId: string): void {
  switch (event.type) {
    case 'deliberation.submitted':
      return submitted(store, event.data.spec, at)
    case 'deliberation.phase_started':
      return phaseStarted(store, taskId, event.data, at)
    case 'deliberation.answered':
      return answered(store, taskId, event.data, at)
    case 'deliberation.call_failed':
      return callFailed(store, taskId, event.data)
    case 'deliberation.checked':
      return checked(store, taskId, event.data.results)
    case 'deliberation.ranked': {
      const { ranking, agreement, position_bias, samples } = event.data
      if (samples) store.put(taskId, 'samples', 'samples', samples)
      store.put(taskId, 'ranking', 'ranking', ranking)
      return store.update(taskId, {
        leader_id: ranking[0]?.agent_id ?? null,
        score: ranking[0]?.score ?? null,
        agreement,
        position_bias,
      })
    }
    case 'deliberation.selected':
      store.put(taskId, 'selection', 'selection', event.data.selection)
      return leadBy(store, taskId, event.data.selection.agent_id)
    case 'deliberation.ended':
      return ended(store, taskId, event.data, at, eventId)
    case 'deliberation.late_answer':
      return lateAnswer(store, taskId, event.data)
    case 'deliberation.baseline_started':
      return openCalls(store, taskId, 'propose', 0, event.data.expected, at)
    case 'deliberation.baseline_skipped':
      return store.put(taskId, 'baseline_skipped', 'baseline_skipped', event.data.message)
    case 'deliberation.call_retried':
      return callRetried(store, taskId, event.data, at)
    case 'deliberation.rounds_stopped':
      return roundsStopped(store, taskId, event.data)
    case 'deliberation.measured':
      return measured(store, taskId, event.data, at)
    case 'deliberation.risk_changed':
      return riskChanged(store, taskId, event.data, at, eventId)
    case 'deliberation.outcome_recorded': {
      const { outcome } = event.data
      store.put(taskId, 'outcome', eventId, { at, outcome })
      return store.update(taskId, { outcome: outcome.verdict })
    }
    case 'deliberation.archived':
      return store.update(taskId, { archived: 1 })
    case 'deliberation.restored':
      return store.update(taskId, { archived: 0 })
    case 'deliberation.dismissed':
      return store.update(taskId, { dismissed: 1 })
  }
}

function submitted(store: PartStore, spec: RunSpec, at: number): void {
  const plan = phasePlanOf(spec)
  const models = [...new Set(spec.agents.map((agent) => agent.label))]
  const row = {
    task_id: spec.task_id,
    title: spec.title,
    words: [spec.title, spec.task_id, spec.role].join('\n').toLowerCase(),
    role: spec.role,
    status: 'PENDING',
    phase: 'propose',
    round: 0,
    rounds: spec.rounds,
    num_agents: spec.agents.length,
    failed_agents: 0,
    steps_done: 0,
    steps_total: plan.length,
    leader_id: null,
    score: null,
    tokens_in: 0,
    tokens_out: 0,
    cost_micro_usd: 0,
    created_at: at,
    ended_at: null,
    deadline: spec.deadline,
    partial: 0,
    starter: spec.starter ? 1 : 0,
    models: JSON.stringify(models),
    end_reason: null,
    message: '',
    agreement: null,
    position_bias: null,
    outcome: null,
    archived: 0,
    dismissed: 0,
    rerun_of: spec.rerun_of,
    council_id: spec.council_id,
    architect: spec.architect ? 1 : 0,
    worst_share: worstShareOf(spec.estimate),
  }
  store.insertRun(row, models)
  store.put(spec.task_id, 'spec', 'spec', spec)
  for (const phase of plan) store.put(spec.task_id, 'phase', `${phase.round}.${phase.phase}`, phase)
}

function phaseStarted(
  store: PartStore,
  taskId: string,
  { phase, round, expected }: { phase: BoardPhase['phase']; round: number; expected: string[] },
  at: number,
): void {
  const key = `${round}.${phase}`
  const planned = store.get(taskId, 'phase', key)
  if (planned && planned.state !== 'planned') return
  closePhases(store, taskId, at)
  passOver(store, taskId, phase)
  store.put(taskId, 'phase', key, {
    phase,
    round,
    state: 'running',
    expected: expected.length,
    received: 0,
    failed: 0,
    started_at: at,
    ended_at: null,
    expected_ms: planned?.expected_ms ?? null,
    expected_tokens: planned?.expected_tokens ?? 0,
  } satisfies BoardPhase)
  store.update(taskId, { phase, round })
  if (phase !== 'check') openCalls(store, taskId, phase, round, expected, at)
}

function closePhases(store: PartStore, taskId: string, at: number): void {
  for (const phase of store.all(taskId, 'phase'))
    if (phase.state === 'running') {
      store.put(taskId, 'phase', `${phase.round}.${phase.phase}`, { ...phase, state: 'done', ended_at: at })
      store.add(taskId, { steps_done: 1 })
    }
}

type Answered = Extract<DeliberationEvent, { type: 'deliberation.answered' }>['data']

function answered(store: PartStore, taskId: string, data: Answered, at: number): void {
  const { contribution, agent_id, round } = data
  const call = closeCall(store, taskId, data, data.metrics)
  if (!call) return
  store.put(taskId, 'call', callKey(data), {
    ...call,
    status: 'done',
    served_model: data.served_model,
    truncated: data.truncated,
    repaired: data.repaired,
    degraded: data.degraded,
    reasoning: data.reasoning,
    reasoning_ref: data.reasoning_ref,
  } satisfies BoardCall)
  store.update(taskId, { status: 'IN_PROGRESS' })
  switch (contribution.kind) {
    case 'proposal':
      return store.put(taskId, 'version', `${agent_id}.0`, {
        agent_id,
        round: 0,
        content: contribution.content,
        content_ref: contribution.content_ref,
        answers: [],
        critic_id: null,
        by: agent_id,
        at,
      } satisfies BoardVersion)
    case 'revision': {
      const { author_id = agent_id } = contribution
      return store.put(taskId, 'version', `${author_id}.${round}`, {
        agent_id: author_id,
        round,
        content: contribution.content,
        content_ref: contribution.content_ref,
        answers: contribution.answers,
        critic_id: contribution.critic_id,
        by: agent_id,
        at,
      } satisfies BoardVersion)
    }
    case 'critique':
      return store.put(taskId, 'critique', `${agent_id}.${round}`, {
        round,
        critic_id: agent_id,
        target_id: contribution.target_id,
        version: contribution.version,
        critique: contribution.critique,
        at,
      } satisfies BoardCritique)
    case 'scores':
      return store.put(taskId, 'scores', agent_id, { scorer_id: agent_id, scores: contribution.scores, at } satisfies BoardScores)
    case 'selection':
      return
  }
}

type Failed = Extract<DeliberationEvent, { type: 'deliberation.call_failed' }>['data']

function callFailed(store: PartStore, taskId: string, data: Failed): void {
  const call = closeCall(store, taskId, data, data.metrics, 'failed')
  if (!call) return
  store.put(taskId, 'call', callKey(data), {
    ...call,
    status: 'failed',
    error: data.error,
    error_type: data.error_type,
    raw: data.content,
    raw_ref: data.content_ref,
  } satisfies BoardCall)
  if (data.phase === 'propose' && !sampleTest(store, taskId)(data.agent_id)) store.add(taskId, { failed_agents: 1 })
}

type RoundsStopped = Extract<DeliberationEvent, { type: 'deliberation.rounds_stopped' }>['data']

function roundsStopped(store: PartStore, taskId: string, data: RoundsStopped): void {
  store.put(taskId, 'rounds_stopped', 'rounds_stopped', data)
  for (const phase of store.all(taskId, 'phase'))
    if (phase.round > data.round && (phase.phase === 'critique' || phase.phase === 'revise'))
      store.put(taskId, 'phase', `${phase.round}.${phase.phase}`, { ...phase, state: 'skipped' })
}

type Measured = Extract<DeliberationEvent, { type: 'deliberation.measured' }>['data']

/** A measure before a further round is told by what it stopped; the one beside the checks is the run's. Both are paid for. */
function measured(store: PartStore, taskId: string, { at, round, ...measures }: Measured, when: number): void {
  if (at === 'check') store.put(taskId, 'measures', 'measures', measures)
  const { counted, tokens, cost_micro_usd } = measures
  if (!counted) return
  store.add(taskId, { tokens_in: tokens, cost_micro_usd })
  if (cost_micro_usd > 0) store.recordCall(`${taskId}.${measureId({ at, round })}`, when, when, 0, cost_micro_usd)
}

const UNMEASURED: Parts['measures'] = {
  embedding_model: null,
  diversity: null,
  first_diversity: null,
  relevance: null,
  truncated: 0,
  tokens: 0,
  counted: false,
  cost_micro_usd: 0,
  reason: 'The run ended without its texts being measured.',
}

function checked(store: PartStore, taskId: string, results: Parts['checks']): void {
  store.put(taskId, 'checks', 'checks', results)
  for (const phase of store.all(taskId, 'phase'))
    if (phase.phase === 'check') store.put(taskId, 'phase', `${phase.round}.check`, { ...phase, received: results.length })
}

/** The architect's choice leads, with the score it was ranked by. */
function leadBy(store: PartStore, taskId: string, agentId: string): void {
  const ranking = store.get(taskId, 'ranking', 'ranking') ?? []
  store.update(taskId, { leader_id: agentId, score: ranking.find((one) => one.agent_id === agentId)?.score ?? null })
}

type RiskChanged = Extract<DeliberationEvent, { type: 'deliberation.risk_changed' }>['data']

function riskChanged(store: PartStore, taskId: string, data: RiskChanged, at: number, eventId: string): void {
  if (store.hasEnded(taskId)) return
  const isOnTrack = data.to === 'on_track'
  store.update(taskId, { risk: data.to, risk_why: isOnTrack ? null : data.why, risk_since: isOnTrack ? null : at })
  const notice = riskNotice(store.title(taskId), data)
  if (notice) store.recordNotice({ id: eventId, at, task_id: taskId, ...notice })
}

type Ended = Extract<DeliberationEvent, { type: 'deliberation.ended' }>['data']

function ended(store: PartStore, taskId: string, data: Ended, at: number, eventId: string): void {
  if (store.hasEnded(taskId)) return
  closePhases(store, taskId, at)
  for (const phase of store.all(taskId, 'phase'))
    if (phase.state === 'planned') store.put(taskId, 'phase', `${phase.round}.${phase.phase}`, { ...phase, state: 'skipped' })
  for (const call of store.all(taskId, 'call')) {
    if (call.status === 'late' && call.ended_at === null) store.put(taskId, 'call', callKey(call), { ...call, ended_at: at })
    if (call.status === 'open')
      store.put(taskId, 'call', callKey(call), {
        ...call,
        status: 'failed',
        ended_at: at,
        error: 'The run ended before this call was answered.',
        error_type: data.status === 'TIMEOUT' ? 'timeout' : 'cancelled',
      } satisfies BoardCall)
  }
  store.update(taskId, {
    status: data.status,
    phase: null,
    ended_at: at,
    partial: data.partial ? 1 : 0,
    end_reason: data.reason,
    message: data.message,
  })
  if (!store.get(taskId, 'measures', 'measures')) store.put(taskId, 'measures', 'measures', UNMEASURED)
  const title = store.title(taskId)
  store.recordNotice({ id: eventId, at, task_id: taskId, ...noticeOf(title, data) })
}
