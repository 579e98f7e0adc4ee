import { debateTokens, estimateRun, scorersHold, type EstimateInput } from './estimate.ts'
import type { RunAgent, RunBaseline } from './types.ts'

const MAX_SAMPLES = 15

/**
 * Self-consistency at equal tokens: as many independent samples of the first agent's model as take what the debate's text calls are
 * estimated to take, tokens in and out; 1 to 15, and no more than every scorer's context holds beside the other texts.
 */
export function planBaseline(input: Omit<EstimateInput, 'baseline'> & { readonly agents: readonly RunAgent[] }): RunBaseline {
  const [first] = input.agents
  if (!first) throw new Error('A run without agents has no baseline.')
  const withSamples = (count: number): EstimateInput => ({
    ...input,
    baseline: { agents: samplers(first, count), debate_tokens: 0, sample_tokens: 0 },
  })
  const tokensOf = (count: number): number => {
    const { baseline } = estimateRun(withSamples(count), [])
    return (baseline?.tokens_in ?? 0) + (baseline?.tokens_out ?? 0)
  }
  const debate_tokens = debateTokens(estimateRun({ ...input, baseline: null }, []))
  let count = Math.min(MAX_SAMPLES, Math.max(1, Math.round(debate_tokens / Math.max(1, tokensOf(1)))))
  while (count > 1 && !scorersHold(withSamples(count))) count -= 1
  return { agents: samplers(first, count), debate_tokens, sample_tokens: tokensOf(count) }
}

function samplers(first: RunAgent, count: number): RunAgent[] {
  return Array.from({ length: count }, (_, i) => ({
    ...first,
    agent_id: `sample-${String(i + 1).padStart(2, '0')}`,
    diversity: false,
  }))
}
