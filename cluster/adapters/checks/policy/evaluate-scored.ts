import { compileFault } from './evaluate.ts'
import { evaluator, type Evaluated } from './expression.ts'
import { emptyVariables, readText, subjectsOf } from './scopes.ts'

/** What an additional check comes to on a text: its score, or why there is none. */
export type ScoredCheck =
  { readonly kind: 'scored'; readonly score: number } | { readonly kind: 'fault'; readonly reason: string }

/** The scores of a text by these expressions, in their order. */
export function evaluateScored(content: string, expressions: readonly string[]): ScoredCheck[] {
  const [whole] = subjectsOf(readText(content), { applies_to: 'text', languages: [] })
  return expressions.map((expression) => scoreOf(evaluator(expression)(whole?.variables ?? emptyVariables.text)))
}

/** What is wrong with the expression of an additional check, as far as it shows without a text; null when nothing is. */
export function faultOfScored(expression: string): string | null {
  let value: Evaluated
  try {
    value = evaluator(expression)(emptyVariables.text)
  } catch (fault) {
    return compileFault(fault)
  }
  if (value.kind === 'fault')
    return /^(unresolved|unbound|undeclared)/.test(value.reason)
      ? `${value.reason}; it can use ${Object.keys(emptyVariables.text).join(', ')}`
      : null
  const scored = scoreOf(value)
  return scored.kind === 'fault' ? scored.reason : null
}

function scoreOf(given: Evaluated): ScoredCheck {
  if (given.kind === 'fault') return given
  const { value } = given
  if (typeof value === 'boolean') return { kind: 'scored', score: value ? 1 : 0 }
  if (typeof value !== 'number' && typeof value !== 'bigint')
    return { kind: 'fault', reason: `it gives ${typeof value}, not a number from 0 to 1, true or false` }
  const score = Number(value)
  return score >= 0 && score <= 1
    ? { kind: 'scored', score }
    : { kind: 'fault', reason: `it gives ${score}, not a number from 0 to 1` }
}
