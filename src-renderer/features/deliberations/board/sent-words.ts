import * as format from '../../../lib/format.ts'
import type { BoardCall, SentPrompt } from '../shapes.ts'

export interface PromptPiece {
  readonly text: string
  /** It stands where something was left out. */
  readonly isMark: boolean
}

const MARK = /(\[… [\d,]+ tokens cut …\])/

/** A message in pieces, so that what was cut is seen; one piece where nothing was. */
export function piecesOf(content: string, cut: boolean): readonly PromptPiece[] {
  if (!cut) return [{ text: content, isMark: false }]
  return content.split(MARK).flatMap((text, at) => (text === '' ? [] : [{ text, isMark: at % 2 === 1 }]))
}

/** What was left out to fit the context. */
export function cutInWords({ item, cut }: SentPrompt): string {
  if (!cut) return 'nothing'
  const marks = item.messages.flatMap(({ content }) => piecesOf(content, true).filter((piece) => piece.isMark))
  const tokens = marks.reduce((sum, mark) => sum + Number(mark.text.replaceAll(/\D/g, '')), 0)
  return `about ${format.counted(tokens, 'token')} in ${format.counted(marks.length, 'place')}, marked below`
}

/** The whole call as JSON, as an engine is asked for it. */
export function promptAsJson({ item, prompts_version, repair }: SentPrompt): string {
  const { messages, model, temperature, max_tokens, seed, format: shape } = item
  return JSON.stringify(
    { model, messages, ...(repair.length > 0 && { repair }), temperature, max_tokens, seed, format: shape, prompts_version },
    null,
    2,
  )
}

/** What else was sent for the call beside its prompt; empty where nothing was. */
export function repairInWords({ repaired }: BoardCall, { repair }: SentPrompt): string {
  if (repair.length > 0)
    return 'Its reply was not the JSON asked for, so it was asked once more: the same prompt, followed by the reply and what was wrong with it.'
  return repaired ? 'It was asked once more, by a version that did not keep the second prompt.' : ''
}
