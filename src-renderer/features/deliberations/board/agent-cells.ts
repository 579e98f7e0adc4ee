import * as format from '../../../lib/format.ts'
import { callKey, type Board, type BoardCall, type Version } from '../shapes.ts'
import { failureWords, shortFailure } from './failure-words.ts'
import { critiqueScore, revisedInWords, revisionCall, versionBefore } from './reviews.ts'
import { diffTexts } from './revision-diff.ts'

/** One cell of agents × rounds. */
export interface AgentCell {
  readonly key: string
  readonly label: string
  readonly value: string
  readonly title: string
  /** `open`: its call is sent or runs; what it does is on the live stream under `callKey`. */
  readonly state: 'done' | 'open' | 'failed' | 'none'
  readonly callKey: string | null
}

/** From this many rounds on a round is one cell, so that the cells stay readable. */
const ROUNDS_TO_MERGE = 3

export function cellsOf(board: Board, agentId: string): AgentCell[] {
  const cells = [proposalCell(board, agentId)]
  for (let round = 1; round <= board.spec.rounds; round++) {
    const critique = critiqueCell(board, agentId, round)
    const revision = revisionCell(board, agentId, round)
    if (board.spec.rounds < ROUNDS_TO_MERGE) cells.push(critique, revision)
    else cells.push(roundCell(critique, revision, round))
  }
  return cells
}

function roundCell(critique: AgentCell, revision: AgentCell, round: number): AgentCell {
  const shown = revision.state === 'none' ? critique : revision
  const title = [critique.title, revision.title].filter((text) => text !== '').join('; ')
  return { ...shown, key: `round-${round}`, label: `R${round}`, title }
}

function proposalCell(board: Board, agentId: string): AgentCell {
  const call = callOf(board, 'propose', 0, agentId)
  const cell = { key: 'propose', label: 'Propose', callKey: call ? callKey(call) : null }
  if (call?.status === 'done') {
    const took = call.started_at === null || call.ended_at === null ? '–' : format.duration(call.ended_at - call.started_at)
    return { ...cell, value: took, title: `Proposal written in ${took}`, state: 'done' }
  }
  return { ...cell, ...unfinished(call, 'Proposal') }
}

function critiqueCell(board: Board, agentId: string, round: number): AgentCell {
  const call = callOf(board, 'critique', round, agentId)
  const cell = { key: `critique-${round}`, label: `Crit ${round}`, callKey: call ? callKey(call) : null }
  const received = board.critiques.find((entry) => entry.round === round && entry.target_id === agentId)
  if (call?.status === 'open') return { ...cell, ...unfinished(call, `Critique of round ${round}`) }
  if (received) {
    const score = critiqueScore(received, board.spec.rubric)
    const title = `${received.critic_id} gave ${score === null ? 'no score' : format.score(score)} and named ${received.critique.problems.length} problems in round ${round}`
    return { ...cell, value: score === null ? '–' : format.score(score), title, state: 'done' }
  }
  if (call?.status === 'failed') return { ...cell, ...unfinished(call, `Its critique of a peer in round ${round}`) }
  const phase = board.phases.find((candidate) => candidate.phase === 'critique' && candidate.round === round)
  const lost = phase?.state === 'done' && call !== undefined
  return {
    ...cell,
    value: lost ? 'lost' : '–',
    title: lost ? `No usable critique of this proposal came in round ${round}` : '',
    state: lost ? 'failed' : 'none',
  }
}

function revisionCell(board: Board, agentId: string, round: number): AgentCell {
  const call = revisionCall(board, agentId, round)
  const cell = { key: `revise-${round}`, label: `Rev ${round}`, callKey: call ? callKey(call) : null }
  const version = board.versions.find((candidate) => candidate.agent_id === agentId && candidate.round === round)
  if (!version) return { ...cell, ...unfinished(call, `Revision ${round}`) }
  const before = versionBefore(board, agentId, round)
  const counts = before ? changedLines(before, version) : null
  if (!counts)
    return {
      ...cell,
      value: 'rewritten',
      title: `Revision ${round} shares next to nothing with the text before it`,
      state: 'done',
    }
  if (counts.added + counts.removed === 0)
    return { ...cell, value: 'same', title: `Revision ${round} changed nothing`, state: 'done' }
  const title = `Revision ${round}: ${counts.added} lines added, ${counts.removed} removed${revisedInWords(version)}`
  return { ...cell, value: `+${counts.added} −${counts.removed}`, title, state: 'done' }
}

function unfinished(call: BoardCall | undefined, what: string): Pick<AgentCell, 'value' | 'title' | 'state'> {
  if (call?.status === 'failed') {
    const kind = call.error_type
    if (kind === 'cancelled') return { value: 'stopped', title: `${what}: ${call.error ?? 'stopped'}`, state: 'none' }
    return {
      value: kind === null ? 'failed' : shortFailure[kind],
      title: `${what}: ${kind === null ? 'failed' : failureWords[kind]}. ${call.error ?? ''}`,
      state: 'failed',
    }
  }
  if (call?.status === 'late')
    return { value: 'late', title: `${what}: not in when the phase closed at its quorum`, state: 'none' }
  if (call) return { value: 'sent', title: `${what}: the call is sent`, state: 'open' }
  return { value: '–', title: '', state: 'none' }
}

function callOf(board: Board, phase: BoardCall['phase'], round: number, agentId: string): BoardCall | undefined {
  return board.calls.find(
    (call) => call.phase === phase && call.agent_id === agentId && (phase === 'propose' || call.round === round),
  )
}

const known = new WeakMap<Version, { before: Version; result: { added: number; removed: number } | null }>()

/** Lines added and removed between two versions, worked out once per pair; null when they are too different. */
export function changedLines(before: Version, after: Version): { added: number; removed: number } | null {
  const held = known.get(after)
  if (held?.before === before) return held.result
  const diff = diffTexts(before.content, after.content)
  const result = diff && { added: diff.added, removed: diff.removed }
  known.set(after, { before, result })
  return result
}
