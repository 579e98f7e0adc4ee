import type { LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp'
import type { ScoreField } from '../../messages/work.ts'
import { expectedScore, type TokenChance } from '../engines/expected-score.ts'
import { findScores } from '../engines/score-positions.ts'

/** Tokens of a model whose text has a digit, with that text. */
export type DigitTokens = ReadonlyMap<Token, string>

export function findDigitTokens(model: LlamaModel): DigitTokens {
  const found = new Map<Token, string>()
  for (const token of model.iterateAllTokens()) {
    const text = model.detokenize([token])
    if (/\d/.test(text)) found.set(token, text)
  }
  return found
}

/**
 * The probability-weighted mean of every score in `reply`, which `sequence` has just said after `promptTokens`. The state
 * up to the first score is kept; the rest is read again in one pass, and what the reply did not say is looked at from
 * there (the "0" of a "10" that was a "7"). Null where the reply cannot be found again in the sequence, token by token.
 */
export async function readExpectedScores(
  sequence: LlamaContextSequence,
  reply: string,
  from: { promptTokens: number; field: ScoreField; digitTokens: DigitTokens; signal: AbortSignal },
): Promise<number[] | null> {
  const { model } = sequence
  const { promptTokens, field, digitTokens, signal } = from
  // Going back in the state of a recurrent model means reading the whole prompt again.
  if (sequence.needsCheckpoints) return null
  const said = sequence.contextTokens.slice(promptTokens)
  const start = model.detokenize(said).lastIndexOf(reply)
  if (start === -1) return null
  const byText = new Map([...digitTokens].map(([token, text]) => [text, token]))

  const scores: number[] = []
  for (const { at } of findScores(reply, field.field)) {
    signal.throwIfAborted()
    const { index, lead } = findToken(model, said, start + at)
    if (index === 0) return null
    const here = promptTokens + index
    const before = Math.min(sequence.nextTokenIndex, here - 1)
    await rewind(sequence, before)
    const root = await chancesAfter(sequence, said.slice(before - promptTokens, index), digitTokens)

    const score = await expectedScore(field, async (spoken) => {
      if (spoken.length === 0) return root.flatMap((chance) => withoutLead(chance, lead))
      signal.throwIfAborted()
      const tokens = spoken.map((text, place) => byText.get(place === 0 ? lead + text : text) ?? byText.get(text))
      if (!tokens.every((token) => token !== undefined)) return null
      const next = await chancesAfter(sequence, tokens, digitTokens)
      await rewind(sequence, here)
      return next
    })
    if (score === null) return null
    scores.push(score)
  }
  return scores.length > 0 ? scores : null
}

async function rewind(sequence: LlamaContextSequence, length: number): Promise<void> {
  if (length < sequence.nextTokenIndex) await sequence.eraseContextTokenRanges([{ start: length, end: sequence.nextTokenIndex }])
}

async function chancesAfter(
  sequence: LlamaContextSequence,
  tokens: readonly Token[],
  digits: DigitTokens,
): Promise<TokenChance[]> {
  const last = tokens.length - 1
  const output = await sequence.controlledEvaluate(
    tokens.map((token, index) => (index === last ? [token, { generateNext: { probabilities: true } }] : token)),
  )
  const probabilities = output[last]?.next.probabilities
  if (!probabilities) return []
  return [...digits].map(([token, text]) => ({ text, probability: probabilities.get(token) ?? 0 }))
}

/** The token that holds the character at `offset`, and what the token says before that character (a blank, as a rule). */
function findToken(model: LlamaModel, tokens: readonly Token[], offset: number): { index: number; lead: string } {
  let low = 0
  let high = tokens.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (model.detokenize(tokens.slice(0, middle + 1)).length > offset) high = middle
    else low = middle + 1
  }
  const before = model.detokenize(tokens.slice(0, low)).length
  const upTo = model.detokenize(tokens.slice(0, low + 1))
  return { index: low, lead: upTo.slice(before, offset) }
}

function withoutLead({ text, probability }: TokenChance, lead: string): TokenChance[] {
  if (text.startsWith(lead)) return [{ text: text.slice(lead.length), probability }]
  return lead.trim() === '' ? [{ text: text.trimStart(), probability }] : []
}
