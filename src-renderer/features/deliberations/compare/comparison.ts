import * as format from '../../../lib/format.ts'
import { runState } from '../../../lib/run-words.ts'
import { versionsOf } from '../board/reviews.ts'
import { outcomeWords } from '../outcome/outcome-words.ts'
import type { Board, Version } from '../shapes.ts'

/** One line of the comparison, in words; null where a run has no such value. */
export interface Measure {
  readonly name: string
  readonly a: string | null
  readonly b: string | null
  /** How B stands to A; empty where that says nothing. */
  readonly difference: string
}

/** The text that won; null where none did. */
export function winnerOf(board: Board): Version | null {
  const id = board.selection?.agent_id
  return id === undefined ? null : (versionsOf(board, id).at(-1) ?? null)
}

export function compareVerdict(a: Board, b: Board): { readonly sentence: string; readonly why: string } {
  const [scoreA, scoreB] = [a.row.score, b.row.score]
  const why = `“${a.row.title}”${a.row.title === b.row.title ? ' twice' : ` against “${b.row.title}”`}. Scores of two runs come from different scorers: they can be set side by side, not ranked as one.`
  if (scoreA === null || scoreB === null)
    return {
      sentence: scoreA === scoreB ? 'Neither run has a scored winner' : `Only ${scoreA === null ? 'B' : 'A'} has a scored winner`,
      why,
    }
  if (format.score(scoreA) === format.score(scoreB)) return { sentence: `Both winners score ${format.score(scoreA)}`, why }
  return {
    sentence: `${scoreA > scoreB ? 'A' : 'B'} scores higher: ${format.score(Math.max(scoreA, scoreB))} to ${format.score(Math.min(scoreA, scoreB))}`,
    why,
  }
}

/** Status, outcome, checks, time, tokens and cost of two runs. */
export function measuresOf(a: Board, b: Board): readonly Measure[] {
  const took = (board: Board) => (board.row.ended_at === null ? null : board.row.ended_at - board.row.created_at)
  return [
    words('Status', a, b, (board) => runState(board.row).word),
    words('Winner', a, b, (board) => winnerOf(board)?.agent_id ?? null),
    words('Outcome', a, b, (board) => (board.row.outcome === null ? null : outcomeWords[board.row.outcome].word)),
    words('Checks of the winner', a, b, checksInWords),
    words('Agreement of the scorers', a, b, (board) => (board.agreement === null ? null : format.score(board.agreement))),
    words('Diversity of the texts', a, b, ({ measures }) =>
      measures?.diversity == null ? null : format.score(measures.diversity),
    ),
    words('Relevance to the task', a, b, ({ measures }) =>
      measures?.relevance == null ? null : format.score(measures.relevance),
    ),
    numbers('Time', took(a), took(b), format.duration),
    numbers('Tokens in', a.row.tokens_in, b.row.tokens_in, format.integer),
    numbers('Tokens out', a.row.tokens_out, b.row.tokens_out, format.integer),
    numbers('Cost, settled', a.row.cost_micro_usd, b.row.cost_micro_usd, format.cost),
    numbers('Model calls', a.calls.length, b.calls.length, format.integer),
    words('Failed agents', a, b, (board) => `${board.row.failed_agents} of ${board.row.num_agents}`),
  ]
}

/** The winners' scores, whole and by criterion; criteria of either run. */
export function scoresOf(a: Board, b: Board): readonly Measure[] {
  const place = (board: Board) => board.ranking.find((each) => each.agent_id === board.selection?.agent_id)
  const [of, against] = [place(a), place(b)]
  const names = new Set([...a.spec.rubric, ...b.spec.rubric].map((criterion) => criterion.name))
  const criterion = (which: typeof of, name: string) => which?.criteria.find((each) => each.name === name)?.score ?? null
  return [
    points('Score', of?.score ?? null, against?.score ?? null),
    points('Checks', of?.checks_score ?? null, against?.checks_score ?? null),
    points('Rubric', of?.rubric_score ?? null, against?.rubric_score ?? null),
    ...[...names].map((name) => points(name, criterion(of, name), criterion(against, name))),
  ]
}

function words(name: string, a: Board, b: Board, of: (board: Board) => string | null): Measure {
  const [left, right] = [of(a), of(b)]
  return { name, a: left, b: right, difference: left === right ? 'the same' : '' }
}

function numbers(name: string, a: number | null, b: number | null, inWords: (value: number) => string): Measure {
  return { name, a: a === null ? null : inWords(a), b: b === null ? null : inWords(b), difference: ratio(a, b) }
}

function ratio(a: number | null, b: number | null): string {
  if (a === null || b === null) return ''
  if (a === b) return 'the same'
  if (a === 0) return ''
  const change = b / a - 1
  return `${change > 0 ? '+' : '−'}${format.integer(Math.abs(change) * 100)} %`
}

function points(name: string, a: number | null, b: number | null): Measure {
  const shown = (value: number | null) => (value === null ? null : format.score(value))
  const change = a === null || b === null ? null : Math.round((b - a) * 100) / 100
  return {
    name,
    a: shown(a),
    b: shown(b),
    difference: change === null ? '' : change === 0 ? 'the same' : `${change > 0 ? '+' : '−'}${Math.abs(change).toFixed(2)}`,
  }
}

function checksInWords(board: Board): string | null {
  const checks = board.checks.find((each) => each.agent_id === board.selection?.agent_id)?.checks
  return checks === undefined || checks.length === 0 ? null : checks.map(({ check, status }) => `${check} ${status}`).join(', ')
}
