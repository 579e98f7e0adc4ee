import * as format from '../../../lib/format.ts'
import type { Board } from '../shapes.ts'
import type { Quote } from './quotes.ts'
import type { RevisionDiff } from './revision-diff.ts'
import type { ProblemState } from './reviews.ts'

/** The changed places (numbered from 1) that touch what a problem quotes; empty where that stands as it was. */
export function hunksOf(problemId: string, diff: RevisionDiff | null, quotes: readonly Quote[]): readonly number[] {
  if (!diff) return []
  const own = quotes.filter((quote) => quote.problemId === problemId)
  return diff.hunks.flatMap((hunk, at) => (own.some((quote) => quote.start < hunk.to && quote.end > hunk.from) ? [at + 1] : []))
}

/** What the text itself says of a problem beside what its author says; empty where it says nothing. */
export function traceInWords({ problem, status }: ProblemState, diff: RevisionDiff | null, quotes: readonly Quote[]): string {
  if (!diff || status === 'waiting' || !quotes.some((quote) => quote.problemId === problem.id)) return ''
  const hunks = hunksOf(problem.id, diff, quotes)
  if (hunks.length > 0) return `what it quotes changed in hunk ${hunks.join(', ')}`
  return status === 'answered' ? 'what it quotes stands as it was' : ''
}

/** What a coefficient of concordance means for the ranking. */
export function agreementInWords(agreement: number): string {
  if (agreement >= 0.7) return 'the scorers largely rank alike'
  return agreement >= 0.4 ? 'the scorers agree in part' : 'the scorers hardly agree: take the order with care'
}

/** What 1 − mean pairwise cosine says of the texts, and what the debate did to it. */
export function diversityInWords(diversity: number, first: number | null): string {
  const alike =
    diversity < 0.05 ? 'nearly one text' : diversity < 0.2 ? 'much alike' : diversity < 0.4 ? 'alike in part' : 'far apart'
  if (first === null || Math.abs(first - diversity) < 0.005) return alike
  return `${alike}; ${diversity < first ? 'narrowed' : 'widened'} from ${format.score(first)} at first`
}

/** What the mean cosine of task and texts says. */
export function relevanceInWords(relevance: number): string {
  if (relevance >= 0.5) return 'the texts are about the task'
  return relevance >= 0.25 ? 'loosely about the task' : 'hardly about the task: read before you trust'
}

/** What measuring took: an endpoint's reading is in the run's totals, the built-in model's is free and is not. */
export function readInWords({
  tokens,
  counted,
  cost_micro_usd,
}: Pick<NonNullable<Board['measures']>, 'tokens' | 'counted' | 'cost_micro_usd'>): string {
  return counted
    ? `measured with ${format.tokens(tokens)} tokens, ${format.cost(cost_micro_usd)}, in the totals`
    : `measured with ${format.tokens(tokens)} tokens on this machine, free, in no total`
}

/** What the correlation of score and position shown means. */
export function biasInWords(bias: number): string {
  if (Math.abs(bias) < 0.3) return 'the order shown hardly mattered'
  const which = bias > 0 ? 'later' : 'earlier'
  return `texts shown ${which} scored higher${Math.abs(bias) < 0.6 ? ' by a little' : ': the order may have decided'}`
}

/** How far apart the scorers of one criterion are, 0 to 10; empty with fewer than two. */
export function spreadInWords(scores: readonly number[]): string {
  if (scores.length < 2) return ''
  const spread = Math.max(...scores) - Math.min(...scores)
  const meaning = spread <= 1 ? 'of one mind' : spread <= 3 ? 'near each other' : 'far apart'
  return `spread ${spread.toFixed(1)} over ${format.counted(scores.length, 'scorer')}: ${meaning}`
}
