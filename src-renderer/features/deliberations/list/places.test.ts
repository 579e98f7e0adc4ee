import { describe, expect, it } from 'vitest'
import { board } from '../board/test-board.ts'
import { placesOf } from './places.ts'
import { emptyRunList } from './run-list.ts'

const row = (task_id: string) => board({ row: { task_id } }).row
const list = { ...emptyRunList, rows: new Map(['a', 'b', 'c', 'd'].map((id, place) => [place, row(id)])), total: 100 }
const shown = (left: ReadonlyMap<string, number>, now: number, top: string[] = []) => {
  const { count, rowAt } = placesOf({ ...list, left }, top.map(row), now)
  return [count, [0, 1, 2, 3].map((index) => rowAt(index)?.task_id ?? '-').join('')]
}

describe('what a table shows where', () => {
  it('keeps a row that matches no longer for a moment, then closes the gap', () => {
    const left = new Map([
      ['a', 1000],
      ['c', 1000],
    ])
    expect([shown(left, 5999), shown(left, 6000)]).toEqual([
      [100, 'abcd'],
      [98, 'bd--'],
    ])
  })

  it('puts runs that came since on top', () => {
    expect(shown(new Map(), 0, ['y', 'x'])).toEqual([102, 'yxab'])
  })

  it('knows the place behind each row, so that pages are read where they belong', () => {
    const { placeAt } = placesOf({ ...list, left: new Map([['b', 0]]) }, [row('x')], 9000)
    expect([placeAt(1), placeAt(2), placeAt(60)]).toEqual([0, 2, 60])
  })
})
