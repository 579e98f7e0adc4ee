/**
 * Where `quote` begins in `text` (index of its first character there), letting any run of white space stand for any other;
 * null when it is empty or not found.
 */
export function findQuote(text: string, quote: string): number | null {
  const wanted = quote.trim()
  if (wanted === '') return null
  const exact = text.indexOf(wanted)
  if (exact >= 0) return exact
  const flat = flatten(text)
  const at = flat.text.indexOf(flatten(wanted).text)
  return at >= 0 ? (flat.origins[at] ?? null) : null
}

/** The text with each run of white space as one space, and where each character came from. */
function flatten(text: string): { readonly text: string; readonly origins: readonly number[] } {
  const characters: string[] = []
  const origins: number[] = []
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i)
    const isSpace = /\s/.test(character)
    if (isSpace && characters.at(-1) === ' ') continue
    characters.push(isSpace ? ' ' : character)
    origins.push(i)
  }
  return { text: characters.join(''), origins }
}
