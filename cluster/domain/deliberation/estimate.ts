import { costMicroUsd } from './council.ts'
import { replyPlan } from './limits.ts'
import { phasePlan, type PlannedPhase } from './plan.ts'
import { briefTokens, estimateTokens, promptTokens, type BriefInput } from './sizes.ts'
import type { CallPhase, ModelReference, PhaseEstimate, RunAgent, RunEstimate, RunSpec } from './types.ts'

export type EstimateInput = BriefInput &
  Pick<RunSpec, 'task' | 'agents' | 'architect' | 'architect_k' | 'rounds' | 'rubric' | 'peer_review' | 'peer_scoring'> & {
    /** The task's tokens where they were counted. */
    readonly task_tokens?: number
  }

export interface ModelRate {
  readonly model: ModelReference
  /** Of one call, measured; null before the first. */
  readonly tokensPerSecond: number | null
  /** Calls that can run at once. */
  readonly parallel: number
}

/** Answers are taken to fill this share of their limit where nothing better is known. */
const EXPECTED_FILL = 0.5

/** What a run would take if nothing fails: calls, tokens, time and cost by phase. Time is null while a rate is unknown. */
export function estimateRun(input: EstimateInput, rates: readonly ModelRate[]): RunEstimate {
  const plan = phasePlan(input)
  const expected = plan.map((planned) => estimatePhase(input, rates, planned, EXPECTED_FILL))
  const worst = plan.map((planned) => estimatePhase(input, rates, planned, 1))
  const sum = (phases: readonly PhaseEstimate[], field: 'calls' | 'tokens_in' | 'tokens_out' | 'cost_micro_usd'): number =>
    phases.reduce((total, phase) => total + phase[field], 0)
  return {
    phases: expected,
    calls: sum(expected, 'calls'),
    tokens_in: sum(expected, 'tokens_in'),
    tokens_out: sum(expected, 'tokens_out'),
    duration_ms: totalDuration(expected),
    duration_worst_ms: totalDuration(worst),
    cost_micro_usd: sum(expected, 'cost_micro_usd'),
    cost_worst_micro_usd: sum(worst, 'cost_micro_usd'),
    basis: basis(expected),
  }
}

function basis(expected: readonly PhaseEstimate[]): string {
  const time =
    totalDuration(expected) === null
      ? 'no rate of these models has been measured yet'
      : 'time by the measured rates of the models'
  return `Answers at half their token limit (worst case: at the limit), prompts by length, no retries; ${time}.`
}

function totalDuration(phases: readonly PhaseEstimate[]): number | null {
  return phases.reduce<number | null>(
    (total, { duration_ms }) => (total === null || duration_ms === null ? null : total + duration_ms),
    0,
  )
}

interface CallEstimate {
  readonly agent: RunAgent
  readonly tokensIn: number
  readonly tokensOut: number
}

function estimatePhase(input: EstimateInput, rates: readonly ModelRate[], planned: PlannedPhase, fill: number): PhaseEstimate {
  const calls = planned.phase === 'check' ? [] : callsOf(input, planned.phase, fill)
  const sum = (part: (call: CallEstimate) => number): number => calls.reduce((total, call) => total + part(call), 0)
  return {
    ...planned,
    calls: calls.length,
    tokens_in: sum((call) => call.tokensIn),
    tokens_out: sum((call) => call.tokensOut),
    duration_ms: phaseDuration(calls, rates),
    cost_micro_usd: sum((call) => costMicroUsd(call.agent, call.tokensIn, call.tokensOut)),
  }
}

function callsOf(input: EstimateInput, phase: CallPhase, fill: number): readonly CallEstimate[] {
  const council = input.agents
  const textTokens = (agent: RunAgent): number => outTokens(agent, 'propose', input, 0, fill)
  const tokensOfTexts = council.map(textTokens)
  const callers = phase === 'select' ? (input.architect ? [input.architect] : []) : council
  return callers.map((agent, i) => {
    const texts = shownTexts(tokensOfTexts, phase, i, input.architect_k)
    const shownCount = phase === 'score' || phase === 'select' ? texts.length : 0
    const { leastTokens } = replyPlan(agent, phase, input, shownCount)
    const critic = council.at(i - 1) ?? agent
    const tokensIn = promptTokens(phase, {
      brief: briefTokens(input),
      task: input.task_tokens ?? estimateTokens(input.task),
      texts,
      critique: outTokens(critic, 'critique', input, 0, fill),
    })
    return {
      agent,
      tokensIn: Math.min(tokensIn, Math.max(0, agent.context_tokens - leastTokens)),
      tokensOut: outTokens(agent, phase, input, shownCount, fill),
    }
  })
}

function outTokens(agent: RunAgent, phase: CallPhase, input: EstimateInput, shownCount: number, fill: number): number {
  return Math.ceil(replyPlan(agent, phase, input, shownCount).maxTokens * fill)
}

/** Sizes of the texts that the caller at place `i` is shown. */
function shownTexts(tokens: readonly number[], phase: CallPhase, i: number, architectK: number): readonly number[] {
  switch (phase) {
    case 'propose':
      return []
    case 'critique':
      return [tokens[(i + 1) % tokens.length] ?? 0]
    case 'revise':
      return [tokens[i] ?? 0]
    case 'score':
      return tokens.filter((_, author) => author !== i)
    case 'select':
      return [...tokens].sort((a, b) => b - a).slice(0, architectK)
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
