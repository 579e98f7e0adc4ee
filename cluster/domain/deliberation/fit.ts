export type CountTokens = (text: string) => number

const MARK_TOKENS = 16
/** A part is never cut below this: less says nothing. */
const LEAST_PART_TOKENS = 32

/** Cuts the longest parts so that all together take at most `room` tokens; short parts stay whole. */
export function fitParts(parts: readonly string[], room: number, countTokens: CountTokens): readonly string[] {
  const sizes = parts.map(countTokens)
  const level = levelFor(sizes, room)
  return parts.map((part, i) =>
    (sizes[i] ?? 0) <= level ? part : cutMiddle(part, Math.max(LEAST_PART_TOKENS, level), countTokens),
  )
}

/** The largest size to which all longer parts are cut such that the sum stays within `room`. */
function levelFor(sizes: readonly number[], room: number): number {
  const ascending = [...sizes].sort((a, b) => a - b)
  let left = Math.max(0, room)
  for (const [i, size] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - i))
    if (size > share) return share
    left -= size
  }
  return Infinity
}

/** Keeps the beginning and the end, and says between them how much is gone. */
function cutMiddle(text: string, tokens: number, countTokens: CountTokens): string {
  const whole = countTokens(text)
  let keep = Math.floor((text.length * Math.max(1, tokens - MARK_TOKENS)) / Math.max(1, whole))
  for (;;) {
    const head = beforeHalfPair(text, Math.ceil(keep * 0.7))
    const tail = beforeHalfPair(text, text.length - Math.floor(keep * 0.3))
    const gone = Math.max(1, whole - countTokens(text.slice(0, head)) - countTokens(text.slice(tail)))
    const cut = `${text.slice(0, head)}\n[… ${gone.toLocaleString('en-US')} tokens cut …]\n${text.slice(tail)}`
    if (keep <= 1 || countTokens(cut) <= tokens) return cut
    keep = Math.floor(keep * 0.9)
  }
}

/** An index that does not part the two halves of one character. */
function beforeHalfPair(text: string, index: number): number {
  const code = text.charCodeAt(index)
  return code >= 0xdc00 && code <= 0xdfff ? index - 1 : index
}
