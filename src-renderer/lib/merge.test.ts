import { describe, expect, it } from 'vitest'
import { foldList, mergeRows } from './merge.ts'

const row = (id: string, created_at: number, word = '') => ({ id, created_at, word })
const fold = foldList<ReturnType<typeof row>, { all: number }>((each) => each.id)

describe('a list from snapshot and changes', () => {
  it('a changed row keeps its place, a new one comes first, a removed one goes', () => {
    const rows = [row('a', 3), row('b', 2), row('c', 1)]
    expect(mergeRows(rows, (each) => each.id, [row('b', 2, 'changed'), row('d', 4)], ['c'])).toEqual([
      row('d', 4),
      row('a', 3),
      row('b', 2, 'changed'),
    ])
  })

  it('a snapshot replaces what was there; changes keep the newest first', () => {
    const first = fold(null, { type: 'snapshot', rows: [row('a', 1)], counts: { all: 1 } })
    const second = fold(first, {
      type: 'changes',
      upserts: [row('c', 3), row('b', 2)],
      removed: [],
      counts: { all: 3 },
    })
    expect(second).toEqual({ rows: [row('c', 3), row('b', 2), row('a', 1)], counts: { all: 3 } })
    expect(fold(second, { type: 'snapshot', rows: [], counts: { all: 0 } }).rows).toEqual([])
  })

  it('a row that is changed and removed at once is gone', () => {
    expect(mergeRows([row('a', 1)], (each) => each.id, [row('a', 1, 'late')], ['a'])).toEqual([])
  })
})
