/** The root of the log: every event's subject starts with it. */
export const EVENT_ROOT = 'signalbox.event'

export const ANSWER_SUBJECTS = { completed: 'agent.response.completed', failed: 'agent.response.failed' } as const

/** How far a call is, for boards that show no text. In no stream: never a reason to act. */
export const PROGRESS_SUBJECT = 'agent.response.progress'

export const END_SUBJECTS = { completed: 'deliberation.completed', failed: 'deliberation.failed' } as const

export const DEAD_LETTER_SUBJECT = 'deliberation.dead-letter'

/** `agent.work.<role>` with the task and the id behind it, so that one run's items can be found and withdrawn by subject. */
export function workSubject(role: string, taskId: string, id: string): string {
  return `agent.work.${subjectToken(role)}.${subjectToken(taskId)}.${subjectTokens(id)}`
}

/** Matches the work of one run, or one item of it, whatever its role. */
export function workSubjectsOf(taskId: string, id?: string): string {
  return `agent.work.*.${subjectToken(taskId)}.${id === undefined ? '>' : subjectTokens(id)}`
}

/** Where the text of one agent of one run appears while it is written. In no stream. */
export function liveSubject(taskId: string, agentId: string): string {
  return `agent.live.${subjectToken(taskId)}.${subjectToken(agentId)}`
}

export const LIVE_SUBJECTS = 'agent.live.>'

const PLAIN = /^[A-Za-z0-9_-]+$/

/** Any text as one token of a subject or key: what may not stand there is written as `=` and two hex digits a byte. */
function subjectToken(text: string): string {
  if (PLAIN.test(text)) return text
  if (text === '') return '=00'
  const bytes = new TextEncoder().encode(text)
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte)
    return /[A-Za-z0-9_-]/.test(character) ? character : `=${byte.toString(16).padStart(2, '0').toUpperCase()}`
  }).join('')
}

/** A dotted name with each of its parts as a token. */
export function subjectTokens(name: string): string {
  return name.split('.').map(subjectToken).join('.')
}

/** The dotted name that `subjectTokens` was given. */
export function nameOfTokens(tokens: string): string {
  if (!tokens.includes('=')) return tokens
  return tokens
    .split('.')
    .map((token) => (token === '=00' ? '' : textOfToken(token)))
    .join('.')
}

function textOfToken(token: string): string {
  const bytes: number[] = []
  for (const [part, hex] of token.matchAll(/=([0-9A-F]{2})|[^=]/g)) bytes.push(hex ? parseInt(hex, 16) : part.charCodeAt(0))
  return new TextDecoder().decode(Uint8Array.from(bytes))
}

/** One subject of each kind that has to outlive its publisher; a stream must cover each. */
export const DURABLE_SUBJECTS: readonly string[] = [
  `${EVENT_ROOT}.deliberation.id`,
  'agent.work.role.task.id',
  'agent.cmd.name',
  ANSWER_SUBJECTS.completed,
  ANSWER_SUBJECTS.failed,
  END_SUBJECTS.completed,
  END_SUBJECTS.failed,
  DEAD_LETTER_SUBJECT,
  'orchestration.task.dispatched',
  'orchestration.deliberation.completed',
  'planning.backlog_review.story.reviewed',
  'context.updated',
  'workflow.changed',
  'task.derivation.requested',
]
