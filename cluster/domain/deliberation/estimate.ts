import { costMicroUsd, samplersOf } from './council.ts'
import { replyPlan } from './limits.ts'
import { phasePlan, type PlannedPhase } from './plan.ts'
import { briefTokens, estimateTokens, promptTokens, type BriefInput } from './sizes.ts'
import type {
  AnswerSize,
  BaselineEstimate,
  CallPhase,
  ModelReference,
  PhaseEstimate,
  PhaseName,
  RunAgent,
  RunEstimate,
  RunSpec,
} from './types.ts'

export type EstimateInput = BriefInput &
  Pick<
    RunSpec,
    | 'task'
    | 'agents'
    | 'architect'
    | 'architect_k'
    | 'rounds'
    | 'rubric'
    | 'peer_review'
    | 'revision_by'
    | 'peer_scoring'
    | 'baseline'
  > & {
    /** The task's tokens where they were counted. */
    readonly task_tokens?: number
    readonly answers?: readonly ModelAnswers[]
  }

/** How long the answers of a model were so far. */
export interface ModelAnswers {
  readonly model: ModelReference
  readonly sizes: readonly AnswerSize[]
}

export interface ModelRate {
  readonly model: ModelReference
  /** Of one call, measured; null before the first. */
  readonly tokensPerSecond: number | null
  /** Calls that can run at once. */
  readonly parallel: number
}

/** How long answers are taken to be: as usual, as long as nine of ten are, or at their limit. */
type Fill = 'likely' | 'slow' | 'limit'

/** Answers are taken to fill this share of their limit where too little is known of the model. */
const EXPECTED_FILL = 0.5
/** Answers of a model in a phase from which on their lengths say more than the limit. */
const ENOUGH_ANSWERS = 30

/** What a run would take if nothing fails: calls, tokens, time and cost by phase. Time is null while a rate is unknown. */
export function estimateRun(input: EstimateInput, rates: readonly ModelRate[]): RunEstimate {
  const plan = phasePlan(input)
  const under = (fill: Fill) => ({
    phases: plan.map((planned) => estimatePhase(input, rates, planned, fill)),
    baseline: estimateBaseline(input, rates, fill),
  })
  const [{ phases, baseline }, slow, limit] = [under('likely'), under('slow'), under('limit')]
  const sum = (
    parts: { phases: readonly BaselineEstimate[]; baseline: BaselineEstimate | null },
    field: 'calls' | 'tokens_in' | 'tokens_out' | 'cost_micro_usd',
  ): number => [...parts.phases, ...(parts.baseline ? [parts.baseline] : [])].reduce((total, part) => total + part[field], 0)
  const all = { phases, baseline }
  return {
    phases,
    baseline,
    calls: sum(all, 'calls'),
    tokens_in: sum(all, 'tokens_in'),
    tokens_out: sum(all, 'tokens_out'),
    duration_ms: totalDuration(phases, baseline, loadMs(input, rates, 'likely')),
    duration_worst_ms: totalDuration(slow.phases, slow.baseline, loadMs(input, rates, 'slow')),
    cost_micro_usd: sum(all, 'cost_micro_usd'),
    cost_worst_micro_usd: sum(limit, 'cost_micro_usd'),
    basis: basis(input, phases),
  }
}

/** The phases in which the debate writes its texts, beside which samples are drawn. */
export const DEBATE: readonly PhaseName[] = ['propose', 'critique', 'revise']

/** Tokens in and out of the debate's text calls. */
export function debateTokens({ phases }: Pick<RunEstimate, 'phases'>): number {
  return phases.filter(({ phase }) => DEBATE.includes(phase)).reduce((sum, each) => sum + each.tokens_in + each.tokens_out, 0)
}

/** Whether each scorer's context holds all texts that it would be shown, and its reply. */
export function scorersHold(input: EstimateInput): boolean {
  if (!input.peer_scoring || input.agents.length < 2) return true
  const shown = input.agents.length - 1 + samplersOf(input).length
  return callsOf(input, 'score', 'likely').every(({ agent, tokensIn }) => tokensIn < roomForPrompt(agent, input, 'score', shown))
}

function estimateBaseline(input: EstimateInput, rates: readonly ModelRate[], fill: Fill): BaselineEstimate | null {
  return input.baseline && totals(sampleCalls(input, fill), rates)
}

