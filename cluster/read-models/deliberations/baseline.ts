import type { BaselineComparison } from '../../messages/baseline.ts'
import type { BoardBaseline, BoardCall, BoardVersion, DeliberationBoard } from '../../messages/deliberation-views.ts'

type Parts = Pick<DeliberationBoard, 'spec' | 'calls' | 'versions' | 'scores' | 'checks' | 'ranking' | 'selection'> & {
  readonly samples: DeliberationBoard['ranking']
  readonly skipped: string | null
}

type Split = Pick<DeliberationBoard, 'calls' | 'versions' | 'scores' | 'checks' | 'baseline'>

/** Takes the samples of a baseline out of a board's parts and puts them beside it: none of them may be taken for an agent's text. */
export function splitBaseline(parts: Parts): Split {
  const { spec, calls, versions, scores, checks } = parts
  if (!spec.baseline) return { calls, versions, scores, checks, baseline: null }
  const ids = new Set(spec.baseline.agents.map((agent) => agent.agent_id))
  const ofAgents = <T extends { readonly agent_id: string }>(items: readonly T[]): T[] =>
    items.filter((item) => !ids.has(item.agent_id))
  const own = ofAgents(calls)
  const drawn = calls.filter((call) => ids.has(call.agent_id))
  const samples = drawn.map((call) => sampleOf(call, parts))
  const baseline = {
    skipped: parts.skipped,
    samples: samples.toSorted((a, b) => (a.place?.rank ?? 99) - (b.place?.rank ?? 99)),
    comparison: compareBaseline(parts, own, drawn),
  }
  return {
    calls: own,
    versions: ofAgents(versions),
    scores: scores.map((given) => ({ ...given, scores: given.scores.filter((each) => !ids.has(each.author_id)) })),
    checks: ofAgents(checks),
    baseline,
  }
}

function sampleOf(call: BoardCall, { versions, checks, samples }: Parts): BoardBaseline['samples'][number] {
  const is = ({ agent_id }: { readonly agent_id: string }): boolean => agent_id === call.agent_id
  const text: BoardVersion | undefined = versions.find(is)
  return {
    sample_id: call.agent_id,
    call,
    content: text?.content ?? null,
    content_ref: text?.content_ref,
    checks: checks.find(is)?.checks ?? [],
    place: samples.find(is) ?? null,
  }
}

function compareBaseline(
  { ranking, selection, samples, skipped }: Parts,
  own: readonly BoardCall[],
  drawn: readonly BoardCall[],
): BaselineComparison {
  const winner = ranking.find((place) => place.agent_id === selection?.agent_id) ?? ranking.find((place) => place.rank === 1)
  const best = samples.find((place) => place.rank === 1)
  const winner_score = winner?.score ?? null
  const best_score = best?.score ?? null
  const finals_mean = meanScore(ranking)
  const samples_mean = meanScore(samples)
  const numbers = {
    winner_score,
    best_score,
    best_id: best?.agent_id ?? null,
    finals_mean,
    samples_mean,
    gain: difference(winner_score, best_score),
    mean_gain: difference(finals_mean, samples_mean),
    debate_tokens: tokensOf(own.filter(({ phase }) => phase === 'propose' || phase === 'critique' || phase === 'revise')),
    sample_tokens: tokensOf(drawn),
  }
  return { ...numbers, statement: skipped ?? statementOf(numbers, ranking.length, samples.length) }
}

/** Spent tokens further apart than this are not called equal. */
const EQUAL_WITHIN = 0.25

/** What was found, in words; a gain is only ever the difference to the samples. */
function statementOf(found: Omit<BaselineComparison, 'statement'>, finals: number, samples: number): string {
  const { winner_score, best_score, gain, finals_mean, samples_mean, mean_gain, debate_tokens, sample_tokens } = found
  if (finals === 0) return 'Not compared yet: the texts have not been ranked.'
  if (samples === 0) return 'Nothing to compare with: no sample gave a text.'
  if (winner_score === null || best_score === null || gain === null)
    return 'Not compared: the texts and the samples were not both scored.'
  const tokens = `The debate’s texts took ${whole(debate_tokens)} tokens, the samples ${whole(sample_tokens)}`
  const isEqual = Math.abs(debate_tokens - sample_tokens) <= EQUAL_WITHIN * Math.max(debate_tokens, sample_tokens)
  return [
    `The winner scores ${winner_score.toFixed(2)}, the best of ${samples} independent ${samples === 1 ? 'sample' : 'samples'} ${best_score.toFixed(2)}: ${inWords(gain)}.`,
    ...(finals_mean === null || samples_mean === null || mean_gain === null
      ? []
      : [`On average ${finals_mean.toFixed(2)} against ${samples_mean.toFixed(2)}: ${inWords(mean_gain)}.`]),
    `${tokens}${isEqual ? '' : ', so this is no comparison at equal tokens'}.`,
  ].join(' ')
}

function inWords(gain: number): string {
  const size = Math.abs(gain).toFixed(2)
  if (size === '0.00') return 'no gain'
  return gain > 0 ? `a gain of ${size}` : `no gain, ${size} less`
}

const whole = (count: number): string => count.toLocaleString('en-US')

function meanScore(places: DeliberationBoard['ranking']): number | null {
  const scores = places.flatMap(({ score }) => (score === null ? [] : [score]))
  return scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length
}

function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b
}

function tokensOf(calls: readonly BoardCall[]): number {
  return calls.reduce((sum, call) => sum + (call.tokens_in ?? 0) + (call.tokens_out ?? 0), 0)
}
