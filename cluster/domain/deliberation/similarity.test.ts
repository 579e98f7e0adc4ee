import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decideChecks } from './decide.ts'
import { cosine, joinVectors, meanPairwiseCosine, measure, measureOfResult, partsOf, textsOf } from './similarity.ts'
import { passedChecks, play, sampleMeasure, sampleSpec } from './sample-runs.ts'
import { applyEvents } from './state.ts'

describe('the cosine of two vectors', () => {
  test.each([
    [[1, 0], [2, 0], 1],
    [[1, 0], [0, 3], 0],
    [[1, 0], [-1, 0], -1],
    [[3, 4], [4, 3], 0.96],
    [[0, 0], [1, 1], 0],
  ])('of %j and %j is %d', (a, b, is) => {
    expect(cosine(a, b)).toBeCloseTo(is, 12)
  })

  test('is averaged over all pairs, and there is none below two', () => {
    expect(
      meanPairwiseCosine([
        [1, 0],
        [0, 1],
        [1, 0],
      ]),
    ).toBeCloseTo(1 / 3, 12)
    expect(meanPairwiseCosine([[1, 0]])).toBeNull()
  })

  test('does not depend on the order of the texts', () => {
    const vector = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(fc.array(vector, { minLength: 2, maxLength: 5 }), (vectors) => {
        expect(meanPairwiseCosine(vectors.toReversed())).toBeCloseTo(meanPairwiseCosine(vectors) ?? NaN, 9)
      }),
    )
  })
})

describe('a text in parts', () => {
  test('is whole where it is short', () => {
    expect(partsOf(' Retry three times. ')).toEqual({ parts: ['Retry three times.'], truncated: false })
    expect(partsOf('')).toEqual({ parts: [''], truncated: false })
  })

  test('is cut between words, loses none of them, and says where it was not read to its end', () => {
    const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`).join(' ')
    const { parts, truncated } = partsOf(words(500))
    expect(truncated).toBe(false)
    expect(parts.join(' ')).toBe(words(500))
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(1000)
    expect(partsOf(words(3000))).toMatchObject({ truncated: true, parts: { length: 12 } })
  })

  test('has the mean of their directions, the longer ones counting more', () => {
    expect(
      joinVectors([
        { vector: [10, 0], weight: 3 },
        { vector: [0, 1], weight: 1 },
      ]),
    ).toEqual([3, 1])
  })
})

describe('what is measured of a result', () => {
  const { state } = play(sampleSpec({ count: 2, rounds: 1 }))
  const order = measureOfResult(state)

  test('are the first and the final texts of each author, and the task', () => {
    expect(order.firsts.map(({ content }) => content)).toEqual([
      'Proposal of agent-developer-001: retry three times.',
      'Proposal of agent-developer-002: retry three times.',
    ])
    expect(order.finals.map(({ content }) => content.split('\n')[0])).toEqual([
      'Revision 1 of agent-developer-001.',
      'Revision 1 of agent-developer-002.',
    ])
    expect(textsOf(order)).toHaveLength(5)
  })

  test('is how far the texts are apart, before and after the debate, and how near the task', () => {
    const vectors = new Map(
      [
        ...order.firsts.map(({ content }, index) => [content, index === 0 ? [1, 0] : [0, 1]] as const),
        ...order.finals.map(({ content }, index) => [content, index === 0 ? [3, 4] : [4, 3]] as const),
      ].concat([[order.task, [1, 0]]]),
    )
    expect(measure(order, (text) => vectors.get(text) ?? [])).toEqual({
      diversity: 0.04,
      first_diversity: 1,
      relevance: 0.7,
    })
  })

  test('is recorded beside the checks, and moves no score', () => {
    const { events } = play(sampleSpec())
    const checkedAt = events.findIndex((event) => event.type === 'deliberation.checked')
    const open = applyEvents(undefined, events.slice(0, checkedAt), 0)
    const measured = sampleMeasure(measureOfResult(open), 0.5)
    const [first, second] = decideChecks(open, passedChecks(open), 1, measured)
    expect([first, second?.type]).toEqual([{ type: 'deliberation.measured', data: measured }, 'deliberation.checked'])
    expect(decideChecks(open, passedChecks(open), 1)).toEqual(decideChecks(open, passedChecks(open), 1, measured).slice(1))
  })
})
