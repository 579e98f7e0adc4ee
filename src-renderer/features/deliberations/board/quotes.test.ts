import { describe, expect, it } from 'vitest'
import { excerptOf } from './excerpt.ts'
import { alignOffsets, cutAtQuotes, placeQuotes } from './quotes.ts'
import { problem } from './test-board.ts'

const text = 'Retry all 5xx. Then give up after ten attempts.'

describe('where a critic’s quotes stand', () => {
  it('is the recorded anchor in the version that was criticised', () => {
    const quotes = placeQuotes(text, [problem('P1', '5xx', 10)], [], true)
    expect(quotes).toEqual([{ problemId: 'P1', start: 10, end: 13, tone: 'major' }])
  })

  it('is searched word for word in a later version', () => {
    const later = `First: ${text}`
    expect(placeQuotes(later, [problem('P1', 'after ten attempts', 28)], [], false)).toMatchObject([{ start: 35, end: 53 }])
    expect(placeQuotes('All different.', [problem('P1', 'after ten attempts', 28)], [], false)).toEqual([])
  })

  it('is not guessed for quotes so short that they occur by chance', () => {
    expect(placeQuotes(`5xx ${text}`, [problem('P1', '5xx', 10)], [], false)).toEqual([])
  })

  it('is nowhere for a quote that the text never held', () => {
    expect(placeQuotes(text, [problem('P1', 'cheese', null)], [], true)).toEqual([])
  })

  it('turns to answered when the author says so', () => {
    const answers = [{ problem_id: 'P1', status: 'answered' as const, note: '' }]
    expect(placeQuotes(text, [problem('P1', '5xx', 10)], answers, true)).toMatchObject([{ tone: 'answered' }])
  })
})

describe('cutting a text at its quotes', () => {
  const offsets = Array.from('one two three', (_, at) => at)
  const quote = (problemId: string, start: number, end: number) => ({ problemId, start, end, tone: 'minor' as const })

  it('makes one piece per quoted stretch and names the problem where it ends', () => {
    const two = quote('P1', 4, 7)
    const pieces = cutAtQuotes('one two three', offsets, [two], new Set([two]))
    expect(pieces.map(({ text: piece, quoted, ends }) => [piece, quoted, ends.map((each) => each.problemId)])).toEqual([
      ['one ', false, []],
      ['two', true, ['P1']],
      [' three', false, []],
    ])
  })

  it('keeps overlapping quotes apart', () => {
    const first = quote('P1', 0, 7)
    const second = quote('P2', 4, 13)
    const pieces = cutAtQuotes('one two three', offsets, [first, second], new Set([first, second]))
    expect(pieces.map(({ text: piece, ends }) => [piece, ends.map((each) => each.problemId)])).toEqual([
      ['one ', []],
      ['two', ['P1']],
      [' three', ['P2']],
    ])
  })
})

describe('matching rendered text with its source', () => {
  it('skips markup that is not rendered', () => {
    const source = 'a\\*b\n   c'
    expect(alignOffsets('a*b\nc', source, 0, source.length)).toEqual([0, 2, 3, 4, 8])
  })

  it('gives up where the two cannot be the same', () => {
    expect(alignOffsets('<', '&lt;', 0, 4)).toBeNull()
  })
})

describe('an excerpt', () => {
  it('keeps the paragraphs that hold quotes and moves the quotes along', () => {
    const source = 'Alpha one.\n\nBeta two.\n\nGamma three.\n\nDelta four.'
    const at = (word: string) => source.indexOf(word)
    const quotes = [
      { problemId: 'P1', start: at('one'), end: at('one') + 3, tone: 'major' as const },
      { problemId: 'P2', start: at('three'), end: at('three') + 5, tone: 'minor' as const },
    ]
    const excerpt = excerptOf(source, quotes)
    expect(excerpt.text).toContain('Alpha')
    expect(excerpt.text).toContain('Gamma')
    expect(excerpt.text).not.toContain('Beta')
    expect(excerpt.text).not.toContain('Delta')
    expect(excerpt.quotes.map(({ start, end }) => excerpt.text.slice(start, end))).toEqual(['one', 'three'])
  })

  it('is empty without quotes', () => {
    expect(excerptOf('Alpha.\n\nBeta.', [])).toEqual({ text: '', quotes: [] })
  })
})
