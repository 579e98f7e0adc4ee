import type { Quote } from './quotes.ts'

export interface Excerpt {
  readonly text: string
  readonly quotes: readonly Quote[]
}

/** The paragraphs that hold quotes, with the quotes moved to their new places; an ellipsis stands for what is left out between them. */
export function excerptOf(text: string, quotes: readonly Quote[]): Excerpt {
  const parts: string[] = []
  const moved: Quote[] = []
  let length = 0
  let at = 0
  let leftOut = false
  for (const paragraph of text.split(/(?<=\n)(?=\s*\n)/)) {
    const start = at
    at += paragraph.length
    const inside = quotes.filter((quote) => quote.start < at && quote.end > start)
    if (inside.length === 0) {
      leftOut ||= parts.length > 0 && paragraph.trim() !== ''
      continue
    }
    if (leftOut) {
      parts.push('\n\n…\n\n')
      length += 5
      leftOut = false
    }
    for (const quote of inside) {
      moved.push({
        ...quote,
        start: Math.max(quote.start, start) - start + length,
        end: Math.min(quote.end, at) - start + length,
      })
    }
    parts.push(paragraph)
    length += paragraph.length
  }
  return { text: parts.join(''), quotes: moved }
}
