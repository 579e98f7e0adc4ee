import { mean, scorerTotal } from './score.ts'
import type { GivenScores } from './state.ts'
import type { Criterion } from './types.ts'

/**
 * Durbin's coefficient of concordance for balanced incomplete blocks, corrected for ties: 1 = all scorers rank alike.
 * Each of t scorers ranks the k = t − 1 others, so each pair meets in λ = t − 2 blocks. With S the sum of squares of the authors'
 * rank sums about their mean and V the sum of squares of all ranks about the blocks' means, Conover's statistic is
 * T = (t − 1) S / V (Practical Nonparametric Statistics, §5.9) and Durbin's W = T (k + 1) / (λ (t² − 1)) = t S / ((t − 2)(t + 1) V).
 * Without ties that is Durbin's 12 S / (λ² t (t² − 1)); with ties full agreement can exceed 1, hence the cap.
 * Null below 3 authors, when a scorer or a score is missing (unbalanced) and when nobody tells any two texts apart.
 */
export function agreement(
  authors: readonly string[],
  given: readonly GivenScores[],
  rubric: readonly Criterion[],
): number | null {
  const count = authors.length
  if (count < 3 || given.length !== count) return null
  const rankSums = new Map<string, number>()
  let withinBlocks = 0
  for (const { scorerId, scores } of given) {
    const shown = new Set(scores.map((each) => each.author_id))
    if (shown.size !== count - 1 || authors.some((id) => shown.has(id) === (id === scorerId))) return null
    const ranks = midRanks(scores.map((each) => scorerTotal(each, rubric)))
    for (const [i, score] of scores.entries()) {
      const deviation = (ranks[i] ?? 0) - count / 2
      rankSums.set(score.author_id, (rankSums.get(score.author_id) ?? 0) + deviation)
      withinBlocks += deviation ** 2
    }
  }
  if (withinBlocks === 0) return null
  const betweenAuthors = [...rankSums.values()].reduce((sum, deviation) => sum + deviation ** 2, 0)
  return Math.min(1, (count * betweenAuthors) / ((count - 2) * (count + 1) * withinBlocks))
}

/** Pearson's correlation of score and position shown, over all texts of all scorers; null when either does not vary. */
export function positionBias(given: readonly GivenScores[], rubric: readonly Criterion[]): number | null {
  const points = given.flatMap(({ scores }) =>
    scores.map((each) => ({ position: each.position, score: scorerTotal(each, rubric) })),
  )
  const middle = { position: mean(points.map((each) => each.position)) ?? 0, score: mean(points.map((each) => each.score)) ?? 0 }
  let together = 0
  let ofPosition = 0
  let ofScore = 0
  for (const { position, score } of points) {
    together += (position - middle.position) * (score - middle.score)
    ofPosition += (position - middle.position) ** 2
    ofScore += (score - middle.score) ** 2
  }
  const spread = Math.sqrt(ofPosition * ofScore)
  return spread < 1e-9 ? null : Math.max(-1, Math.min(1, together / spread))
}

/** Ranks from 1; equal values share the mean of their ranks. */
function midRanks(values: readonly number[]): readonly number[] {
  const rounded = values.map((value) => Math.round(value * 1e9))
  return rounded.map((value) => {
    const below = rounded.filter((other) => other < value).length
    const equal = rounded.filter((other) => other === value).length
    return below + (equal + 1) / 2
  })
}
