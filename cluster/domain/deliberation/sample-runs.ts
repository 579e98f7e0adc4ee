/** Specs, answers and a player for tests: runs as small or as odd as a test needs them. */
import { estimateRun } from './estimate.ts'
import { criterionKeys, labelOf } from './labels.ts'
import { openCalls, type CallOrder } from './plan.ts'
import { decideAnswer, decideChecks, decideMeasure, decideSubmit } from './decide.ts'
import { measureBeforeRound, type MeasureOrder } from './similarity.ts'
import { applyEvents, attemptOf, isTerminal, judgedTexts, type RunState } from './state.ts'
import type { AgentChecks, Answer, CompletedAnswer, Measured, RunAgent, RunBaseline, RunEvent, RunSpec } from './types.ts'

export const DEADLINE = 300_000

export function sampleAgent(n: number, more: Partial<RunAgent> = {}): RunAgent {
  return {
    agent_id: `agent-developer-${String(n).padStart(3, '0')}`,
    model: { engine_id: 'embedded', model: 'small' },
    label: 'Small',
    starter: false,
    temperature: n === 1 ? 0.7 : 0.91,
    persona: null,
    diversity: n > 1,
    max_tokens: 1000,
    context_tokens: 8192,
    price_in: 0,
    price_out: 0,
    ...more,
  }
}

export function sampleSpec(more: Partial<RunSpec> & { count?: number } = {}): RunSpec {
  const { count = 3, ...rest } = more
  const draft: Omit<RunSpec, 'estimate'> = {
    task_id: 'dlb-1',
    title: 'A retry policy',
    task: 'Describe a retry policy for calls over a network.',
    attachments: [],
    role: 'developer',
    role_title: 'Developer',
    persona: 'You are an experienced developer.',
    agents: Array.from({ length: count }, (_, i) => sampleAgent(i + 1)),
    architect: null,
    architect_k: 3,
    rounds: 1,
    seed: 42,
    rubric: [
      { name: 'Correctness', weight: 0.6, description: 'Right in every case.' },
      { name: 'Clarity', weight: 0.4 },
    ],
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
    prompts_version: 'deliberation-v2',
    starter: false,
    limits: { timeout_ms: DEADLINE, call_timeout_ms: 60_000, max_retries: 2, tokens: null, cost_micro_usd: null },
    deadline: DEADLINE,
    rerun_of: null,
    council_id: null,
    metadata: {},
    ...rest,
  }
  return { ...draft, estimate: more.estimate ?? estimateRun(draft, []) }
}

/** A baseline of so many samples of the first agent's model. */
export function sampleBaseline(count: number): RunBaseline {
  const agents = Array.from({ length: count }, (_, i) => sampleAgent(1, { agent_id: `sample-0${i + 1}` }))
  return { agents, debate_tokens: 1000, sample_tokens: 1000 }
}

/** A usable reply to a call; scorers give `scoreOf(author)` on every criterion. */
export function goodReply(state: RunState, order: CallOrder, scoreOf: (authorId: string) => number = () => 5): string {
  const keys = criterionKeys(state.spec.rubric.map((each) => each.name))
  const perCriterion = (value: object): object => Object.fromEntries(keys.map((key) => [key, value]))
  switch (order.phase) {
    case 'propose':
      return `Proposal of ${order.agent_id}: retry three times.`
    case 'critique':
      return JSON.stringify({
        criteria: perCriterion({ comment: 'Fair.', score: 0.5 }),
        strengths: ['Short.'],
        problems: [{ severity: 'major', text: 'No backoff.', quote: 'retry three times' }],
      })
    case 'revise':
      return `Revision ${order.round} of ${order.author_id}.\n\n\`\`\`answers\n[{"problem_id":"P1","status":"answered","note":"Backs off now."}]\n\`\`\``
    case 'score':
      return JSON.stringify({
        ...Object.fromEntries(order.shown.map((id, i) => [labelOf(i), perCriterion({ reason: 'Fits.', score: scoreOf(id) })])),
        requirements: Object.fromEntries(
          order.shown.map((_, i) => [
            labelOf(i),
            Object.fromEntries(state.spec.requirements.map(({ id }) => [id, { quote: 'of agent', verdict: 'met' }])),
          ]),
        ),
      })
    case 'select':
      return JSON.stringify({ reason: 'It fits best.', choice: 'B' })
  }
}

