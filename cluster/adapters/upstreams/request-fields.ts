/** What a gateway has to know of a request's JSON, and where in the text its model stands. */
export interface RequestFields {
  readonly model: string | null
  readonly stream: boolean
  /** The text with another model name; everything else as it came. */
  withModel(model: string): string
}

const QUOTE = 34
const BACKSLASH = 92
const COLON = 58
const OPEN = new Set([123, 91])
const CLOSE = new Set([125, 93])

/**
 * Finds `model` and `stream` at the top level of a JSON object without parsing it: one pass that jumps over strings. Where a key stands
 * twice the last one counts, as for JSON.parse. Of a text that is no JSON it may find anything; whoever reads it says what is wrong.
 */
export function findRequestFields(json: string): RequestFields {
  const models: { readonly from: number; readonly to: number }[] = []
  let stream = false
  let depth = 0
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (OPEN.has(code)) depth++
    else if (CLOSE.has(code)) depth--
    else if (code === QUOTE) {
      const end = endOfString(json, at)
      if (depth === 1) {
        const value = valueAfter(json, end)
        const key = value === undefined ? null : stringValue(json.slice(at, end))
        if (value !== undefined && key === 'model' && json.charCodeAt(value) === QUOTE) {
          const to = endOfString(json, value)
          models.push({ from: value, to })
          at = to - 1
          continue
        }
        if (value !== undefined && key === 'stream') stream = json.startsWith('true', value)
      }
      at = end - 1
    }
  }
  const last = models.at(-1)
  return {
    model: last ? stringValue(json.slice(last.from, last.to)) : null,
    stream,
    withModel(model) {
      const name = JSON.stringify(model)
      let text = ''
      let from = 0
      for (const place of models) {
        text += json.slice(from, place.from) + name
        from = place.to
      }
      return text + json.slice(from)
    },
  }
}

/** The place behind the closing quote of the string that begins at `start`; the end of the text where it is not closed. */
function endOfString(json: string, start: number): number {
  for (let quote = json.indexOf('"', start + 1); quote !== -1; quote = json.indexOf('"', quote + 1)) {
    let slashes = 0
    while (json.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return quote + 1
  }
  return json.length
}

/** Where the value of a key begins that ends at `end`; undefined where the string is no key. */
function valueAfter(json: string, end: number): number | undefined {
  const colon = skipBlanks(json, end)
  return json.charCodeAt(colon) === COLON ? skipBlanks(json, colon + 1) : undefined
}

function skipBlanks(json: string, from: number): number {
  let at = from
  while (at < json.length && json.charCodeAt(at) <= 32) at++
  return at
}

function stringValue(literal: string): string | null {
  if (!literal.endsWith('"') || literal.length < 2) return null
  if (!literal.includes('\\')) return literal.slice(1, -1)
  try {
    const value: unknown = JSON.parse(literal)
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}
