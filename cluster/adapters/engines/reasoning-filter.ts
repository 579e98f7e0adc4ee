const OPEN = '<think>'
const CLOSE = '</think>'

/** Parts a model's text, as it streams in, into what is said and what was thought between `<think>` and `</think>`. */
export interface ReasoningFilter {
  /** Takes the next piece and returns what of the answer is certain by now. */
  push(piece: string): string
  /** The rest of the answer, and everything in one piece. Nothing may be pushed after it. */
  end(): { readonly rest: string; readonly text: string; readonly reasoning: string | null }
}

/** `thinking`: the prompt itself opened the block, so the text begins inside it. */
export function createReasoningFilter(thinking = false): ReasoningFilter {
  let inside = thinking
  let pending = ''
  let text = ''
  let reasoning = ''

  function take(part: string): string {
    if (inside) {
      reasoning += part
      return ''
    }
    const said = text === '' ? part.trimStart() : part
    text += said
    return said
  }

  return {
    push(piece) {
      pending += piece
      let said = ''
      for (;;) {
        const tag = inside ? CLOSE : OPEN
        const at = pending.indexOf(tag)
        const certain = at === -1 ? pending.length - partialTagLength(pending, tag) : at
        said += take(pending.slice(0, certain))
        pending = pending.slice(certain)
        if (at === -1) return said
        pending = pending.slice(tag.length)
        inside = !inside
      }
    },
    end() {
      const rest = take(pending)
      pending = ''
      // A server that opens the block in its prompt shows only the end of it.
      const stray = text.lastIndexOf(CLOSE)
      if (stray !== -1) {
        reasoning += text.slice(0, stray)
        text = text.slice(stray + CLOSE.length).trimStart()
      }
      return { rest, text, reasoning: reasoning.trim() || null }
    },
  }
}

function partialTagLength(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length
  }
  return 0
}
