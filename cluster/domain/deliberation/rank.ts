import { agreement, positionBias } from './agreement.ts'
import { checksScore, requirementCounts, rubricVerdict, totalScore } from './score.ts'
import { sampled, survivors, type GivenScores, type RunState } from './state.ts'
import type { RankedData, RankedProposal } from './types.ts'

/**
 * Ranks every proposal there is by what is known of it. Arrival order never counts. Samples of the baseline have places among themselves
 * only, and are left out where the scorers' agreement on the proposals is measured.
 */
export function rank(state: RunState): RankedData {
  const authors = survivors(state)
  return {
    ranking: placed(state, authors),
    agreement: agreement(authors, scoresOf(authors, state.scores), state.spec.rubric),
    position_bias: positionBias(state.scores, state.spec.rubric),
    ...(state.sampling !== 'none' && { samples: placed(state, sampled(state)) }),
  }
}

function placed(state: RunState, ids: readonly string[]): RankedProposal[] {
  const unranked = ids.map((id) => scored(state, id))
  return unranked.toSorted(compare).map((proposal, i) => ({ ...proposal, rank: i + 1 }))
}

function scoresOf(authors: readonly string[], given: readonly GivenScores[]): readonly GivenScores[] {
  return given.map(({ scorerId, scores }) => ({ scorerId, scores: scores.filter((each) => authors.includes(each.author_id)) }))
}

function scored(state: RunState, agentId: string): RankedProposal {
  const checks = state.checks?.find((each) => each.agent_id === agentId)?.checks ?? []
  const verdict = rubricVerdict(agentId, state.scores, state.spec.rubric)
  const checks_score = checksScore(checks)
  const score = totalScore(checks_score, verdict.score, state.spec.rubric_weight)
  return {
    agent_id: agentId,
    rank: 1,
    score,
    checks_score,
    rubric_score: verdict.score,
    score_source: verdict.source,
    unscored: score === null,
    scorers: verdict.scorers,
    criteria: [...verdict.criteria],
    requirements: requirementCounts(agentId, state.scores, state.spec.requirements),
    lint_warnings: checks.filter((each) => each.check === 'lint').reduce((sum, each) => sum + each.warnings, 0),
    tokens_out: state.textTokens.get(agentId) ?? 0,
  }
}

/** Score, then rubric score, both descending with absent ones last; fewer lint warnings; fewer output tokens; agent id. */
export function compare(a: RankedProposal, b: RankedProposal): number {
  return (
    descending(a.score, b.score) ||
    descending(a.rubric_score, b.rubric_score) ||
    a.lint_warnings - b.lint_warnings ||
    a.tokens_out - b.tokens_out ||
    (a.agent_id < b.agent_id ? -1 : a.agent_id > b.agent_id ? 1 : 0)
  )
}

/** Scores equal to nine digits are equal: the order in which a mean was summed must not decide. */
function descending(a: number | null, b: number | null): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0)
  return Math.round(b * 1e9) - Math.round(a * 1e9)
}
