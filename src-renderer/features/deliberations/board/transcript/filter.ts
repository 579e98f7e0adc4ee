import type { Phase } from '../../shapes.ts'
import type { Flag } from './message-flags.ts'
import type { Message } from './messages.ts'

/** Which messages of a transcript are shown. Null: all. */
export interface TranscriptFilter {
  readonly text: string
  readonly agentId: string | null
  readonly phase: Phase['phase'] | null
  readonly round: number | null
  /** Failures, disagreements and problems only. */
  readonly onlyFlagged: boolean
}

const phases: readonly Phase['phase'][] = ['propose', 'critique', 'revise', 'check', 'score', 'select']

/** The filter that an address asks for. */
export function filterOf(params: URLSearchParams): TranscriptFilter {
  const round = Number(params.get('round') ?? Number.NaN)
  return {
    text: params.get('q') ?? '',
    agentId: params.get('by'),
    phase: phases.find((phase) => phase === params.get('phase')) ?? null,
    round: Number.isInteger(round) && round >= 0 ? round : null,
    onlyFlagged: params.get('only') === 'problems',
  }
}

export function isFiltered(filter: TranscriptFilter): boolean {
  return filter.text !== '' || filter.agentId !== null || filter.phase !== null || filter.round !== null || filter.onlyFlagged
}

export function matches(message: Message, filter: TranscriptFilter, flagsOf: (message: Message) => readonly Flag[]): boolean {
  if (filter.agentId !== null && message.agentId !== filter.agentId) return false
  if (filter.phase !== null && message.phase !== filter.phase) return false
  if (filter.round !== null && message.round !== filter.round) return false
  if (filter.onlyFlagged && flagsOf(message).length === 0) return false
  return filter.text === '' || textOf(message).includes(filter.text.toLowerCase())
}

const texts = new WeakMap<Message, string>()

/** All words of a message in small letters, for searching. */
function textOf(message: Message): string {
  const held = texts.get(message)
  if (held !== undefined) return held
  const text = [message.agentId, ...wordsOf(message)].join('\n').toLowerCase()
  texts.set(message, text)
  return text
}

function wordsOf({ body, call }: Message): string[] {
  switch (body.kind) {
    case 'text':
      return [body.version.content, ...body.version.answers.map((answer) => answer.note)]
    case 'critique': {
      const { problems, strengths, criteria } = body.entry.critique
      return [...problems.flatMap((each) => [each.text, each.quote]), ...strengths, ...criteria.map((each) => each.comment)]
    }
    case 'scores':
      return body.entry.scores.flatMap((score) => [score.author_id, ...score.criteria.map((each) => each.reason)])
    case 'checks':
      return body.checks.flatMap((check) => [check.check, check.message])
    case 'selection':
      return [body.selection.agent_id, body.selection.reason]
    case 'failed':
    case 'lost':
      return [call?.error ?? '', call?.raw ?? '']
    case 'open':
    case 'late':
      return []
  }
}
