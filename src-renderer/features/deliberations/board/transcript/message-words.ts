import * as format from '../../../../lib/format.ts'
import { changedLines } from '../agent-cells.ts'
import type { Board } from '../../shapes.ts'
import { critiqueScore, versionBefore } from '../reviews.ts'
import type { Message } from './messages.ts'

/** What the author of a message does with it: "criticises agent-002’s proposal, 0.62". */
export function deedOf(board: Board, message: Message): string {
  const { body, phase, round } = message
  switch (body.kind) {
    case 'open':
      return 'is at work'
    case 'late':
      return 'came too late'
    case 'failed':
    case 'lost':
      return `gave nothing usable`
    case 'text': {
      if (phase === 'propose') return 'proposes'
      const { agent_id: author, by } = body.version
      const before = versionBefore(board, author, round)
      const lines = before ? changedLines(before, body.version) : null
      const changed = lines && `+${lines.added} −${lines.removed} lines`
      if (by !== author) return `rewrites ${author}’s text${changed ? `, ${changed}` : ''}`
      return changed ? `revises, ${changed}` : 'rewrites its text'
    }
    case 'critique': {
      const score = critiqueScore(body.entry, board.spec.rubric)
      const what = body.entry.version === 0 ? 'proposal' : `revision ${body.entry.version}`
      return `criticises ${body.entry.target_id}’s ${what}${score === null ? '' : `, ${format.score(score)}`}`
    }
    case 'scores':
      return `scores ${format.counted(body.entry.scores.length, 'text')} blind`
    case 'checks': {
      const ran = body.checks.filter((check) => check.status !== 'skipped')
      const passed = ran.filter((check) => check.status === 'passed').length
      return ran.length === 0
        ? 'has nothing that a check applies to'
        : `passes ${passed} of ${format.counted(ran.length, 'check')}`
    }
    case 'selection':
      return `chooses ${body.selection.agent_id}`
  }
}

/** Model, tokens, time and cost of a message's call, as far as they are known. */
export function costsOf(message: Message, label: string | undefined): string[] {
  const { call } = message
  if (call === null) return []
  const took = call.started_at === null || call.ended_at === null ? null : call.ended_at - call.started_at
  return [
    ...(label === undefined ? [] : [label]),
    ...(call.tokens_out === null ? [] : [`${format.tokens(call.tokens_out)} tok`]),
    ...(took === null ? [] : [format.duration(took)]),
    ...(call.status === 'open' ? [] : [format.cost(call.cost_micro_usd)]),
  ]
}
