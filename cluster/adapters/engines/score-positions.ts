export interface ScorePosition {
  /** Where the number begins in the text, in UTF-16 units. */
  readonly at: number
  readonly digits: string
}

// Whole string literals are matched one after the other, so that text inside a string is never taken for a key.
const STRING_AND_NUMBER = /"((?:[^"\\]|\\.)*)"(\s*:\s*)?(-?\d+)?/g

/** Every whole number under the key `field` in a JSON text, in order. */
export function findScores(json: string, field: string): ScorePosition[] {
  const wanted = JSON.stringify(field).slice(1, -1)
  const found: ScorePosition[] = []
  for (const match of json.matchAll(STRING_AND_NUMBER)) {
    const [whole, key, colon, digits] = match
    if (key === wanted && colon !== undefined && digits !== undefined)
      found.push({ at: match.index + whole.length - digits.length, digits })
  }
  return found
}
