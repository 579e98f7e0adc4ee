import type { Board, BoardCall, Check } from '../shapes.ts'
import { critiqueScore, lastCritiqueOf } from './reviews.ts'

/** One row of the ranking table. Scores are 0–1. */
export interface Standing {
  readonly agentId: string
  /** Null for an agent that gave no proposal, and before anything can be compared. */
  readonly rank: number | null
  readonly score: number | null
  readonly rubricScore: number | null
  readonly checksScore: number | null
  readonly criteria: readonly { readonly name: string; readonly weight: number; readonly score: number | null }[]
  readonly scoreSource: 'expected' | 'stated' | 'critics' | 'none'
  readonly checks: readonly Check[]
  /** It gave no proposal. */
  readonly failed: boolean
  readonly tokensIn: number
  readonly tokensOut: number
  /** Time in which a call of this agent ran, without waiting in queues. */
  readonly busyMs: number
  readonly costMicroUsd: number
}

export interface Standings {
  /** `critics`: a preview from the last critiques; `peers`: the ranking itself. */
  readonly basis: 'none' | 'critics' | 'peers'
  readonly rows: readonly Standing[]
}

/** The ranking; before there is one, a preview from what the critics gave the latest texts they read. */
export function standingsOf(board: Board): Standings {
  const calls = Map.groupBy(board.calls, (call) => call.agent_id)
  const rows = board.spec.agents.map(({ agent_id: id }) => standingOf(board, id, calls.get(id) ?? []))
  const basis = board.ranking.length > 0 ? 'peers' : rows.some((row) => row.score !== null) ? 'critics' : 'none'
  const sorted = [...rows].sort(byRank)
  if (basis !== 'critics') return { basis, rows: sorted }
  return { basis, rows: sorted.map((row, i) => (row.score === null ? row : { ...row, rank: i + 1 })) }
}

function standingOf(board: Board, agentId: string, calls: readonly BoardCall[]): Standing {
  const checks = board.checks.find((entry) => entry.agent_id === agentId)?.checks ?? []
  const used = usageOf(calls)
  const failed = calls.some((call) => call.phase === 'propose' && gaveNothing(call))
  const ranked = board.ranking.find((entry) => entry.agent_id === agentId)
  if (ranked) {
    const { rank, score, rubric_score, checks_score, criteria, score_source } = ranked
    return {
      agentId,
      rank,
      score,
      rubricScore: rubric_score,
      checksScore: checks_score,
      criteria,
      scoreSource: score_source,
      checks,
      failed,
      ...used,
    }
  }
  const last = lastCritiqueOf(board, agentId)
  const rubricScore = last ? critiqueScore(last, board.spec.rubric) : null
  const checksScore = meanOfChecks(checks)
  return {
    agentId,
    rank: null,
    score: combined(rubricScore, checksScore, board.spec.rubric_weight),
    rubricScore,
    checksScore,
    criteria: board.spec.rubric.map(({ name, weight }) => ({
      name,
      weight,
      score: last ? scoreFor(last.critique.criteria, name) : null,
    })),
    scoreSource: rubricScore === null ? 'none' : 'critics',
    checks,
    failed,
    ...used,
  }
}

const gaveNothing = ({ status }: BoardCall): boolean => status === 'failed' || status === 'late'

function scoreFor(criteria: readonly { name: string; score: number }[], name: string): number | null {
  return criteria.find((criterion) => criterion.name.toLowerCase() === name.toLowerCase())?.score ?? null
}

function meanOfChecks(checks: readonly Check[]): number | null {
  const ran = checks.filter((check) => check.status !== 'skipped')
  if (ran.length === 0) return null
  return ran.reduce((sum, check) => sum + (check.score ?? (check.status === 'passed' ? 1 : 0)), 0) / ran.length
}

function combined(rubric: number | null, checks: number | null, rubricWeight: number): number | null {
  if (rubric === null) return null
  return checks === null ? rubric : (1 - rubricWeight) * checks + rubricWeight * rubric
}

function usageOf(calls: readonly BoardCall[]): Pick<Standing, 'tokensIn' | 'tokensOut' | 'busyMs' | 'costMicroUsd'> {
  let tokensIn = 0
  let tokensOut = 0
  let busyMs = 0
  let costMicroUsd = 0
  for (const call of calls) {
    tokensIn += call.tokens_in ?? 0
    tokensOut += call.tokens_out ?? 0
    costMicroUsd += call.cost_micro_usd
    if (call.started_at !== null && call.ended_at !== null) busyMs += call.ended_at - call.started_at
  }
  return { tokensIn, tokensOut, busyMs, costMicroUsd }
}

function byRank(a: Standing, b: Standing): number {
  return (
    placeOf(a) - placeOf(b) ||
    Number(a.failed) - Number(b.failed) ||
    (b.score ?? -1) - (a.score ?? -1) ||
    a.agentId.localeCompare(b.agentId)
  )
}

function placeOf(row: Standing): number {
  return row.rank ?? Number.MAX_SAFE_INTEGER
}
