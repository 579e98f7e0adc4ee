import { foldedOf } from './folded-text.ts'
import type { Message } from './messages.ts'

const known = new WeakMap<Message, number>()
const HEAD_PX = 54
const PHASE_PX = 34
const LINE_PX = 18
const CHARACTERS_A_LINE = 96

/** About how high a message will be, in pixels: what counts until it is drawn and measured. */
export function heightOf(message: Message | undefined, startsPhase: boolean): number {
  if (!message) return HEAD_PX
  let height = known.get(message)
  if (height === undefined) known.set(message, (height = estimate(message)))
  return height + (startsPhase ? PHASE_PX : 0)
}

function estimate({ body }: Message): number {
  switch (body.kind) {
    case 'text':
      return HEAD_PX + body.version.answers.length * LINE_PX + linesOf(foldedOf(body.version.content, '').text) * LINE_PX
    case 'critique':
      return HEAD_PX + LINE_PX * (2 + body.entry.critique.problems.length * 2)
    case 'scores':
      return HEAD_PX + LINE_PX * 2 * body.entry.scores.length
    case 'checks':
      return HEAD_PX + LINE_PX * Math.max(1, body.checks.length)
    case 'selection':
      return HEAD_PX + LINE_PX * linesOf(foldedOf(body.selection.reason, '').text)
    case 'open':
      return HEAD_PX + 148
    case 'late':
      return HEAD_PX + LINE_PX
    case 'failed':
    case 'lost':
      return HEAD_PX + LINE_PX * 2
  }
}

function linesOf(text: string): number {
  return text.split('\n').reduce((sum, line) => sum + (line === '' ? 0.4 : Math.ceil(line.length / CHARACTERS_A_LINE)), 0)
}
