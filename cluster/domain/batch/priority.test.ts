import { describe, expect, test } from 'vitest'
import { isHigh, priorityOf } from './priority.ts'

const HOUR = 3_600_000

describe('the priority', () => {
  test.each([
    ['overdue', -1, 0, 0, 10],
    ['with under 2 h left', 1.99, 0, 0, 10],
    ['with 2 h left', 2, 0, 0, 8],
    ['with under 6 h left', 5.99, 0, 0, 8],
    ['with 6 h left', 6, 0, 0, 5],
    ['with under 12 h left', 11.99, 0, 0, 5],
    ['with 12 h left', 12, 0, 0, 3],
    ['with 500 requests left', 24, 500, 0, 3],
    ['with more than 500 left', 24, 501, 0, 4],
    ['lowered by an operator', 24, 0, -2, 1],
    ['never below 1', 24, 0, -9, 1],
    ['never above 10', 1, 501, 2, 10],
  ])('of a batch %s', (_name, hours, requests, offset, priority) => {
    expect(priorityOf(hours * HOUR, requests, offset)).toBe(priority)
  })

  test('check 6: of a LOW batch with 24 h left becomes HIGH below 6 h by itself', () => {
    expect(isHigh(priorityOf(24 * HOUR, 100, 0))).toBe(false)
    expect(isHigh(priorityOf(5.9 * HOUR, 100, 0))).toBe(true)
  })
})
