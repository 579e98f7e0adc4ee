import { describe, expect, it } from 'vitest'
import { expectedScore, type TokenChance } from './expected-score.ts'
import { findScores } from './score-positions.ts'

const TEN = { min: 0, max: 10 }

/** What comes next after the tokens joined by a bar. */
function tree(chances: Record<string, Record<string, number>>) {
  return (spoken: readonly string[]): Promise<readonly TokenChance[] | null> => {
    const next = chances[spoken.join('|')]
    return Promise.resolve(next ? Object.entries(next).map(([text, probability]) => ({ text, probability })) : null)
  }
}

describe('The expected score', () => {
  it.each([
    ['is the number itself when the model is certain', { '': { '7': 1 } }, 7],
    ['weighs the numbers by their probability', { '': { '6': 0.25, '8': 0.75 } }, 7.5],
    ['leaves out what is no number, or none of the allowed', { '': { '4': 0.2, '6': 0.2, '"': 0.5, '42': 0.1 } }, 5],
    ['reads a number that is one token', { '': { '10': 0.5, '5': 0.5 } }, 7.5],
    ['reads a number that is two tokens', { '': { '1': 0.5, '5': 0.5 }, '1': { '0': 1 } }, 7.5],
    ['tells 1 from 10 by what follows', { '': { '1': 1 }, '1': { '0': 0.5, '5': 0.1 } }, (0.5 * 10 + 0.4 * 1) / 0.9],
    ['leaves out what it cannot tell apart', { '': { '1': 0.5, '9': 0.5 } }, 9],
    ['reads a number and what ends it in one token', { '': { '3}': 1 } }, 3],
    ['takes no number with a zero before it', { '': { '07': 0.9, '5': 0.1 } }, 5],
    ['is nothing when no number is in sight', { '': { '"': 1 } }, null],
    ['is nothing when the engine shows nothing', {}, null],
  ])('%s', async (_what, chances: Record<string, Record<string, number>>, expected) => {
    const score = await expectedScore(TEN, tree(chances))
    if (expected === null) expect(score).toBeNull()
    else expect(score).toBeCloseTo(expected, 10)
  })

  it('follows numbers of three tokens', async () => {
    const chances = { '': { '1': 0.5, '2': 0.5 }, '1': { '0': 1 }, '1|0': { '0': 1 }, '2': {} }
    expect(await expectedScore({ min: 1, max: 100 }, tree(chances))).toBe(51)
  })
})

describe('Scores are found in a JSON text', () => {
  it.each([
    ['in order, at any depth', '{"a": {"score": 3}, "b": [{"score":10}]}', ['3', '10']],
    ['but not inside strings', String.raw`{"note": "\"score\": 5", "score": 4}`, ['4']],
    ['but not under other keys', '{"scores": 1, "my score": 2, "score": 3}', ['3']],
    ['but not where they are no numbers', '{"score": "7", "score": null}', []],
  ])('%s', (_what, json, digits) => {
    const found = findScores(json, 'score')
    expect(found.map((one) => one.digits)).toEqual(digits)
    for (const { at, digits: number } of found) expect(json.slice(at).startsWith(number)).toBe(true)
  })
})