const metrics = { tokens_in: 100, tokens_out: 50, queued_at: 0, started_at: 1, first_token_at: 2, ended_at: 3, attempts: 1 }

function base(state: RunState, order: CallOrder) {
  const { round, phase, agent_id } = order
  return {
    task_id: state.spec.task_id,
    round,
    phase,
    agent_id,
    attempt: attemptOf(state, order),
    role: state.spec.role,
    num_agents: state.spec.agents.length,
    metrics,
  }
}

export function completed(state: RunState, order: CallOrder, content: string, more: Partial<CompletedAnswer> = {}): Answer {
  return {
    kind: 'completed',
    ...base(state, order),
    content,
    reasoning: null,
    model: { engine_id: 'embedded', model: 'small' },
    served_model: 'small',
    finish: 'stop',
    expected_scores: null,
    repaired: false,
    degraded: null,
    ...more,
  }
}

export function failed(state: RunState, order: CallOrder, error = 'The server answered 500.'): Answer {
  return { kind: 'failed', ...base(state, order), error, error_type: 'server_error', content: null }
}

export const passedChecks = (state: RunState): readonly AgentChecks[] =>
  judgedTexts(state).map(({ agent_id }) => ({
    agent_id,
    checks: [{ check: 'lint', status: 'passed', message: '', warnings: 0 }],
  }))

export function sampleMeasure({ at, round }: MeasureOrder, alike: number | null): Measured {
  const embedding_model = alike === null ? null : 'all-MiniLM-L6-v2'
  return {
    at,
    round,
    embedding_model,
    diversity: alike === null ? null : 1 - alike,
    first_diversity: null,
    relevance: null,
    truncated: 0,
    tokens: 100,
    counted: false,
    cost_micro_usd: 0,
    reason: alike === null ? 'No embedding model is here.' : null,
  }
}

interface Script {
  /** The answer to one call; undefined leaves it open. */
  readonly answer?: (state: RunState, order: CallOrder) => Answer | undefined
  readonly checks?: (state: RunState) => readonly AgentChecks[]
  /** How alike the texts are before a further round, 0 to 1; null where it cannot be told. */
  readonly alike?: (order: MeasureOrder) => number | null
  readonly now?: number
}

interface Played {
  readonly state: RunState
  readonly events: readonly RunEvent[]
  /** The calls that were answered, in order. */
  readonly calls: readonly CallOrder[]
}

/** Plays a run until it ends or nothing more is answered. */
export function play(spec: RunSpec, script: Script = {}): Played {
  const {
    now = 1000,
    checks = passedChecks,
    alike = () => 0.5,
    answer = (before: RunState, order: CallOrder) => completed(before, order, goodReply(before, order)),
  } = script
  const events = [...decideSubmit(spec)]
  let state = applyEvents(undefined, events, 0)
  const calls: CallOrder[] = []
  for (;;) {
    const more = isTerminal(state) ? [] : state.phase === 'check' ? decideChecks(state, checks(state), now) : goOn()
    if (more.length === 0) return { state, events, calls }
    events.push(...more)
    state = applyEvents(state, more, now)
  }

  function goOn(): readonly RunEvent[] {
    const order = measureBeforeRound(state)
    return order ? decideMeasure(state, sampleMeasure(order, alike(order)), now) : answerOne()
  }

  function answerOne(): readonly RunEvent[] {
    for (const order of openCalls(state)) {
      const given = answer(state, order)
      if (!given) continue
      const decision = decideAnswer(state, given, now)
      if (decision.kind !== 'events') throw new Error(`An open call was answered as ${decision.kind}.`)
      calls.push(order)
      return decision.events
    }
    return []
  }
}
