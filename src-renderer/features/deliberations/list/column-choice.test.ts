import { describe, expect, it } from 'vitest'
import { choiceOf, moved, shownColumns, toggled, widened } from './column-choice.ts'

const all = [
  { id: 'a', width: 10, usual: true as const },
  { id: 'b', width: null, usual: true as const, wide: true },
  { id: 'c', width: 30 },
]
const ids = (columns: readonly { id: string }[]) => columns.map(({ id }) => id).join('')

describe('the columns of a list', () => {
  it('are the usual ones until somebody chooses', () => {
    expect(ids(shownColumns(all, []))).toBe('ab')
    expect(ids(shownColumns(all, [{ id: 'gone', width: null }]))).toBe('ab')
  })

  it('keep the chosen order and width, and then show on small windows too', () => {
    const [first, second] = shownColumns(all, [
      { id: 'b', width: 99 },
      { id: 'a', width: null },
    ])
    expect([first?.width, first?.wide, second?.width]).toEqual([99, false, 10])
  })

  it('come and go, but never the last one', () => {
    const choice = choiceOf(all, [])
    expect(ids(toggled(choice, 'c'))).toBe('abc')
    expect(ids(toggled(toggled(choice, 'a'), 'b'))).toBe('b')
  })

  it('move one place, not beyond the ends', () => {
    const choice = choiceOf(all, [])
    expect([ids(moved(choice, 'a', 1)), ids(moved(choice, 'a', -1))]).toEqual(['ba', 'ab'])
  })

  it('take a width of their own', () => {
    expect(widened(choiceOf(all, []), 'a', 50)[0]).toEqual({ id: 'a', width: 50 })
  })
})
