/**
 * Where `quote` begins in `text` (index of its first character there), letting any run of white space stand for any other;
 * null when it is empty or not found.
 */
export function findQuote(text: string, quote: string): number | null {
  const wanted = quote.trim()
  if (wanted === '') return null
  const exact = text.indexOf(wanted)
  if (exact >= 0) return exact
  const words = wanted.split(/\s+/).map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const at = text.search(new RegExp(words.join('\\s+')))
  return at >= 0 ? at : null
}
