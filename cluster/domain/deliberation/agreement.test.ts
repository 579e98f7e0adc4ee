import fc from 'fast-check'
import { expect, test } from 'vitest'
import { agreement, positionBias } from './agreement.ts'
import type { GivenScores } from './state.ts'

const rubric = [{ name: 'All', weight: 1 }]

/** `table[scorer][author]`; the diagonal is not used. */
function scores(table: readonly (readonly number[])[]): { authors: string[]; given: GivenScores[] } {
  const authors = table.map((_, i) => `agent-${i}`)
  const given = table.map((row, scorer) => ({
    scorerId: `agent-${scorer}`,
    scores: authors
      .map((author_id, i) => ({ author_id, i }))
      .filter(({ i }) => i !== scorer)
      .map(({ author_id, i }, position) => ({
        author_id,
        position,
        criteria: [{ name: 'All', stated: row[i]!, expected: null, reason: '' }],
        requirements: [],
      })),
  }))
  return { authors, given }
}

const agreementOf = (table: readonly (readonly number[])[]) => {
  const { authors, given } = scores(table)
  return agreement(authors, given, rubric)
}

test('scorers who rank alike agree fully, also where they give ties', () => {
  for (let count = 3; count <= 8; count += 1)
    fc.assert(
      fc.property(fc.array(fc.nat(10), { minLength: count, maxLength: count }), (worth) => {
        fc.pre(new Set(worth).size > 1 && agreementOf(worth.map(() => worth)) !== null)
        expect(agreementOf(worth.map(() => worth))).toBeCloseTo(1, 9)
      }),
      { numRuns: 60 },
    )
})

test('without ties it is Durbin’s W: 12 S over λ² t (t² − 1)', () => {
  // Scorers rank the three others: B<C<D, A<C<D, A<D<B, C<B<A. Rank sums A 5, B 6, C 5, D 8 about a mean of 6: S = 6.
  const table = [
    [0, 1, 2, 3],
    [1, 0, 2, 3],
    [1, 3, 0, 2],
    [3, 2, 1, 0],
  ]
  expect(agreementOf(table)).toBeCloseTo((12 * 6) / (2 ** 2 * 4 * (4 ** 2 - 1)), 12)
})

test('with ties the spread within the blocks takes the place of that of whole ranks', () => {
  // A ranks B below C; B has A and C level; C ranks A below B. Deviations from the mean rank: A −0.5, B 0, C 0.5.
  expect(
    agreementOf([
      [0, 1, 2],
      [5, 0, 5],
      [1, 2, 0],
    ]),
  ).toBeCloseTo((3 * 0.5) / (1 * 4 * 1), 12)
})

test('scorers who contradict each other in a circle agree not at all', () => {
  expect(
    agreementOf([
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
    ]),
  ).toBe(0)
})

test('below three agents, with a scorer missing or with nothing told apart there is no agreement to speak of', () => {
  expect(
    agreementOf([
      [0, 1],
      [1, 0],
    ]),
  ).toBeNull()
  const { authors, given } = scores([
    [0, 1, 2],
    [1, 0, 2],
    [1, 2, 0],
  ])
  expect(agreement(authors, given.slice(1), rubric)).toBeNull()
  expect(agreement([...authors, 'agent-3'], given, rubric)).toBeNull()
  expect(
    agreementOf([
      [0, 5, 5],
      [5, 0, 5],
      [5, 5, 0],
    ]),
  ).toBeNull()
})

test('agreement lies between 0 and 1', () => {
  const table = fc
    .integer({ min: 3, max: 6 })
    .chain((n) => fc.array(fc.array(fc.nat(10), { minLength: n, maxLength: n }), { minLength: n, maxLength: n }))
  fc.assert(
    fc.property(table, (any) => {
      const value = agreementOf(any)
      fc.pre(value !== null)
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThanOrEqual(1)
    }),
  )
})

test('position bias is the correlation of score and place shown', () => {
  const of = (values: readonly (readonly number[])[]) => positionBias(scores(values).given, rubric)
  expect(
    of([
      [0, 8, 2],
      [8, 0, 2],
      [8, 2, 0],
    ]),
  ).toBeCloseTo(-1, 12)
  expect(
    of([
      [0, 2, 8],
      [2, 0, 8],
      [2, 8, 0],
    ]),
  ).toBeCloseTo(1, 12)
  // Scores 1 2 | 2 1 | 1 3 at places 0 1: covariance 0.5 over spreads √(1.5 · 10/3).
  expect(
    of([
      [0, 1, 2],
      [2, 0, 1],
      [1, 3, 0],
    ]),
  ).toBeCloseTo(1 / Math.sqrt(1.5 * (10 / 3)), 12)
  expect(
    of([
      [0, 5, 5],
      [5, 0, 5],
      [5, 5, 0],
    ]),
  ).toBeNull()
  expect(
    of([
      [0, 5],
      [7, 0],
    ]),
  ).toBeNull()
})
