import type { GivenScores } from './state.ts'
import type { CheckResult, Criterion, PeerScore, RankedCriterion, RankedProposal, Requirement } from './types.ts'

const SCORED_CHECKS: ReadonlySet<string> = new Set(['policy', 'lint', 'dryrun'])

/** Mean over the executed checks: policy, lint and dryrun (passed 1, failed or error 0), and additional ones by their score; null when none ran. */
export function checksScore(checks: readonly CheckResult[]): number | null {
  const executed = checks.filter(
    (each) => (SCORED_CHECKS.has(each.check) || each.score !== undefined) && each.status !== 'skipped',
  )
  return mean(executed.map((each) => each.score ?? (each.status === 'passed' ? 1 : 0)))
}

/** (1 − w) · checks + w · rubric; where only one part exists it is the score; null where neither does. */
export function totalScore(checks: number | null, rubric: number | null, rubricWeight: number): number | null {
  if (checks === null || rubric === null) return checks ?? rubric
  return (1 - rubricWeight) * checks + rubricWeight * rubric
}

/** The number that counts on a criterion: the probability-weighted mean where there is one, else what was stated. 0–10. */
function countedScore(criterion: PeerScore['criteria'][number]): number {
  return criterion.expected ?? criterion.stated
}

/** One scorer's weighted mean over the criteria of one text, 0–10. */
export function scorerTotal(score: PeerScore, rubric: readonly Criterion[]): number {
  return weightedMean(rubric.map(({ name, weight }) => ({ weight, value: valueOn(score, name) }))) ?? 0
}

interface RubricVerdict {
  /** Weighted mean over the criteria of the mean over the scorers, ÷ 10; null if nobody scored. */
  readonly score: number | null
  readonly source: 'expected' | 'stated' | 'none'
  readonly scorers: number
  readonly criteria: readonly RankedCriterion[]
}

/** What the peers say of one author's text. */
export function rubricVerdict(authorId: string, given: readonly GivenScores[], rubric: readonly Criterion[]): RubricVerdict {
  const verdicts = given.flatMap(({ scorerId, scores }) =>
    scores.filter((each) => each.author_id === authorId).map((score) => ({ scorerId, score })),
  )
  const on = (name: string) =>
    verdicts.flatMap(({ scorerId, score }) =>
      score.criteria
        .filter((each) => each.name === name)
        .map((each) => ({ scorerId, value: countedScore(each), reason: each.reason })),
    )
  const means = rubric.map(({ name, weight }) => ({ weight, value: mean(on(name).map((each) => each.value)) }))
  const criteria = rubric.map(({ name, weight }, i): RankedCriterion => ({
    name,
    weight,
    score: tenth(means[i]?.value ?? null),
    reasons: on(name).map(({ scorerId, value, reason }) => ({ scorer_id: scorerId, score: value / 10, reason })),
  }))
  const counted = verdicts.flatMap(({ score }) => score.criteria)
  const isExpected = counted.every((each) => each.expected !== null)
  return {
    score: tenth(weightedMean(means)),
    source: counted.length === 0 ? 'none' : isExpected ? 'expected' : 'stated',
    scorers: verdicts.length,
    criteria,
  }
}

/** How many of the scorers who judged a requirement found it met by one author's text. */
export function requirementCounts(
  authorId: string,
  given: readonly GivenScores[],
  requirements: readonly Requirement[],
): RankedProposal['requirements'] {
  const verdicts = given.flatMap(({ scores }) =>
    scores.filter((each) => each.author_id === authorId).flatMap((each) => each.requirements),
  )
  return requirements.map(({ id }) => {
    const own = verdicts.filter((each) => each.requirement_id === id)
    return { requirement_id: id, met: own.filter((each) => each.met).length, judged: own.length }
  })
}

const tenth = (value: number | null): number | null => (value === null ? null : value / 10)

function valueOn(score: PeerScore, name: string): number | null {
  const criterion = score.criteria.find((each) => each.name === name)
  return criterion ? countedScore(criterion) : null
}

/** Weighted mean over the parts that have a value; null when none has. */
function weightedMean(parts: readonly { readonly weight: number; readonly value: number | null }[]): number | null {
  let sum = 0
  let weights = 0
  for (const { weight, value } of parts)
    if (value !== null) {
      sum += weight * value
      weights += weight
    }
  return weights > 0 ? sum / weights : null
}

export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
