/** What a parser says about a block. Line and column are the block's own and count from 1. */
export interface Finding {
  readonly line: number
  readonly column: number
  /** The parser's own name for it. */
  readonly rule: string
  readonly message: string
  readonly severity: 'error' | 'warning'
}

/** A block is parsed, or it is left out with the reason; a dialect that the parser does not know is no error. */
export type Parsed =
  { readonly kind: 'parsed'; readonly findings: readonly Finding[] } | { readonly kind: 'skipped'; readonly reason: string }

export type Parse = (text: string, dialect: string) => Parsed | Promise<Parsed>

export const parsed = (findings: readonly Finding[]): Parsed => ({ kind: 'parsed', findings })
export const skipped = (reason: string): Parsed => ({ kind: 'skipped', reason })

/** Line and column of a character of a text. */
export function placeOf(text: string, offset: number): Pick<Finding, 'line' | 'column'> {
  const before = text.slice(0, Math.max(0, offset))
  const lineStart = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: before.length - lineStart + 1 }
}

/** Jinja, Go and Helm templates only become their language when they are rendered. */
export function holdsTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%')
}
export const TEMPLATE_REASON = 'it holds template markup, which is parsed only once rendered'
