import type { Problem, ProblemAnswer } from '../shapes.ts'

/** A quoted stretch of a text: characters `start` up to `end`, and the problems that quote it. */
export interface Quote {
  readonly problemId: string
  readonly start: number
  readonly end: number
  readonly tone: 'major' | 'minor' | 'answered'
}

/** Shorter quotes occur by chance; they are only looked for where the critic read the very same text. */
const MIN_QUOTE_TO_SEARCH = 12

/**
 * Where a critic's quotes stand in a text. In the version that was criticised the recorded anchors hold; in a later one
 * a quote is shown only if the author left it word for word.
 */
export function placeQuotes(
  text: string,
  problems: readonly Problem[],
  answers: readonly ProblemAnswer[],
  sameVersion: boolean,
): Quote[] {
  const answered = new Set(answers.filter((answer) => answer.status === 'answered').map((answer) => answer.problem_id))
  const quotes: Quote[] = []
  for (const problem of problems) {
    if (problem.quote === '') continue
    const start = sameVersion ? problem.anchor : searched(text, problem.quote)
    if (start === null || start >= text.length) continue
    const tone = answered.has(problem.id) ? 'answered' : problem.severity
    quotes.push({ problemId: problem.id, start, end: Math.min(text.length, start + problem.quote.length), tone })
  }
  return quotes.sort((a, b) => a.start - b.start || a.end - b.end)
}

function searched(text: string, quote: string): number | null {
  if (quote.length < MIN_QUOTE_TO_SEARCH) return null
  const at = text.indexOf(quote)
  return at < 0 ? null : at
}

/** A stretch of one rendered piece of text, and the quotes that end with it. */
export interface QuotedPiece {
  readonly text: string
  readonly quoted: boolean
  readonly tone: Quote['tone'] | null
  readonly problemIds: readonly string[]
  readonly ends: readonly Quote[]
}

/**
 * Cuts a rendered text into quoted and plain pieces. `offsets[i]` is the place of its i-th character in the source,
 * `lastOf` says which quotes end in this text (a quote may run over several).
 */
export function cutAtQuotes(
  value: string,
  offsets: readonly number[],
  quotes: readonly Quote[],
  lastOf: ReadonlySet<Quote>,
): QuotedPiece[] {
  const covering = (offset: number): Quote[] => quotes.filter((quote) => quote.start <= offset && offset < quote.end)
  const endsAt = new Map<number, Quote[]>()
  for (const quote of lastOf) {
    const last = offsets.findLastIndex((offset) => offset >= quote.start && offset < quote.end)
    endsAt.set(last, [...(endsAt.get(last) ?? []), quote])
  }
  const pieces: QuotedPiece[] = []
  let from = 0
  for (let i = 0; i < value.length; i++) {
    const here = covering(offsets[i] ?? -1)
    const next = i + 1 < value.length ? covering(offsets[i + 1] ?? -1) : null
    const ends = endsAt.get(i)
    if (!ends && next && sameQuotes(here, next)) continue
    pieces.push({
      text: value.slice(from, i + 1),
      quoted: here.length > 0,
      tone: worst(here),
      problemIds: here.map((quote) => quote.problemId),
      ends: ends ?? [],
    })
    from = i + 1
  }
  return pieces
}

function sameQuotes(a: readonly Quote[], b: readonly Quote[]): boolean {
  return a.length === b.length && a.every((quote, i) => quote === b[i])
}

function worst(quotes: readonly Quote[]): Quote['tone'] | null {
  const order: Quote['tone'][] = ['major', 'minor', 'answered']
  return order.find((tone) => quotes.some((quote) => quote.tone === tone)) ?? null
}

/** Markup such as a list's indentation or a backslash stands in the source only; more than this apart is another text. */
const MAX_SKIPPED = 24

/** The source offset of each rendered character, or null where the two cannot be matched (entities). */
export function alignOffsets(value: string, source: string, start: number, end: number): number[] | null {
  const offsets: number[] = []
  let at = start
  for (const character of value) {
    let skipped = 0
    while (at < end && !source.startsWith(character, at) && skipped < MAX_SKIPPED) {
      at++
      skipped++
    }
    if (!source.startsWith(character, at) || at >= end) return null
    for (let unit = 0; unit < character.length; unit++) offsets.push(at + unit)
    at += character.length
  }
  return offsets
}