function sampleCalls(input: EstimateInput, fill: Fill): readonly CallEstimate[] {
  const tokensIn = briefTokens(input) + (input.task_tokens ?? estimateTokens(input.task))
  return samplersOf(input).map((agent) => ({
    agent,
    tokensIn: Math.min(tokensIn, roomForPrompt(agent, input, 'propose')),
    tokensOut: outTokens(agent, 'propose', input, 0, fill),
  }))
}

/** How long the engines are busy with debate and samples together, however well both overlap; null while a rate is unknown. */
function loadMs(input: EstimateInput, rates: readonly ModelRate[], fill: Fill): number | null {
  const phases = phasePlan(input).flatMap(({ phase }) => (phase !== 'check' && DEBATE.includes(phase) ? [phase] : []))
  const calls = [...phases.flatMap((phase) => callsOf(input, phase, fill)), ...sampleCalls(input, fill)]
  let longestMs = 0
  for (const key of new Set(calls.map(({ agent }) => modelKey(agent.model)))) {
    const rate = rates.find((each) => modelKey(each.model) === key)
    if (!rate?.tokensPerSecond) return null
    const tokens = calls.filter(({ agent }) => modelKey(agent.model) === key).reduce((sum, call) => sum + call.tokensOut, 0)
    longestMs = Math.max(longestMs, Math.round((tokens * 1000) / (rate.tokensPerSecond * Math.max(1, rate.parallel))))
  }
  return longestMs
}

function basis(input: EstimateInput, expected: readonly PhaseEstimate[]): string {
  const time = expected.some((phase) => phase.duration_ms === null)
    ? 'no rate of these models has been measured yet'
    : 'time by the measured rates of the models'
  return `${answersBasis(input, expected)}, prompts by length, no retries; ${time}.`
}

function answersBasis(input: EstimateInput, expected: readonly PhaseEstimate[]): string {
  const asked = expected.flatMap(({ phase }) => {
    if (phase === 'check') return []
    const callers = phase === 'select' ? (input.architect ? [input.architect] : []) : input.agents
    return callers.map((agent) => ({ key: `${phase} ${modelKey(agent.model)}`, known: knownSize(agent, phase, input) }))
  })
  const each = [...new Map(asked.map(({ key, known }) => [key, known])).values()]
  const known = each.flatMap((size) => size ?? [])
  if (known.length === 0) return 'Answers at half their token limit (worst case: at the limit)'
  const calls = known.reduce((sum, size) => sum + size.calls, 0)
  const models = new Set([...input.agents, ...(input.architect ? [input.architect] : [])].map(({ model }) => modelKey(model)))
  const rest = known.length < each.length ? ', else at half their token limit' : ''
  return `Answers by the mean of ${calls} calls of ${models.size === 1 ? 'this model' : 'these models'}${rest} (worst case: time as nine of ten, cost at the limit)`
}

/** Samples are drawn beside the debate: the slower of the two counts, and no less than both take of the engines. */
function totalDuration(
  phases: readonly PhaseEstimate[],
  baseline: BaselineEstimate | null,
  busyMs: number | null,
): number | null {
  const sum = (parts: readonly PhaseEstimate[]): number | null =>
    parts.reduce<number | null>(
      (total, { duration_ms }) => (total === null || duration_ms === null ? null : total + duration_ms),
      0,
    )
  const debate = sum(phases.filter(({ phase }) => DEBATE.includes(phase)))
  const after = sum(phases.filter(({ phase }) => !DEBATE.includes(phase)))
  if (debate === null || after === null) return null
  if (!baseline) return debate + after
  if (baseline.duration_ms === null || busyMs === null) return null
  return Math.max(debate, baseline.duration_ms, busyMs) + after
}

interface CallEstimate {
  readonly agent: RunAgent
  readonly tokensIn: number
  readonly tokensOut: number
}

function estimatePhase(input: EstimateInput, rates: readonly ModelRate[], planned: PlannedPhase, fill: Fill): PhaseEstimate {
  return { ...planned, ...totals(planned.phase === 'check' ? [] : callsOf(input, planned.phase, fill), rates) }
}

