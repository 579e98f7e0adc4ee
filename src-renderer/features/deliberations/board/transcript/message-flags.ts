import * as format from '../../../../lib/format.ts'
import type { Board } from '../../shapes.ts'
import { failureWords } from '../failure-words.ts'
import { givenScores } from '../peer-scores.ts'
import type { Message } from './messages.ts'

/** What makes a message worth stopping at. */
export interface Flag {
  readonly kind: 'failure' | 'disagreement' | 'problem'
  readonly words: string
}

/** Peers who differ by this much, of 10, about one text disagree. */
const APART = 2

/** Flags of messages that say all there is to know of them. */
const own = new WeakMap<Message, readonly Flag[]>()

/** Tells failures, disagreements and problems of the messages of one board; of one message it always tells the same list. */
export function flagger(board: Board): (message: Message) => readonly Flag[] {
  const flagsOf = flagsOfBoard(board)
  const ofBoard = new WeakMap<Message, readonly Flag[]>()
  return (message) => {
    const { kind } = message.body
    const known = kind === 'scores' || kind === 'selection' ? ofBoard : own
    let flags = known.get(message)
    if (flags === undefined) known.set(message, (flags = flagsOf(message)))
    return flags
  }
}

function flagsOfBoard(board: Board): (message: Message) => readonly Flag[] {
  const means = meansByAuthor(board)
  return (message) => {
    const { body, call } = message
    switch (body.kind) {
      case 'open':
      case 'late':
        return []
      case 'failed':
        return call?.error_type === 'cancelled'
          ? []
          : [flag('failure', call?.error_type == null ? 'failed' : failureWords[call.error_type])]
      case 'lost':
        return [flag('failure', 'nothing usable came of it')]
      case 'text': {
        const kept = body.version.answers.filter((answer) => answer.status === 'kept')
        const open = body.version.answers.filter((answer) => answer.status === 'open')
        return [
          ...callFlags(message),
          ...(kept.length > 0 ? [flag('disagreement', `keeps what ${listOf(kept)} criticises`)] : []),
          ...(open.length > 0 ? [flag('problem', `leaves ${listOf(open)} open`)] : []),
        ]
      }
      case 'critique': {
        const major = body.entry.critique.problems.filter((problem) => problem.severity === 'major').length
        return [...callFlags(message), ...(major > 0 ? [flag('problem', format.counted(major, 'major problem'))] : [])]
      }
      case 'checks':
        return body.checks
          .filter((check) => check.status === 'failed' || check.status === 'error')
          .map((check) =>
            check.status === 'failed'
              ? flag('problem', `${check.check} failed`)
              : flag('failure', `${check.check} could not run`),
          )
      case 'scores':
        return [...callFlags(message), ...apartFrom(board, message.agentId, means)]
      case 'selection': {
        const place = board.ranking.find((entry) => entry.agent_id === body.selection.agent_id)?.rank
        return [
          ...callFlags(message),
          ...(place !== undefined && place > 1 ? [flag('disagreement', `not the first by score, but rank ${place}`)] : []),
        ]
      }
    }
  }
}

function flag(kind: Flag['kind'], words: string): Flag {
  return { kind, words }
}

function callFlags({ call }: Message): Flag[] {
  if (!call) return []
  return [
    ...(call.attempts > 1 ? [flag('problem', format.counted(call.attempts, 'try', 'tries'))] : []),
    ...(call.truncated ? [flag('problem', 'cut at its token limit')] : []),
    ...(call.repaired ? [flag('problem', 'repaired by a second call')] : []),
    ...(call.degraded === null ? [] : [flag('problem', `degraded: ${call.degraded}`)]),
  ]
}

function listOf(answers: readonly { readonly problem_id: string }[]): string {
  return answers.map((answer) => answer.problem_id).join(', ')
}

type Means = ReadonlyMap<string, readonly { readonly scorerId: string; readonly mean: number }[]>

function meansByAuthor(board: Board): Means {
  const means = new Map<string, { scorerId: string; mean: number }[]>()
  for (const { scorer_id: scorerId } of board.scores)
    for (const { authorId, mean } of givenScores(board, scorerId)) {
      if (mean === null) continue
      means.set(authorId, [...(means.get(authorId) ?? []), { scorerId, mean }])
    }
  return means
}

function apartFrom(board: Board, scorerId: string, means: Means): Flag[] {
  return givenScores(board, scorerId).flatMap(({ authorId, mean }) => {
    const others = (means.get(authorId) ?? []).filter((each) => each.scorerId !== scorerId)
    if (mean === null || others.length === 0) return []
    const rest = others.reduce((sum, each) => sum + each.mean, 0) / others.length
    return Math.abs(mean - rest) < APART
      ? []
      : [flag('disagreement', `gives ${authorId} ${mean.toFixed(1)} where the others give ${rest.toFixed(1)}`)]
  })
}
