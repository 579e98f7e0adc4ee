import { expect, it } from 'vitest'
import { isMarked, markedCount, noMarks, withMarked, type Marks } from './marks.ts'

it('marks are set and taken away by id', () => {
  const marks = withMarked(withMarked(noMarks, ['a', 'b'], true), ['a'], false)
  expect([isMarked(marks, 'a'), isMarked(marks, 'b'), markedCount(marks)]).toEqual([false, true, 1])
})

it('all that match are marked, but for those that were taken out', () => {
  const all: Marks = {
    kind: 'query',
    query: {
      filter: { status: [], role: [], model: [], outcome: [], archived: 'no', created_from: null, created_to: null, text: '' },
      order: { by: 'created', descending: true },
    },
    total: 4213,
    without: new Set(),
  }
  const marks = withMarked(all, ['x'], false)
  expect([isMarked(marks, 'x'), isMarked(marks, 'never seen'), markedCount(marks)]).toEqual([false, true, 4212])
  expect(markedCount(withMarked(marks, ['x'], true))).toBe(4213)
})
