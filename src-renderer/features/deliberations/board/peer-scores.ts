import type { Board } from '../shapes.ts'

/** Scores as peers gave them, 0–10. */
export interface GivenScore {
  readonly scorerId: string
  readonly stated: number
  /** Mean over the probabilities of the score tokens; null where the engine gave none. */
  readonly expected: number | null
  readonly reason: string
  /** Place in the order in which the scorer saw it, from 0. */
  readonly position: number
}

export interface ReceivedScores {
  readonly criterion: string
  readonly weight: number
  readonly scores: readonly GivenScore[]
}

/** What peers gave one agent's text, by criterion; criteria that nobody scored are left out. */
export function receivedScores(board: Board, agentId: string): ReceivedScores[] {
  return board.spec.rubric
    .map(({ name, weight }) => ({
      criterion: name,
      weight,
      scores: board.scores.flatMap((entry) =>
        entry.scores
          .filter((score) => score.author_id === agentId)
          .flatMap((score) =>
            score.criteria
              .filter((criterion) => criterion.name === name)
              .map(({ stated, expected, reason }) => ({
                scorerId: entry.scorer_id,
                stated,
                expected,
                reason,
                position: score.position,
              })),
          ),
      ),
    }))
    .filter((entry) => entry.scores.length > 0)
}

export interface JudgedRequirement {
  readonly id: string
  readonly text: string
  /** Met by so many of the scorers who judged it. */
  readonly met: number
  readonly judged: number
  readonly verdicts: readonly {
    readonly scorerId: string
    readonly met: boolean
    readonly quote: string
    readonly anchored: boolean
  }[]
}

/** What the ranking says of the requirements on one agent's text, with each scorer's verdict; empty before it is ranked. */
export function judgedRequirements(board: Board, agentId: string): JudgedRequirement[] {
  const counts = board.ranking.find((entry) => entry.agent_id === agentId)?.requirements ?? []
  return counts.map(({ requirement_id: id, met, judged }) => ({
    id,
    text: board.spec.requirements.find((requirement) => requirement.id === id)?.text ?? id,
    met,
    judged,
    verdicts: board.scores.flatMap((entry) =>
      entry.scores
        .filter((score) => score.author_id === agentId)
        .flatMap((score) => score.requirements)
        .filter((verdict) => verdict.requirement_id === id)
        .map((verdict) => ({
          scorerId: entry.scorer_id,
          met: verdict.met,
          quote: verdict.quote,
          anchored: verdict.anchor !== null,
        })),
    ),
  }))
}

export interface GivenTo {
  readonly authorId: string
  readonly position: number
  /** Mean over the criteria by their weights, 0–10. */
  readonly mean: number | null
}

/** What one agent gave to the others, in the order in which it saw them. */
export function givenScores(board: Board, scorerId: string): GivenTo[] {
  const weights = new Map(board.spec.rubric.map(({ name, weight }) => [name, weight]))
  const scores = board.scores.find((entry) => entry.scorer_id === scorerId)?.scores ?? []
  return scores
    .map((score) => {
      let sum = 0
      let total = 0
      for (const criterion of score.criteria) {
        const weight = weights.get(criterion.name) ?? 0
        sum += (criterion.expected ?? criterion.stated) * weight
        total += weight
      }
      return { authorId: score.author_id, position: score.position, mean: total === 0 ? null : sum / total }
    })
    .sort((a, b) => a.position - b.position)
}
