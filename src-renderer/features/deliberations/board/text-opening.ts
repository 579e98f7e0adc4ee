export interface Opening {
  readonly text: string
  readonly lines: number
  readonly ofLines: number
}

/** More than a card can show without turning into a page of its own. */
const CARD_CHARACTERS = 2400

/**
 * The first whole lines of a text, at most as much as a card shows. A fenced block cut in two is closed; a first line that is
 * itself too long is cut, and then no line is whole.
 */
export function openingOf(text: string, maxCharacters = CARD_CHARACTERS): Opening {
  const lines = text.split('\n')
  if (text.length <= maxCharacters) return { text, lines: lines.length, ofLines: lines.length }
  let length = 0
  let count = 0
  for (const line of lines) {
    length += line.length + 1
    if (length > maxCharacters && count > 0) break
    count++
  }
  const kept = lines.slice(0, count).join('\n')
  if (kept.length > maxCharacters) return { text: `${kept.slice(0, maxCharacters)}…`, lines: 0, ofLines: lines.length }
  const fences = kept.match(/^\s*(```|~~~)/gm) ?? []
  const closing = fences.length % 2 === 1 ? `\n${fences.at(-1)?.trim() ?? ''}` : ''
  return { text: kept + closing, lines: count, ofLines: lines.length }
}
