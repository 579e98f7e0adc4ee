import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { claimable, claimOrder, claimScore, type Claimant } from './claim-order.ts'

const HOUR = 3600
const claimant = (batchId: string, more: Partial<Claimant> = {}): Claimant => ({
  batchId,
  model: 'small',
  tenant: batchId,
  secondsLeft: 24 * HOUR,
  offset: 0,
  workSeconds: 60,
  active: 0,
  maxActive: 6,
  ...more,
})
const ids = (list: readonly Claimant[]) => list.map(({ batchId }) => batchId).join(' ')

describe('who claims next', () => {
  test('check 7: weighs fairness 0.7 and the deadline 0.3: tenant B with 1 of 6 running goes before A with 3 of 6', () => {
    const a = claimant('A', { active: 3, secondsLeft: 4 * HOUR })
    const b = claimant('B', { active: 1, secondsLeft: 20 * HOUR })
    expect(claimScore(a, 0.3)).toBeCloseTo(0.4, 3)
    expect(claimScore(b, 0.3)).toBeCloseTo(0.367, 3)
    expect(ids(claimOrder([a, b]))).toBe('B A')
  })

  test.each([
    [
      'a batch without laxity goes before any score',
      [claimant('fair'), claimant('late', { active: 6, secondsLeft: HOUR, workSeconds: HOUR })],
      'late fair',
    ],
    [
      'the earliest deadline goes first among those',
      [
        claimant('later', { secondsLeft: 2 * HOUR, workSeconds: 2 * HOUR, active: 0 }),
        claimant('sooner', { secondsLeft: HOUR, workSeconds: HOUR, active: 6 }),
      ],
      'sooner later',
    ],
    [
      'batches that only together have no laxity have none',
      [
        claimant('third', { secondsLeft: 20 * HOUR, workSeconds: HOUR }),
        claimant('second', { secondsLeft: 10 * HOUR, workSeconds: 5 * HOUR, active: 5 }),
        claimant('first', { secondsLeft: 9 * HOUR, workSeconds: 5 * HOUR, active: 6 }),
      ],
      'second third first',
    ],
    [
      'work on another model takes nothing away',
      [
        claimant('one', { secondsLeft: 10 * HOUR, workSeconds: 9 * HOUR, active: 1 }),
        claimant('two', { secondsLeft: 10 * HOUR, workSeconds: 9 * HOUR, model: 'large' }),
      ],
      'two one',
    ],
    [
      'unknown work is no hurry',
      [claimant('unknown', { secondsLeft: HOUR, workSeconds: null, active: 6 }), claimant('known')],
      'known unknown',
    ],
    [
      "of those with time to spare the operator's offset goes before fairness and deadline",
      [
        claimant('plain', { secondsLeft: 10 * HOUR }),
        claimant('down', { offset: -1, secondsLeft: 5 * HOUR }),
        claimant('up', { offset: 1, active: 5 }),
      ],
      'up plain down',
    ],
    [
      'no offset holds back a batch without laxity',
      [claimant('up', { offset: 2 }), claimant('late', { offset: -2, secondsLeft: HOUR, workSeconds: HOUR })],
      'late up',
    ],
    ['equals go by their ids', [claimant('b'), claimant('a')], 'a b'],
  ])('%s', (_name, claimants, order) => {
    expect(ids(claimOrder(claimants))).toBe(order)
  })

  test('with a weight of 0 only fairness counts', () => {
    const rules = { deadlineWeight: 0, marginSeconds: 0 }
    expect(ids(claimOrder([claimant('A', { active: 2, secondsLeft: HOUR }), claimant('B', { active: 1 })], rules))).toBe('B A')
  })

  test('rows are claimed from the first four batches of each model', () => {
    const small = ['a', 'b', 'c', 'd', 'e'].map((id) => claimant(id))
    expect(ids(claimable([...small, claimant('x', { model: 'large' })]))).toBe('a b c d x')
  })
})

const claimants = fc.uniqueArray(
  fc.record({
    batchId: fc.string({ minLength: 1, maxLength: 3 }),
    model: fc.constantFrom('small', 'large'),
    tenant: fc.constantFrom('a', 'b'),
    secondsLeft: fc.integer({ min: -1000, max: 200_000 }),
    offset: fc.integer({ min: -2, max: 2 }),
    workSeconds: fc.option(fc.integer({ min: 0, max: 100_000 })),
    active: fc.integer({ min: 0, max: 8 }),
    maxActive: fc.integer({ min: 0, max: 8 }),
  }),
  { selector: ({ batchId }) => batchId, maxLength: 12 },
)

test('the order is a permutation, and does not depend on the order that it was given', () => {
  fc.assert(
    fc.property(claimants, (list) => {
      const order = claimOrder(list)
      expect([...order].sort((a, b) => (a.batchId < b.batchId ? -1 : 1))).toEqual(
        [...list].sort((a, b) => (a.batchId < b.batchId ? -1 : 1)),
      )
      expect(claimOrder([...list].reverse())).toEqual(order)
    }),
  )
})
