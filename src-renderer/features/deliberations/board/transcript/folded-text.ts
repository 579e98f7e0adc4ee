import { openingOf } from '../text-opening.ts'

/** What of a long text a folded message shows. */
export interface Folded {
  readonly text: string
  /** Whole lines left out before and after it. */
  readonly linesBefore: number
  readonly linesAfter: number
}

/** About fourteen lines. */
const FOLDED_CHARACTERS = 900

/** The opening of a text; while something is searched, the part of it that holds the first hit. */
export function foldedOf(text: string, searched: string): Folded {
  const hit = searched === '' ? -1 : text.toLowerCase().indexOf(searched.toLowerCase())
  const opening = openingOf(text, FOLDED_CHARACTERS)
  if (hit < 0 || hit + searched.length <= opening.text.length) {
    return { text: opening.text, linesBefore: 0, linesAfter: opening.ofLines - opening.lines }
  }
  const from = text.lastIndexOf('\n', hit) + 1
  const rest = openingOf(text.slice(from), FOLDED_CHARACTERS)
  return { text: rest.text, linesBefore: text.slice(0, from).split('\n').length - 1, linesAfter: rest.ofLines - rest.lines }
}
