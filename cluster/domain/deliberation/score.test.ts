import { expect, test } from 'vitest'
import { checksScore, rubricVerdict, totalScore } from './score.ts'
import type { CheckResult } from './types.ts'

const check = (name: string, status: CheckResult['status']): CheckResult => ({ check: name, status, message: '', warnings: 0 })
const checks = (policy: CheckResult['status'], lint: CheckResult['status'], dryrun: CheckResult['status']) => [
  check('policy', policy),
  check('lint', lint),
  check('dryrun', dryrun),
]

test.each([
  { of: checks('passed', 'failed', 'passed'), score: 0.6667, total: 0.7333 },
  { of: checks('passed', 'failed', 'skipped'), score: 0.5, total: 0.65 },
  { of: checks('passed', 'error', 'skipped'), score: 0.5, total: 0.65 },
  { of: [...checks('passed', 'skipped', 'skipped'), check('spelling', 'failed')], score: 1, total: 0.9 },
])(
  'check 3: executed checks count 1 or 0, an error counts 0, and with a rubric score of 0.8 at equal weight the score is $total',
  ({ of, score, total }) => {
    expect(checksScore(of)).toBeCloseTo(score, 4)
    expect(totalScore(checksScore(of), 0.8, 0.5)).toBeCloseTo(total, 4)
  },
)

test.each([
  // (1 + 0 + 1 + 0.5) ÷ 4, and half of it with half of 0.8
  { of: [...checks('passed', 'failed', 'passed'), { ...check('brevity', 'passed'), score: 0.5 }], score: 0.625, total: 0.7125 },
  // (1 + 0.25) ÷ 2: what was skipped does not count
  {
    of: [...checks('passed', 'skipped', 'skipped'), { ...check('brevity', 'failed'), score: 0.25 }],
    score: 0.625,
    total: 0.7125,
  },
  // (1 + 0.9 + 0) ÷ 3: one that could not be evaluated scores 0
  {
    of: [
      ...checks('passed', 'skipped', 'skipped'),
      { ...check('brevity', 'passed'), score: 0.9 },
      { ...check('sources', 'error'), score: 0 },
    ],
    score: 0.6333,
    total: 0.7167,
  },
])(
  'check 3: additional checks join the mean with their score: $score, $total with a rubric score of 0.8',
  ({ of, score, total }) => {
    expect(checksScore(of)).toBeCloseTo(score, 4)
    expect(totalScore(checksScore(of), 0.8, 0.5)).toBeCloseTo(total, 4)
  },
)

test('check 3: where no check ran the rubric score is the score, and where nobody scored either there is none', () => {
  const none = checksScore(checks('skipped', 'skipped', 'skipped'))
  expect(none).toBeNull()
  expect(totalScore(none, 0.8, 0.5)).toBe(0.8)
  expect(totalScore(0.5, null, 0.5)).toBe(0.5)
  expect(totalScore(none, null, 0.5)).toBeNull()
})

test('the rubric weight says how much the peers count', () => {
  expect(totalScore(1, 0.5, 0.2)).toBeCloseTo(0.9, 10)
  expect(totalScore(1, 0.5, 1)).toBe(0.5)
})

const rubric = [
  { name: 'Correctness', weight: 0.75 },
  { name: 'Clarity', weight: 0.25 },
]
const given = (scorerId: string, correctness: [number, number | null], clarity: [number, number | null]) => ({
  scorerId,
  scores: [
    {
      author_id: 'a',
      position: 0,
      criteria: [
        { name: 'Correctness', stated: correctness[0], expected: correctness[1], reason: `${scorerId} on correctness` },
        { name: 'Clarity', stated: clarity[0], expected: clarity[1], reason: `${scorerId} on clarity` },
      ],
      requirements: [],
    },
  ],
})

test('the rubric score is the weighted mean over the criteria of the mean over the scorers, from 0 to 1', () => {
  const verdict = rubricVerdict('a', [given('b', [8, null], [4, null]), given('c', [6, null], [8, null])], rubric)
  expect(verdict.score).toBeCloseTo(0.75 * 0.7 + 0.25 * 0.6, 10)
  expect(verdict.source).toBe('stated')
  expect(verdict.scorers).toBe(2)
  expect(verdict.criteria[1]).toEqual({
    name: 'Clarity',
    weight: 0.25,
    score: 0.6,
    reasons: [
      { scorer_id: 'b', score: 0.4, reason: 'b on clarity' },
      { scorer_id: 'c', score: 0.8, reason: 'c on clarity' },
    ],
  })
})

test('a probability-weighted score counts where there is one; the source is "expected" only when all are', () => {
  const all = rubricVerdict('a', [given('b', [10, 4.5], [10, 5.5])], rubric)
  expect(all.score).toBeCloseTo(0.75 * 0.45 + 0.25 * 0.55, 10)
  expect(all.source).toBe('expected')
  const some = rubricVerdict('a', [given('b', [10, 4.5], [10, null])], rubric)
  expect(some.score).toBeCloseTo(0.75 * 0.45 + 0.25, 10)
  expect(some.source).toBe('stated')
})

test('a text that nobody scored has no rubric score', () => {
  expect(rubricVerdict('x', [given('b', [8, null], [4, null])], rubric)).toMatchObject({
    score: null,
    source: 'none',
    scorers: 0,
  })
})
