import type { ShapeName, Tone } from '../../../ui/icons.tsx'
import * as format from '../../../lib/format.ts'
import { capitalised, listed, phaseDoing, phaseDone, phaseLabel } from '../phase-words.ts'
import { callKey, type Board, type BoardCall } from '../shapes.ts'
import { failureWords } from './failure-words.ts'
import { awaitedSamples } from './ladder.ts'
import type { LiveView } from './live-buffer.ts'
import { rewrittenBy } from './reviews.ts'
import type { Standing } from './standings.ts'

/** What an agent does now: a chip, a sentence, and a number at the right. */
export interface Doing {
  readonly word: string
  readonly shape: ShapeName
  readonly tone: Tone
  readonly sentence: string
  readonly side: string
}

/** The call an agent works on, or the last one it had. */
export function currentCall(board: Board, agentId: string): BoardCall | null {
  const own = board.calls.filter((call) => call.agent_id === agentId)
  return own.findLast((call) => call.status === 'open') ?? own.at(-1) ?? null
}

/** Characters per token over this run's finished texts; null before there is one. It turns streamed characters into tokens. */
export function charactersPerToken(board: Board): number | null {
  let characters = 0
  let tokens = 0
  for (const version of board.versions) {
    const phase = version.round === 0 ? 'propose' : 'revise'
    const call = board.calls.find(
      (entry) => entry.phase === phase && entry.round === version.round && entry.agent_id === version.by,
    )
    if (!call?.tokens_out || call.attempts > 1) continue
    characters += version.content.length + (call.reasoning?.length ?? 0)
    tokens += call.tokens_out
  }
  return tokens === 0 ? null : characters / tokens
}

/** "46 tok/s", by the run's own characters per token; in characters while that is unknown. */
export function rateInWords(live: LiveView | undefined, perToken: number | null): string | null {
  if (live?.charactersPerSecond == null) return null
  if (perToken === null) return `${Math.round(live.charactersPerSecond)} ch/s`
  const rate = live.charactersPerSecond / perToken
  return `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} tok/s`
}

/** What an agent does while its call is open. */
export function openCallDoing(
  board: Board,
  call: BoardCall,
  live: LiveView | undefined,
  ahead: number,
  perToken: number | null,
  now: number,
): Doing {
  const busy = capitalised(phaseDoing[call.phase])
  const tries = `try ${live?.attempt ?? 1} of ${board.spec.limits.max_retries + 1}`
  if (!live) return { word: 'Sent', shape: 'wait', tone: 'neutral', sentence: 'Waits for a worker to take the call', side: '' }
  switch (live.state) {
    case 'queued':
      return {
        word: 'Queued',
        shape: 'wait',
        tone: 'neutral',
        sentence: queueInWords(ahead),
        side: live.attempt > 1 ? tries : format.duration(Math.max(0, now - live.since)),
      }
    case 'retrying': {
      const wait = live.retryAt === null ? 'soon' : `in ${format.duration(Math.max(0, live.retryAt - now))}`
      return {
        word: 'Retrying',
        shape: 'warn',
        tone: 'warn',
        sentence: `Again ${wait}, after: ${live.error ?? 'a failed try'}`,
        side: tries,
      }
    }
    case 'ended':
      return { word: busy, shape: 'run', tone: 'info', sentence: 'Finished; the answer is being recorded', side: '' }
    case 'running': {
      const rate = rateInWords(live, perToken)
      const text =
        live.length === 0 ? 'Reads the prompt; no text yet' : `${writes(board, call)}${rate === null ? '' : `, ${rate}`}`
      return {
        word: busy,
        shape: 'run',
        tone: 'info',
        sentence: text,
        side: live.attempt > 1 ? tries : writtenInWords(live.length, perToken),
      }
    }
  }
}

function queueInWords(ahead: number): string {
  return ahead === 0
    ? 'Waits for a free slot of the engine'
    : `Waits for a slot, ${ahead} ${ahead === 1 ? 'call' : 'calls'} of this run ahead`
}

/** Calls of this run that wait for an engine and asked before this one. */
export function callsAhead(board: Board, call: BoardCall, viewOf: (key: string) => LiveView | undefined): number {
  const own = viewOf(callKey(call))
  if (own?.state !== 'queued') return 0
  return board.calls.filter((other) => {
    const view = other === call || other.status !== 'open' ? undefined : viewOf(callKey(other))
    return view?.state === 'queued' && view.since < own.since
  }).length
}

