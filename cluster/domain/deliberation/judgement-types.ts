/** What agents say of each other's texts, and what follows from it; see types.ts. */

interface CritiqueProblem {
  readonly id: string
  readonly severity: 'major' | 'minor'
  readonly text: string
  readonly quote: string
  readonly anchor: number | null
}

export interface Critique {
  readonly criteria: { readonly name: string; readonly score: number; readonly comment: string }[]
  readonly strengths: string[]
  readonly problems: CritiqueProblem[]
}

export interface ProblemAnswer {
  readonly problem_id: string
  readonly status: 'answered' | 'kept' | 'open' | 'not stated'
  readonly note: string
}

export interface CriterionScore {
  readonly name: string
  readonly stated: number
  readonly expected: number | null
  readonly reason: string
}

export interface RequirementVerdict {
  readonly requirement_id: string
  readonly met: boolean
  readonly quote: string
  readonly anchor: number | null
}

export interface PeerScore {
  readonly author_id: string
  readonly position: number
  readonly criteria: CriterionScore[]
  readonly requirements: RequirementVerdict[]
}

export interface RankedCriterion {
  readonly name: string
  readonly weight: number
  readonly score: number | null
  readonly reasons: { readonly scorer_id: string; readonly score: number; readonly reason: string }[]
}

interface RankedRequirement {
  readonly requirement_id: string
  readonly met: number
  readonly judged: number
}

export interface RankedProposal {
  readonly agent_id: string
  readonly rank: number
  readonly score: number | null
  readonly checks_score: number | null
  readonly rubric_score: number | null
  readonly score_source: 'expected' | 'stated' | 'none'
  readonly unscored: boolean
  readonly scorers: number
  readonly criteria: RankedCriterion[]
  readonly requirements: RankedRequirement[]
  readonly lint_warnings: number
  readonly tokens_out: number
}

export interface Selection {
  readonly by: 'rank' | 'architect'
  readonly agent_id: string
  readonly reason: string
  readonly architect_error: string | null
}
