/** Something that a critic or scorer said so far. */
export interface Remark {
  /** What it is about: "correctness", "text A, clarity", "problem". */
  readonly about: string
  readonly text: string
}

/** Keys of a reply whose values are words for a reader; what else is in it are names, marks and quotes. */
const spoken: readonly string[] = ['comment', 'reason', 'text', 'strengths']
const containers: readonly string[] = ['criteria', 'problems', 'requirements']

interface Level {
  readonly isList: boolean
  key: string | null
}

/** The words in a critic's or scorer's JSON as far as it is written; the last one may still grow. */
export function remarksOf(written: string): readonly Remark[] {
  const remarks: Remark[] = []
  const levels: Level[] = []
  let isKey = false
  let at = written.indexOf('{')
  while (at >= 0 && at < written.length) {
    const character = written[at]
    const level = levels.at(-1)
    if (character === '{' || character === '[') {
      levels.push({ isList: character === '[', key: null })
      isKey = character === '{'
    } else if (character === '}' || character === ']') {
      levels.pop()
      isKey = false
    } else if (character === ':') isKey = false
    else if (character === ',') isKey = level?.isList === false
    else if (character === '"') {
      const end = endOfString(written, at + 1)
      const value = unescaped(written.slice(at + 1, end))
      if (isKey && level) level.key = value
      else remarks.push(...remarkAt(levels, value))
      at = end
    }
    at += 1
  }
  return remarks
}

function remarkAt(levels: readonly Level[], text: string): Remark[] {
  const keys = levels.flatMap(({ key }) => (key === null ? [] : [key]))
  const last = keys.at(-1)
  if (last === undefined || !spoken.includes(last) || text.trim() === '') return []
  if (keys[0] === 'problems') return [{ about: 'problem', text }]
  if (last === 'strengths') return [{ about: 'strength', text }]
  const path = keys.slice(0, -1).filter((key) => !containers.includes(key))
  const words = path.map((key) => (/^[A-Z]$/.test(key) ? `text ${key}` : key.replaceAll('_', ' ')))
  return [{ about: words.join(', '), text }]
}

/** The place of the closing quotation mark, or the end of what is written. */
function endOfString(written: string, from: number): number {
  for (let at = from; at < written.length; at += 1) {
    if (written[at] === '\\') at += 1
    else if (written[at] === '"') return at
  }
  return written.length
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '', t: ' ', b: '', f: '' }

/** A half-written escape at the end is left out. */
function unescaped(raw: string): string {
  return raw
    .replace(/\\(?:u[0-9a-f]{0,3})?$/i, (cut, offset: number) => (isEscaped(raw, offset) ? cut : ''))
    .replace(/\\(?:u([0-9a-f]{4})|(.))/gis, (_, code: string | undefined, one: string | undefined) =>
      code === undefined ? (escapes[one ?? ''] ?? one ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
    )
}

function isEscaped(raw: string, offset: number): boolean {
  return /\\*$/.exec(raw.slice(0, offset))?.[0].length === 1
}
