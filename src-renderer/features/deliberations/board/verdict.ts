import type { ShapeName, Tone } from '../../../ui/icons.tsx'
import * as format from '../../../lib/format.ts'
import { capitalised, phaseDoing } from '../phase-words.ts'
import type { Board, Phase } from '../shapes.ts'
import { causesInWords, remedyInWords } from './failure-words.ts'
import { awaitedSamples } from './ladder.ts'
import type { Standings } from './standings.ts'

export interface Verdict {
  readonly sentence: string
  /** One line of reason below it. */
  readonly why: string
  readonly shape: ShapeName
  readonly tone: Tone
}

/** The run in one sentence: who leads or won and by how much, or where it stands, or why it ended. */
export function verdictOf(board: Board, standings: Standings, now: number): Verdict {
  const head = headline(board, standings, now)
  return { ...head, why: whyOf(board, now, head.sentence) }
}

function headline(board: Board, standings: Standings, now: number): Omit<Verdict, 'why'> {
  const { row } = board
  switch (row.status) {
    case 'UNKNOWN':
    case 'PENDING':
    case 'IN_PROGRESS': {
      const sentence = leadSentence(standings) ?? phaseSentence(board)
      if (row.deadline_risk === 'breaching')
        return { sentence: `${sentence}; it will not be done by its deadline`, shape: 'bad', tone: 'bad' }
      if (row.deadline_risk === 'at_risk') return { sentence: `${sentence}; close to its deadline`, shape: 'warn', tone: 'warn' }
      return {
        sentence,
        shape: row.status === 'IN_PROGRESS' ? 'run' : 'wait',
        tone: row.status === 'IN_PROGRESS' ? 'info' : 'neutral',
      }
    }
    case 'COMPLETED':
      return {
        sentence: winnerSentence(board, standings),
        shape: row.partial ? 'warn' : 'good',
        tone: row.partial ? 'warn' : 'good',
      }
    case 'TIMEOUT':
      return { sentence: `Timed out after ${tookOf(board, now)}: ${keptSentence(board, standings)}`, shape: 'warn', tone: 'warn' }
    case 'CANCELLED':
      return {
        sentence: `Cancelled after ${tookOf(board, now)}: ${keptSentence(board, standings)}`,
        shape: 'stop',
        tone: 'neutral',
      }
    case 'FAILED':
      return { sentence: failureSentence(board), shape: 'bad', tone: 'bad' }
    case 'EXPIRED':
      return { sentence: 'This run was removed', shape: 'off', tone: 'neutral' }
  }
}

/** "agent-002 leads 0.92 to 0.86"; null before two agents can be compared. */
function leadSentence({ basis, rows }: Standings): string | null {
  const [first, second] = rows
  if (basis === 'none' || first?.score == null || second?.score == null) return null
  const by = basis === 'critics' ? ' by the critics’ marks' : ''
  if (format.score(first.score) === format.score(second.score))
    return `${first.agentId} and ${second.agentId} are level at ${format.score(first.score)}${by}`
  return `${first.agentId} leads ${format.score(first.score)} to ${format.score(second.score)}${by}`
}

/** "Round 1 of 2, revising, 1 of 3 in". */
function phaseSentence(board: Board): string {
  const phase = board.phases.find((candidate) => candidate.state === 'running')
  if (!phase) return board.row.status === 'PENDING' ? 'Accepted; no agent has begun yet' : 'Between two phases'
  const round = phase.phase === 'critique' || phase.phase === 'revise' ? `Round ${phase.round} of ${board.spec.rounds}, ` : ''
  const awaited = awaitedSamples(board, phase)
  const rest = awaited > 0 ? `; ${format.counted(awaited, 'sample')} of the baseline awaited` : ''
  const text = `${round}${phaseDoing[phase.phase]}${phase.expected > 0 ? `, ${inOf(phase)}` : ''}${rest}`
  return capitalised(text)
}

function inOf(phase: Phase): string {
  const failed = phase.failed > 0 ? `, ${phase.failed} failed` : ''
  return `${phase.received} of ${phase.expected} in${failed}`
}

