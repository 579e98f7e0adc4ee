/** Where a text stops being JSON (`at`: characters from 0), or where the value of its top-level key `body` lies. */
export type JsonScan =
  | { readonly kind: 'fault'; readonly at: number; readonly message: string }
  | { readonly kind: 'sound'; readonly body: readonly [start: number, end: number] | null }

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end'

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// eslint-disable-next-line no-control-regex -- JSON allows none of them
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const SPACE = /[ \t\r\n]*/y

/** Reads one JSON text without building its value: for texts that JSON.parse refused, and for the place of `body`. Any depth. */
export function scanJson(text: string): JsonScan {
  const open: ('{' | '[')[] = []
  let at = 0
  let expected: Expected = 'value'
  let key = ''
  let bodyStart = -1
  let body: [number, number] | null = null

  const endOf = (pattern: RegExp): number => {
    pattern.lastIndex = at
    return pattern.test(text) ? pattern.lastIndex : -1
  }
  const closeValue = (): Expected => {
    if (open.length === 1 && bodyStart >= 0) {
      body = [bodyStart, at]
      bodyStart = -1
    }
    return ', or end'
  }
  const fault = (message: string): JsonScan => ({ kind: 'fault', at, message })

  for (;;) {
    at = endOf(SPACE)
    const char = text[at]
    if (char === undefined) {
      if (open.length === 0 && expected === ', or end') return { kind: 'sound', body }
      return fault(`The line ends in the middle: ${wanted(expected, open)} is missing.`)
    }
    if (expected === ':') {
      if (char !== ':') return fault(`A colon is missing before ${shown(char)}.`)
      at += 1
      expected = 'value'
    } else if (expected === 'key' || expected === 'key or }') {
      if (char === '}' && expected === 'key or }') {
        at += 1
        open.pop()
        expected = closeValue()
        continue
      }
      if (char !== '"') return fault(`A key in double quotes is expected, not ${shown(char)}.`)
      const end = endOf(STRING)
      if (end < 0) return fault('This text is not closed or holds a character that must be escaped.')
      if (open.length === 1) key = text.slice(at, end)
      at = end
      expected = ':'
    } else if (expected === ', or end') {
      const container = open.at(-1)
      if (container === undefined) return fault(`Nothing may follow the object, but ${shown(char)} does.`)
      if (char === ',') expected = container === '{' ? 'key' : 'value'
      else if (char === (container === '{' ? '}' : ']')) open.pop()
      else return fault(`A comma or ${container === '{' ? '}' : ']'} is missing before ${shown(char)}.`)
      at += 1
      if (char !== ',') expected = closeValue()
    } else {
      if (open.length === 1 && open[0] === '{' && bodyStart < 0 && isBody(key)) bodyStart = at
      if (char === ']' && expected === 'value or ]') {
        at += 1
        open.pop()
        expected = closeValue()
      } else if (char === '{' || char === '[') {
        open.push(char)
        at += 1
        expected = char === '{' ? 'key or }' : 'value or ]'
      } else {
        const end = char === '"' ? endOf(STRING) : wordEnd(text, at) || endOf(NUMBER)
        if (end < 0 && char === '"') return fault('This text is not closed or holds a character that must be escaped.')
        if (end < 0) return fault(`A value is expected, not ${shown(char)}.`)
        at = end
        expected = closeValue()
      }
    }
  }
}

/** The key as it is written, escapes included. */
function isBody(key: string): boolean {
  return key === '"body"' || (key.includes('\\') && JSON.parse(key) === 'body')
}

/** The end of `true`, `false` or `null` at that place; 0 if there is none. */
function wordEnd(text: string, at: number): number {
  const word = ['true', 'false', 'null'].find((one) => text.startsWith(one, at))
  return word === undefined ? 0 : at + word.length
}

function shown(char: string): string {
  return JSON.stringify(char)
}

function wanted(expected: Expected, open: readonly string[]): string {
  if (expected !== ', or end') return expected === ':' ? 'a colon' : `a ${expected}`
  return open.at(-1) === '{' ? 'a }' : 'a ]'
}