function totals(calls: readonly CallEstimate[], rates: readonly ModelRate[]): BaselineEstimate {
  const sum = (part: (call: CallEstimate) => number): number => calls.reduce((total, call) => total + part(call), 0)
  return {
    calls: calls.length,
    tokens_in: sum((call) => call.tokensIn),
    tokens_out: sum((call) => call.tokensOut),
    duration_ms: phaseDuration(calls, rates),
    cost_micro_usd: sum((call) => costMicroUsd(call.agent, call.tokensIn, call.tokensOut)),
  }
}

function callsOf(input: EstimateInput, phase: CallPhase, fill: Fill): readonly CallEstimate[] {
  const council = input.agents
  const textTokens = (agent: RunAgent): number => outTokens(agent, 'propose', input, 0, fill)
  const tokensOfTexts = council.map(textTokens)
  const callers = phase === 'select' ? (input.architect ? [input.architect] : []) : council
  return callers.map((agent, i) => {
    const samples = phase === 'score' ? samplersOf(input).map(textTokens) : []
    const texts = [...shownTexts(tokensOfTexts, phase, i, input), ...samples]
    const shownCount = phase === 'score' || phase === 'select' ? texts.length : 0
    const critic = (input.revision_by === 'critic' ? agent : council.at(i - 1)) ?? agent
    const tokensIn = promptTokens(phase, {
      brief: briefTokens(input),
      task: input.task_tokens ?? estimateTokens(input.task),
      texts,
      critique: outTokens(critic, 'critique', input, 0, fill),
    })
    return {
      agent,
      tokensIn: Math.min(tokensIn, roomForPrompt(agent, input, phase, shownCount)),
      tokensOut: outTokens(agent, phase, input, shownCount, fill),
    }
  })
}

/** What a context leaves for the prompt of a call. */
function roomForPrompt(agent: RunAgent, input: EstimateInput, phase: CallPhase, shownCount = 0): number {
  return Math.max(0, agent.context_tokens - replyPlan(agent, phase, input, shownCount).leastTokens)
}

function outTokens(agent: RunAgent, phase: CallPhase, input: EstimateInput, shownCount: number, fill: Fill): number {
  const { maxTokens } = replyPlan(agent, phase, input, shownCount)
  if (fill === 'limit') return maxTokens
  const known = knownSize(agent, phase, input)
  const share = fill === 'likely' ? EXPECTED_FILL : 1
  const tokens = known ? Math.min(maxTokens, fill === 'likely' ? known.mean : known.p90) : maxTokens * share
  return Math.ceil(tokens)
}

function knownSize(agent: RunAgent, phase: CallPhase, { answers = [] }: EstimateInput): AnswerSize | undefined {
  const own = answers.find(({ model }) => modelKey(model) === modelKey(agent.model))
  return own?.sizes.find((size) => size.phase === phase && size.calls >= ENOUGH_ANSWERS)
}

/** Sizes of the texts that the caller at place `i` is shown. */
function shownTexts(
  tokens: readonly number[],
  phase: CallPhase,
  i: number,
  { architect_k, revision_by }: Pick<EstimateInput, 'architect_k' | 'revision_by'>,
): readonly number[] {
  const next = tokens[(i + 1) % tokens.length] ?? 0
  switch (phase) {
    case 'propose':
      return []
    case 'critique':
      return [next]
    case 'revise':
      return [revision_by === 'critic' ? next : (tokens[i] ?? 0)]
    case 'score':
      return tokens.filter((_, author) => author !== i)
    case 'select':
      return [...tokens].sort((a, b) => b - a).slice(0, architect_k)
  }
}

/** The slowest model decides: its calls in waves of as many as it runs at once. Reading the prompt is not counted. */
function phaseDuration(calls: readonly CallEstimate[], rates: readonly ModelRate[]): number | null {
  let slowestMs = 0
  for (const key of new Set(calls.map(({ agent }) => modelKey(agent.model)))) {
    const own = calls.filter(({ agent }) => modelKey(agent.model) === key)
    const rate = rates.find((each) => modelKey(each.model) === key)
    if (!rate?.tokensPerSecond) return null
    const waves = Math.ceil(own.length / Math.max(1, rate.parallel))
    const longest = Math.max(...own.map((call) => call.tokensOut))
    slowestMs = Math.max(slowestMs, Math.round((waves * longest * 1000) / rate.tokensPerSecond))
  }
  return slowestMs
}

const modelKey = ({ engine_id, model }: ModelReference): string => JSON.stringify([engine_id, model])