function writtenInWords(characters: number, perToken: number | null): string {
  if (characters === 0) return ''
  return perToken === null ? `${format.integer(characters)} ch` : `about ${format.integer(Math.round(characters / perToken))} tok`
}

function writes(board: Board, call: BoardCall): string {
  switch (call.phase) {
    case 'propose':
      return 'Writes its proposal'
    case 'critique':
      return `Writes a critique for round ${call.round}`
    case 'revise': {
      const author = rewrittenBy(board, call)
      return `Rewrites ${author === call.agent_id ? 'its' : `${author}’s`} text for round ${call.round}`
    }
    case 'score':
      return 'Scores the others’ texts'
    case 'select':
      return `Chooses among the top ${Math.min(board.spec.architect_k, board.ranking.length)}`
  }
}

/** What an agent does, or did, when none of its calls is open. */
export function restingDoing(board: Board, standing: Standing): Doing {
  const call = currentCall(board, standing.agentId)
  const tokens = call?.tokens_out == null ? '' : `${format.integer(call.tokens_out)} tok`
  if (standing.failed && call?.error_type === 'cancelled')
    return { word: 'Stopped', shape: 'stop', tone: 'neutral', sentence: failedInWords(call), side: '' }
  if (standing.failed && call?.status === 'late')
    return {
      word: 'Late',
      shape: 'off',
      tone: 'neutral',
      sentence: 'Its proposal was not in when the quorum was reached',
      side: '',
    }
  if (standing.failed) return { word: 'Failed', shape: 'bad', tone: 'bad', sentence: failedInWords(call), side: '' }
  if (board.row.ended_at !== null) return endedDoing(board, standing)
  if (!call) return { word: 'Waiting', shape: 'wait', tone: 'neutral', sentence: 'Its first call is not sent yet', side: '' }
  if (call.status === 'failed') {
    const phase = phaseLabel(call.phase, call.round).toLowerCase()
    return { word: 'Failed', shape: 'warn', tone: 'warn', sentence: `Its ${phase} failed: ${failedInWords(call)}`, side: '' }
  }
  if (call.status === 'late')
    return {
      word: 'Late',
      shape: 'off',
      tone: 'neutral',
      sentence: 'Its answer was not in when the quorum was reached',
      side: '',
    }
  return { word: phaseDone[call.phase], shape: 'good', tone: 'good', sentence: waitsFor(board, standing.agentId), side: tokens }
}

function failedInWords(call: BoardCall | null): string {
  if (!call) return 'no cause was recorded'
  return call.error ?? (call.error_type === null ? 'no cause was recorded' : failureWords[call.error_type])
}

function endedDoing(board: Board, standing: Standing): Doing {
  const side = `${format.integer(standing.tokensOut)} tok`
  if (board.selection?.agent_id === standing.agentId) {
    const by = board.selection.by === 'architect' ? 'Chosen by the architect' : 'First in the ranking'
    return { word: 'Winner', shape: 'good', tone: 'good', sentence: `${by}${scored(standing)}`, side }
  }
  if (standing.rank !== null && board.ranking.length > 0) {
    return {
      word: `Rank ${standing.rank}`,
      shape: 'off',
      tone: 'neutral',
      sentence: `Ranked ${standing.rank} of ${board.ranking.length}${scored(standing)}`,
      side,
    }
  }
  return { word: 'Ended', shape: 'stop', tone: 'neutral', sentence: 'The run ended before this text was ranked', side }
}

function scored(standing: Standing): string {
  return standing.score === null ? ', unscored' : `, score ${format.score(standing.score)}`
}

function waitsFor(board: Board, agentId: string): string {
  const phase = board.phases.find((candidate) => candidate.state === 'running')
  const others = board.calls.filter((call) => call.status === 'open' && call.agent_id !== agentId).map((call) => call.agent_id)
  const next = board.phases.find((candidate) => candidate.state === 'planned')
  const then = next ? `, then ${phaseLabel(next.phase, next.round)} starts` : ''
  if (phase?.phase === 'check') return `The checks run${then}`
  const awaited = phase ? awaitedSamples(board, phase) : 0
  if (awaited > 0) return `Waits for ${format.counted(awaited, 'baseline sample')}`
  if (others.length === 0) return next ? `${phaseLabel(next.phase, next.round)} is about to start` : 'The run is about to end'
  return others.length > 3 ? `Waits for ${others.length} other agents${then}` : `Waits for ${listed(others)}${then}`
}