function winnerSentence(board: Board, { rows }: Standings): string {
  const winner = board.selection?.agent_id ?? board.row.leader_id
  if (winner === null) return board.row.message || 'Done, without a winner'
  const own = rows.find((row) => row.agentId === winner)
  const best = rows.find((row) => row.agentId !== winner && row.score !== null)
  if (board.selection?.by === 'architect') {
    return own?.rank === 1
      ? `${winner} wins: first by score and the architect’s choice`
      : `${winner} wins: the architect’s choice, ranked ${own?.rank ?? '–'} by score`
  }
  if (own?.score == null) return `${winner} wins, unscored: nothing but the order of checks and tokens tells the proposals apart`
  if (best?.score == null) return `${winner} wins with ${format.score(own.score)}, the only ranked proposal`
  return format.score(own.score) === format.score(best.score)
    ? `${winner} wins a tie at ${format.score(own.score)} with ${best.agentId}`
    : `${winner} wins: ${format.score(own.score)} to ${format.score(best.score)} for ${best.agentId}`
}

function keptSentence(board: Board, { rows }: Standings): string {
  const ranked = rows.filter((row) => row.rank !== null).length
  if (board.ranking.length > 0) {
    const leader = rows.find((row) => row.rank === 1)
    return `${ranked} of ${board.spec.agents.length} proposals ranked, ${leader?.agentId ?? 'nobody'} is first`
  }
  return board.versions.length === 0
    ? 'no text was finished'
    : `${format.counted(board.versions.length, 'finished text')} kept, none ranked`
}

function failureSentence(board: Board): string {
  const { row, spec } = board
  const failed = board.calls.filter((call) => call.status === 'failed')
  switch (row.end_reason) {
    case 'all_failed':
      return `Failed: ${spec.agents.length === 1 ? 'its only agent' : `all ${spec.agents.length} agents`} gave no proposal (${causesInWords(failed)})`
    case 'token_limit':
      return `Stopped at its limit of ${format.integer(spec.limits.tokens ?? 0)} tokens`
    case 'cost_limit':
      return `Stopped at its limit of ${format.cost(spec.limits.cost_micro_usd ?? 0)}`
    case 'ranked':
    case 'deadline':
    case 'cancelled':
    case 'fatal':
    case null:
      return `Failed: ${row.message || causesInWords(failed) || 'no cause was recorded'}`
  }
}

function tookOf(board: Board, now: number): string {
  return format.duration((board.row.ended_at ?? now) - board.row.created_at)
}

function whyOf(board: Board, now: number, sentence: string): string {
  const { row, spec } = board
  const parts: string[] = []
  if (row.ended_at === null) {
    const phase = phaseSentence(board)
    if (!sentence.startsWith(phase)) parts.push(`${phase}.`)
    parts.push(`${endInWords(row, now)}, deadline ${format.clock(row.deadline)}.`)
    if (row.risk_why !== null && row.risk_since !== null) parts.push(`Seen at ${format.clock(row.risk_since)}: ${row.risk_why}`)
  } else {
    if (row.status !== 'FAILED' && row.message !== '') parts.push(sentenceOf(row.message))
    parts.push(
      `${format.counted(spec.agents.length, 'agent')}, ${format.counted(spec.rounds, 'round')}, took ${tookOf(board, now)}.`,
    )
    if (board.rounds_stopped !== null) parts.push(board.rounds_stopped.message)
    if (row.failed_agents > 0 && row.end_reason !== 'all_failed')
      parts.push(`${row.failed_agents} of ${spec.agents.length} agents gave no proposal.`)
  }
  if (row.end_reason === 'all_failed') parts.push(remedyInWords(board.calls))
  parts.push(`${spentOf(board)}.`)
  return parts.join(' ')
}

/** "Done 14:37 (by 14:39)": likely, and nine times of ten. */
function endInWords({ expected_end: likely, expected_end_p90: worst }: Board['row'], now: number): string {
  if (likely === null || worst === null) return 'Its end is still being estimated'
  if (worst < now) return `Was expected to be done by ${format.clock(worst)}`
  const [about, by] = [format.clock(Math.max(likely, now)), format.clock(worst)]
  return about === by ? `Done about ${about}` : `Done ${about} (by ${by})`
}

function spentOf({ row, spec }: Board): string {
  const tokens = row.tokens_in + row.tokens_out
  const ofTokens = spec.limits.tokens === null ? '' : ` of ${format.integer(spec.limits.tokens)}`
  const ofMoney = spec.limits.cost_micro_usd === null ? '' : ` of ${format.cost(spec.limits.cost_micro_usd)}`
  return `${format.integer(tokens)}${ofTokens} tokens, ${format.cost(row.cost_micro_usd)}${ofMoney} spent`
}

function sentenceOf(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
