import { diffWordsWithSpace, structuredPatch } from 'diff'

export interface DiffSpan {
  readonly text: string
  readonly changed: boolean
}

export type DiffLine =
  | { readonly kind: 'same'; readonly line: number; readonly spans: readonly DiffSpan[] }
  | { readonly kind: 'removed'; readonly line: number; readonly spans: readonly DiffSpan[] }
  | { readonly kind: 'added'; readonly line: number; readonly spans: readonly DiffSpan[] }

/** One changed place; `from` and `to` are characters of the old text, for matching it with quotes. */
export interface DiffHunk {
  readonly lines: readonly DiffLine[]
  readonly from: number
  readonly to: number
}

export interface RevisionDiff {
  readonly hunks: readonly DiffHunk[]
  readonly added: number
  readonly removed: number
}

/** Past this the texts have next to nothing in common, and a diff would say so at great length. */
const MAX_EDITS = 4000
const CONTEXT_LINES = 1
/** Word-by-word comparison of longer lines costs more than it shows. */
const MAX_LINE_FOR_WORDS = 2000

/** Line by line, with the changed words marked inside lines that replace one another; null when the texts are too different. */
export function diffTexts(before: string, after: string): RevisionDiff | null {
  const patch = structuredPatch('', '', whole(before), whole(after), '', '', { context: CONTEXT_LINES, maxEditLength: MAX_EDITS })
  if (!patch) return null
  const starts = lineStarts(before)
  let added = 0
  let removed = 0
  const hunks = patch.hunks.map((hunk): DiffHunk => {
    const lines = readHunk(hunk)
    added += lines.filter((line) => line.kind === 'added').length
    const gone = lines.filter((line) => line.kind === 'removed')
    removed += gone.length
    const first = gone[0]?.line ?? hunk.oldStart
    const last = gone.at(-1)?.line ?? hunk.oldStart
    return { lines, from: starts[first - 1] ?? before.length, to: starts[last] ?? before.length }
  })
  return { hunks, added, removed }
}

function readHunk(hunk: { oldStart: number; newStart: number; lines: string[] }): DiffLine[] {
  const lines: DiffLine[] = []
  let oldLine = hunk.oldStart
  let newLine = hunk.newStart
  let removed: string[] = []
  let added: string[] = []
  const flush = (): void => {
    const pairs = removed.map((text, i) => pairWords(text, added[i]))
    const news = added.map((text, i) => pairs[i]?.added ?? plain(text))
    for (const pair of pairs) lines.push({ kind: 'removed', line: oldLine++, spans: pair.removed })
    for (const spans of news) lines.push({ kind: 'added', line: newLine++, spans })
    removed = []
    added = []
  }
  for (const line of hunk.lines) {
    const text = line.slice(1)
    if (line.startsWith('-')) {
      if (added.length > 0) flush()
      removed.push(text)
    } else if (line.startsWith('+')) added.push(text)
    else if (line.startsWith(' ')) {
      flush()
      lines.push({ kind: 'same', line: newLine++, spans: plain(text) })
      oldLine++
    }
  }
  flush()
  return lines
}

function pairWords(before: string, after: string | undefined): { removed: DiffSpan[]; added: DiffSpan[] | null } {
  if (after === undefined) return { removed: plain(before), added: null }
  if (before.length > MAX_LINE_FOR_WORDS || after.length > MAX_LINE_FOR_WORDS)
    return { removed: plain(before), added: plain(after) }
  const parts = diffWordsWithSpace(before, after)
  const kept = parts.filter((part) => !part.added && !part.removed).reduce((sum, part) => sum + part.value.trim().length, 0)
  if (kept * 3 < Math.min(before.length, after.length)) return { removed: plain(before), added: plain(after) }
  return {
    removed: parts.filter((part) => !part.added).map((part) => ({ text: part.value, changed: part.removed })),
    added: parts.filter((part) => !part.removed).map((part) => ({ text: part.value, changed: part.added })),
  }
}

function plain(text: string): DiffSpan[] {
  return [{ text, changed: false }]
}

/** A last line without its end would differ from the same line with more text behind it. */
function whole(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
