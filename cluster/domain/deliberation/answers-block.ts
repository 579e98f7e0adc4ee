import { asList, asObject, asText, readJson } from './json.ts'
import type { ProblemAnswer } from './types.ts'

interface SplitRevision {
  /** The revised text without the block. */
  readonly text: string
  readonly answers: readonly ProblemAnswer[]
}

const OPENING = /^[ \t]*```+[ \t]*answers[ \t\r]*$/gm
const CLOSING = /^[ \t]*```+[ \t\r]*$/m

/** Cuts the last `answers` block off a revision. Problems it says nothing readable about are `not stated`. */
export function splitRevision(reply: string, problemIds: readonly string[]): SplitRevision {
  const opening = [...reply.matchAll(OPENING)].at(-1)
  const inside = opening ? reply.slice(opening.index + opening[0].length) : ''
  const closing = CLOSING.exec(inside)
  const after = closing ? inside.slice(closing.index + closing[0].length) : ''
  const stated = readAnswers(closing ? inside.slice(0, closing.index) : inside)
  return {
    text: (opening ? reply.slice(0, opening.index) + after : reply).trim(),
    answers: problemIds.map((problem_id) => stated.get(problem_id) ?? { problem_id, status: 'not stated', note: '' }),
  }
}

function readAnswers(block: string): ReadonlyMap<string, ProblemAnswer> {
  const answers = new Map<string, ProblemAnswer>()
  for (const entry of asList(readJson(block))) {
    const answer = readAnswer(entry)
    if (answer && !answers.has(answer.problem_id)) answers.set(answer.problem_id, answer)
  }
  return answers
}

function readAnswer(entry: unknown): ProblemAnswer | undefined {
  const fields = asObject(entry)
  const status = fields?.['status']
  if (!fields || (status !== 'answered' && status !== 'kept' && status !== 'open')) return undefined
  return { problem_id: asText(fields['problem_id']), status, note: asText(fields['note']) }
}
