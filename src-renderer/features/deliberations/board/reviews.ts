import type { Board, BoardCall, Criterion, Problem, ProblemAnswer, ReviewEntry, Version } from '../shapes.ts'

/** Mean of a critic's scores (0–1) by the rubric's weights; null when none of its criteria was scored. */
export function critiqueScore(entry: ReviewEntry, rubric: readonly Pick<Criterion, 'name' | 'weight'>[]): number | null {
  const scores = new Map(entry.critique.criteria.map((criterion) => [criterion.name.toLowerCase(), criterion.score]))
  let sum = 0
  let weights = 0
  for (const { name, weight } of rubric) {
    const score = scores.get(name.toLowerCase())
    if (score === undefined) continue
    sum += score * weight
    weights += weight
  }
  return weights === 0 ? null : sum / weights
}

/** What others wrote about an agent's texts, oldest first. */
export function critiquesOf(board: Board, agentId: string): ReviewEntry[] {
  return board.critiques.filter((entry) => entry.target_id === agentId).sort((a, b) => a.round - b.round)
}

/** What a critic wrote last about an agent's texts; a board lists its critiques in the order of their rounds. */
export function lastCritiqueOf(board: Board, agentId: string): ReviewEntry | undefined {
  return board.critiques.findLast((entry) => entry.target_id === agentId)
}

/** An agent's texts, oldest first. */
export function versionsOf(board: Board, agentId: string): Version[] {
  return board.versions.filter((version) => version.agent_id === agentId).sort((a, b) => a.round - b.round)
}

/** An agent's text before that of a round; a board lists its texts in the order of their rounds. */
export function versionBefore(board: Board, agentId: string, round: number): Version | undefined {
  return board.versions.findLast((version) => version.agent_id === agentId && version.round < round)
}

export interface ProblemState {
  readonly problem: Problem
  /** `waiting`: the revision that must answer it is not there yet. */
  readonly status: ProblemAnswer['status'] | 'waiting'
  readonly note: string
}

/**
 * What became of each problem of a critique: the revision of the same round says it. Without one the problem waits while
 * that revision may still come, and is open when it cannot.
 */
export function problemStates(entry: ReviewEntry, revision: Version | undefined, mayStillCome: boolean): ProblemState[] {
  const answers = new Map(revision?.answers.map((answer) => [answer.problem_id, answer]))
  return entry.critique.problems.map((problem) => {
    const answer = answers.get(problem.id)
    if (answer) return { problem, status: answer.status, note: answer.note }
    return { problem, status: revision ? 'not stated' : mayStillCome ? 'waiting' : 'open', note: '' }
  })
}

/** Whether a revision of that round is still to come for the agent. */
export function revisionMayCome(board: Board, agentId: string, round: number): boolean {
  if (board.row.ended_at !== null) return false
  const phase = board.phases.find((candidate) => candidate.phase === 'revise' && candidate.round === round)
  if (!phase || phase.state === 'done' || phase.state === 'skipped') return false
  const call = revisionCall(board, agentId, round)
  return call?.status !== 'failed' && call?.status !== 'late'
}

/** The call that rewrites an agent's text in a round: its own, or its critic's where the run asks for that. */
export function revisionCall(board: Board, agentId: string, round: number): BoardCall | undefined {
  const by =
    board.spec.revision_by === 'critic'
      ? board.critiques.find((entry) => entry.round === round && entry.target_id === agentId)?.critic_id
      : agentId
  return board.calls.find((call) => call.phase === 'revise' && call.round === round && call.agent_id === by)
}

/** Whose text a call rewrites. */
export function rewrittenBy(board: Board, { agent_id, round }: Pick<BoardCall, 'agent_id' | 'round'>): string {
  if (board.spec.revision_by !== 'critic') return agent_id
  return board.critiques.find((entry) => entry.round === round && entry.critic_id === agent_id)?.target_id ?? agent_id
}

/** Who wrote a version where that was not its author: ", revised by agent-002"; else empty. */
export function revisedInWords({ agent_id, by }: Pick<Version, 'agent_id' | 'by'>): string {
  return by === agent_id ? '' : `, revised by ${by}`
}
