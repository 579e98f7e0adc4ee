import type { ScoreField } from '../../messages/work.ts'
import { expectedScore, type TokenChance } from '../engines/expected-score.ts'
import { findScores } from '../engines/score-positions.ts'
import type { StreamedToken } from './chat-stream.ts'

/**
 * The probability-weighted mean of every score in `answer`, from the alternatives the server gave for the score's own
 * tokens. What follows a token that the answer did not take is not shown, and is left out. Null where it cannot be told.
 */
export async function readExpectedScores(
  answer: string,
  tokens: readonly StreamedToken[],
  field: ScoreField,
): Promise<number[] | null> {
  const spoken = tokens.map(({ token }) => token).join('')
  // Tokens of the reasoning may come before those of the answer.
  const start = spoken.lastIndexOf(answer)
  if (start === -1) return null
  const scores: number[] = []
  for (const { at } of findScores(answer, field.field)) {
    const place = findToken(tokens, start + at)
    if (!place) return null
    const score = await expectedScore(field, (said) => Promise.resolve(alternatives(tokens, place, said)))
    if (score === null) return null
    scores.push(score)
  }
  return scores.length > 0 ? scores : null
}

interface Place {
  readonly index: number
  /** What the token says before the number begins: a blank, as a rule. */
  readonly lead: string
}

function findToken(tokens: readonly StreamedToken[], offset: number): Place | undefined {
  let begin = 0
  for (const [index, { token }] of tokens.entries()) {
    if (begin + token.length > offset) return { index, lead: token.slice(0, offset - begin) }
    begin += token.length
  }
  return undefined
}

/** What the server showed for the place after `said`, if that is the way the answer went. */
function alternatives(tokens: readonly StreamedToken[], { index, lead }: Place, said: readonly string[]): TokenChance[] | null {
  const wentThere = said.every((text, step) => tokens[index + step]?.token === (step === 0 ? lead + text : text))
  const at = tokens[index + said.length]
  if (!wentThere || !at) return null
  const shown = new Map([at, ...at.top_logprobs].map(({ token, logprob }) => [token, Math.exp(logprob)]))
  return [...shown].flatMap(([token, probability]) => {
    if (said.length > 0) return [{ text: token, probability }]
    if (token.startsWith(lead)) return [{ text: token.slice(lead.length), probability }]
    return lead.trim() === '' ? [{ text: token.trimStart(), probability }] : []
  })
}
