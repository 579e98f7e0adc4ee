import { fencedBlocks } from './fences.ts'
import type { Finding } from './finding.ts'

interface Heading {
  readonly line: number
  readonly level: number
  readonly name: string
}

/** Longer lines are no headings; the patterns below are only tried on shorter ones. */
const MAX_HEADING_CHARACTERS = 300
/** So many headings of one name are looked at. */
const MAX_NAMESAKES = 20
const ATX = /^ {0,3}(#{1,6})[ \t]+(.*)$/
const UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/

/** What is wrong with the sections that a text must have: one is missing, or has a heading and nothing under it. */
export function sectionFindings(content: string, required: readonly string[]): readonly Finding[] {
  if (required.length === 0) return []
  const lines = content.split(/\r?\n/)
  const headings = headingsOf(lines, fencedLines(content))
  return required.flatMap((section): readonly Finding[] => {
    const named = headings.filter(({ name }) => name === nameOf(section)).slice(0, MAX_NAMESAKES)
    const [first] = named
    if (!first)
      return [finding(lines.length, 'section-missing', `The section “${section}” is missing: no heading has this name.`)]
    return named.some((heading) => hasBody(lines, headings, heading))
      ? []
      : [finding(first.line, 'section-empty', `The section “${section}” is empty.`)]
  })
}

const finding = (line: number, rule: string, message: string): Finding => ({ line, column: 1, rule, message, severity: 'error' })

/** Headings as Markdown has them: hashes before, or a line of equals signs or hyphens below. */
function headingsOf(lines: readonly string[], fenced: ReadonlySet<number>): readonly Heading[] {
  return lines.flatMap((text, index): readonly Heading[] => {
    const line = index + 1
    if (fenced.has(line) || text.length > MAX_HEADING_CHARACTERS) return []
    const [, hashes, atx] = ATX.exec(text) ?? []
    if (hashes !== undefined && atx !== undefined)
      return [{ line, level: hashes.length, name: nameOf(atx.replace(/#+\s*$/, '')) }]
    const next = fenced.has(line + 1) ? '' : (lines[index + 1] ?? '').slice(0, MAX_HEADING_CHARACTERS)
    const [, under] = UNDERLINE.exec(next) ?? []
    return under === undefined || text.trim() === '' ? [] : [{ line, level: under.startsWith('=') ? 1 : 2, name: nameOf(text) }]
  })
}

/** Words alone: numbering, emphasis, a colon at the end and capitals are the author's taste. */
function nameOf(text: string): string {
  return text
    .replace(/[*_`~]/g, '')
    .trim()
    .replace(/^\d{1,3}(\.\d{1,3})*[.)]?\s+/, '')
    .replace(/[:.]+$/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase()
}

/** Whether anything but headings stands between this heading and the next one that is not below it. */
function hasBody(lines: readonly string[], headings: readonly Heading[], { line, level }: Heading): boolean {
  const end = headings.find((other) => other.line > line && other.level <= level)?.line ?? lines.length + 1
  const own = new Set(headings.map((each) => each.line))
  return lines
    .slice(line, end - 1)
    .some((text, at) => text.trim() !== '' && !own.has(line + at + 1) && !UNDERLINE.test(text.slice(0, MAX_HEADING_CHARACTERS)))
}

/** Lines of fenced blocks with their fences, from 1. */
function fencedLines(content: string): ReadonlySet<number> {
  return new Set(
    fencedBlocks(content).flatMap(({ line, text }) =>
      Array.from({ length: (text === '' ? 0 : text.split('\n').length) + 2 }, (_, at) => line - 1 + at),
    ),
  )
}
