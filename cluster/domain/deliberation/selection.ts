import type { RankedProposal, Selection } from './types.ts'

/** Rank 1 with the reason that its numbers give. */
export function selectByRank(ranking: readonly RankedProposal[]): Omit<Selection, 'architect_error'> {
  const [first, second] = ranking
  if (!first) throw new Error('A ranking without proposals has no winner.')
  return { by: 'rank', agent_id: first.agent_id, reason: reasonFor(first, second, ranking) }
}

function reasonFor(first: RankedProposal, second: RankedProposal | undefined, ranking: readonly RankedProposal[]): string {
  if (first.score === null)
    return second
      ? `No score could be given; decided by ${tieBreak(first, second)}.`
      : 'The only proposal; no score could be given.'
  const score = first.score.toFixed(2)
  if (!second) return `The only proposal, score ${score}.`
  const best = bestOn(first, ranking.slice(1))
  const onCriterion = best ? `; best on ${best}` : ''
  if (second.score !== null && Math.abs(first.score - second.score) < 1e-9)
    return `Score ${score}, level with ${second.agent_id}; decided by ${tieBreak(first, second)}${onCriterion}.`
  return `Highest score ${score}${onCriterion}.`
}

/** The heaviest criterion on which the winner is ahead of all others. */
function bestOn(first: RankedProposal, others: readonly RankedProposal[]): string | undefined {
  const ahead = first.criteria.filter(({ name, score }) => {
    const rivals = others.map((each) => each.criteria.find((criterion) => criterion.name === name)?.score ?? null)
    return score !== null && rivals.every((rival) => rival === null || rival < score)
  })
  return ahead.toSorted((a, b) => b.weight - a.weight)[0]?.name
}

function tieBreak(first: RankedProposal, second: RankedProposal): string {
  if (first.rubric_score !== null && (second.rubric_score === null || first.rubric_score - second.rubric_score > 1e-9))
    return 'the higher rubric score'
  if (first.lint_warnings !== second.lint_warnings) return 'fewer lint warnings'
  if (first.tokens_out !== second.tokens_out) return 'fewer output tokens'
  return 'agent id'
}
