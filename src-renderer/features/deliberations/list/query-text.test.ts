import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fields, readQuery, termsOf, textOf, withTerm } from './query-text.ts'

const now = new Date(2026, 6, 16, 14, 30).getTime()
const read = (text: string) => readQuery(text, now)
const midnight = new Date(2026, 6, 16).getTime()

describe('a written query', () => {
  it.each<{ text: string; means: object }>([
    { text: '', means: { text: '', status: [], archived: 'no' } },
    { text: 'status:running,waiting', means: { status: ['IN_PROGRESS', 'PENDING'] } },
    { text: 'status:done status:failed', means: { status: ['COMPLETED', 'FAILED'] } },
    { text: 'role:developer retry policy', means: { role: ['developer'], text: 'retry policy' } },
    { text: 'model:"Qwen3 4B",small', means: { model: ['Qwen3 4B'], text: ',small' } },
    { text: 'model:"Qwen3 4B,small"', means: { model: ['Qwen3 4B', 'small'] } },
    { text: 'outcome:none archived:any', means: { outcome: ['none'], archived: 'any' } },
    { text: 'after:today', means: { created_from: midnight } },
    { text: 'after:24h before:2026-07-16', means: { created_from: now - 86_400_000, created_to: midnight } },
    { text: 'note:this', means: { text: 'note:this' } },
  ])('$text', ({ text, means }) => {
    expect(read(text).filter).toMatchObject(means)
    expect(read(text).problems).toEqual([])
  })

  it.each([
    ['status:sleeping', 'status:sleeping is not known; there are running, waiting, done, failed, timed-out, cancelled'],
    ['after:soon', 'after:soon is no time; write after:2026-07-16, after:24h, after:7d or after:today'],
    ['before:2026-13-45', 'before:2026-13-45 is no time; write before:2026-07-16, before:24h, before:7d or before:today'],
  ])('says what of %s cannot be understood', (text, problem) => {
    expect(read(text).problems).toEqual([problem])
  })

  it('takes more values into a condition that is there already, and replaces a time', () => {
    expect(withTerm('status:done x', 'status', 'failed')).toBe('status:done,failed x')
    expect(withTerm('after:24h', 'after', '7d')).toBe('after:7d')
    expect(withTerm('x', 'model', 'Qwen3 4B')).toBe('x model:"Qwen3 4B"')
  })

  it('means the same after it was taken apart into conditions and written again', () => {
    const term = fc.record({
      field: fc.constantFrom(null, ...fields),
      value: fc.stringMatching(/^[a-z0-9%.-]{1,8}( [a-z]{1,4})?$/),
    })
    fc.assert(
      fc.property(fc.array(term, { maxLength: 5 }), (terms) => {
        const text = textOf(terms)
        expect(textOf(termsOf(text))).toBe(text)
        expect(read(textOf(termsOf(text)))).toEqual(read(text))
      }),
    )
  })
})
