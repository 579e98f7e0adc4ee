import type { CallPhase, RunAgent, RunSpec } from './types.ts'

/** Those who draw the baseline's samples; none without one. */
export function samplersOf(spec: Pick<RunSpec, 'baseline'>): readonly RunAgent[] {
  return spec.baseline?.agents ?? []
}

export function isSampler(spec: Pick<RunSpec, 'baseline'>, agentId: string): boolean {
  return samplersOf(spec).some((each) => each.agent_id === agentId)
}

/** The agent that makes a call: the architect selects, the council does all else, but for the samples of the baseline. */
export function callerOf(spec: RunSpec, call: { readonly phase: CallPhase; readonly agent_id: string }): RunAgent {
  const agent =
    call.phase === 'select'
      ? spec.architect
      : [...spec.agents, ...samplersOf(spec)].find((each) => each.agent_id === call.agent_id)
  if (!agent) throw new Error(`The run ${spec.task_id} has no agent ${call.agent_id} for the phase ${call.phase}.`)
  return agent
}

/** Micro-dollars of a call, rounded up to a whole one. Prices are micro-dollars per million tokens. */
export function costMicroUsd(agent: Pick<RunAgent, 'price_in' | 'price_out'>, tokensIn: number, tokensOut: number): number {
  return Math.ceil((tokensIn * agent.price_in + tokensOut * agent.price_out) / 1e6)
}

/** Critic i reviews the author (i + 1) mod n; with fewer than two there is nobody to review. */
export function ring(agentIds: readonly string[]): readonly { readonly criticId: string; readonly targetId: string }[] {
  if (agentIds.length < 2) return []
  return agentIds.map((criticId, i) => ({ criticId, targetId: agentIds[(i + 1) % agentIds.length] ?? criticId }))
}
