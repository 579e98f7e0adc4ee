import type { Agent, Board, BoardCall, Phase, Problem, ReviewEntry, Version } from '../shapes.ts'

/** For tests: the parts of a board, each with only what the test is about. */

export const start = Date.UTC(2026, 6, 16, 14, 25)

const rubric = [
  { name: 'Correctness', weight: 0.6 },
  { name: 'Safety', weight: 0.4 },
]

export function agent(id: string, more: Partial<Agent> = {}): Agent {
  return {
    agent_id: id,
    model: { engine_id: 'embedded', model: 'm' },
    label: 'Model M',
    starter: false,
    temperature: 0.7,
    persona: null,
    diversity: false,
    max_tokens: 512,
    context_tokens: 8192,
    price_in: 0,
    price_out: 0,
    ...more,
  }
}

export function call(agentId: string, phase: BoardCall['phase'], round: number, more: Partial<BoardCall> = {}): BoardCall {
  return {
    id: `run.${round}.${phase}.${agentId}`,
    phase,
    round,
    agent_id: agentId,
    status: 'done',
    attempt: 1,
    earlier: [],
    opened_at: start,
    started_at: start + 1000,
    first_token_at: start + 2000,
    ended_at: start + 10_000,
    tokens_in: 100,
    tokens_out: 50,
    attempts: 1,
    cost_micro_usd: 10,
    served_model: 'm',
    truncated: false,
    repaired: false,
    degraded: null,
    error: null,
    error_type: null,
    raw: null,
    reasoning: null,
    ...more,
  }
}

export function openCall(agentId: string, phase: BoardCall['phase'], round: number): BoardCall {
  const nothing = {
    started_at: null,
    first_token_at: null,
    ended_at: null,
    tokens_in: null,
    tokens_out: null,
    served_model: null,
  }
  return call(agentId, phase, round, { status: 'open', attempts: 0, cost_micro_usd: 0, ...nothing })
}

export function failedCall(
  agentId: string,
  phase: BoardCall['phase'],
  round: number,
  kind: NonNullable<BoardCall['error_type']>,
): BoardCall {
  return call(agentId, phase, round, { status: 'failed', error: 'HTTP 503', error_type: kind, attempts: 3, tokens_out: 0 })
}

export function version(agentId: string, round: number, content: string, more: Partial<Version> = {}): Version {
  return { agent_id: agentId, round, content, answers: [], critic_id: null, by: agentId, at: start + 20_000 + round, ...more }
}

export function problem(id: string, quote: string, anchor: number | null, more: Partial<Problem> = {}): Problem {
  return { id, severity: 'major', text: `Problem ${id}`, quote, anchor, ...more }
}

export function critique(
  criticId: string,
  targetId: string,
  round: number,
  score: number,
  problems: Problem[] = [],
): ReviewEntry {
  const criteria = rubric.map(({ name }) => ({ name, score, comment: '' }))
  return {
    round,
    critic_id: criticId,
    target_id: targetId,
    version: round - 1,
    at: start + 30_000,
    critique: { criteria, strengths: [], problems },
  }
}

export function phase(name: Phase['phase'], round: number, more: Partial<Phase> = {}): Phase {
  return {
    phase: name,
    round,
    state: 'planned',
    expected: 3,
    received: 0,
    failed: 0,
    started_at: null,
    ended_at: null,
    expected_ms: 60_000,
    expected_tokens: 600,
    ...more,
  }
}

export function ranked(agentId: string, rank: number, score: number | null): Board['ranking'][number] {
  return {
    agent_id: agentId,
    rank,
    score,
    checks_score: 1,
    rubric_score: score,
    score_source: 'expected',
    unscored: score === null,
    scorers: 2,
    criteria: rubric.map(({ name, weight }) => ({ name, weight, score, reasons: [] })),
    requirements: [],
    lint_warnings: 0,
    tokens_out: 50,
  }
}

interface TestBoard extends Partial<Omit<Board, 'row' | 'spec'>> {
  row?: Partial<Board['row']>
  spec?: Partial<Board['spec']>
}

export function board({ row = {}, spec = {}, ...parts }: TestBoard = {}): Board {
  const agents = spec.agents ?? [agent('agent-001'), agent('agent-002'), agent('agent-003')]
  return {
    row: {
      task_id: 'run',
      title: 'Retry policy',
      role: 'developer',
      status: 'IN_PROGRESS',
      phase: 'propose',
      round: 0,
      rounds: 1,
      num_agents: agents.length,
      failed_agents: 0,
      steps_done: 0,
      steps_total: 5,
      leader_id: null,
      score: null,
      tokens_in: 900,
      tokens_out: 100,
      cost_micro_usd: 43_000,
      created_at: start,
      ended_at: null,
      deadline: start + 900_000,
      deadline_risk: 'on_track',
      risk_why: null,
      risk_since: null,
      expected_end: start + 300_000,
      expected_end_p90: start + 420_000,
      partial: false,
      starter: false,
      models: ['Model M'],
      end_reason: null,
      message: '',
      outcome: null,
      archived: false,
      dismissed: false,
      rerun_of: null,
      ...row,
    },
    spec: {
      task_id: 'run',
      title: 'Retry policy',
      task: 'Design it.',
      attachments: [],
      role: 'developer',
      role_title: 'Developer',
      persona: 'You develop.',
      agents,
      architect: null,
      architect_k: 3,
      rounds: 1,
      seed: 7,
      rubric,
      requirements: [],
      required_sections: [],
      peer_review: true,
      revision_by: 'author',
      peer_scoring: true,
      rubric_weight: 0.5,
      quorum: null,
      consensus_stop: false,
      consensus_cosine: null,
      baseline: null,
      prompts_version: '1',
      starter: false,
      limits: { timeout_ms: 900_000, call_timeout_ms: 60_000, max_retries: 2, tokens: null, cost_micro_usd: null },
      deadline: start + 900_000,
      estimate: {
        phases: [],
        baseline: null,
        calls: 12,
        tokens_in: 1000,
        tokens_out: 500,
        duration_ms: 300_000,
        duration_worst_ms: 400_000,
        cost_micro_usd: 0,
        cost_worst_micro_usd: 0,
        basis: '',
      },
      rerun_of: null,
      council_id: null,
      metadata: {},
      ...spec,
    },
    phases: [],
    calls: [],
    versions: [],
    critiques: [],
    scores: [],
    checks: [],
    ranking: [],
    agreement: null,
    position_bias: null,
    rounds_stopped: null,
    measures: null,
    selection: null,
    baseline: null,
    outcomes: [],
    reruns: [],
    ...parts,
  }
}
