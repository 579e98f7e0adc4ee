import { describe, expect, it } from 'vitest'
import { board } from '../board/test-board.ts'
import type { Row } from '../shapes.ts'
import { foldRunList, type RunList, type RunListUpdate } from './run-list.ts'
import { Sight } from './sight.ts'

const row = (task_id: string, more: Partial<Row> = {}): Row => board({ row: { task_id, ...more } }).row
const by_status = { PENDING: 0, IN_PROGRESS: 0, COMPLETED: 2, FAILED: 0, TIMEOUT: 0, CANCELLED: 0 }
const changes = (more: Partial<Extract<RunListUpdate, { type: 'changes' }>>): RunListUpdate => ({
  type: 'changes',
  upserts: [],
  left: [],
  fresh: [],
  fresh_total: 0,
  by_status,
  ...more,
})
const folded = (updates: readonly RunListUpdate[]): RunList | null =>
  updates.reduce<RunList | null>((value, update) => foldRunList(() => 5)(value, update), null)
const opened: readonly RunListUpdate[] = [
  { type: 'snapshot', rows: [row('b'), row('a')] },
  { type: 'totals', total: 120, by_status },
]

describe('what the page holds of an open list', () => {
  it('shows the first rows before their number is known', () => {
    const list = folded(opened.slice(0, 1))
    expect([list?.rows.get(1)?.task_id, list?.total]).toEqual(['a', null])
  })

  it('changes rows where they stand, and keeps those that match no longer', () => {
    const list = folded([...opened, changes({ upserts: [row('a', { title: 'Anew' })], left: ['b'] })])
    expect([list?.rows.get(0)?.task_id, list?.rows.get(1)?.title, list?.left.get('b')]).toEqual(['b', 'Anew', 5])
  })

  it('collects runs that come to match, the newest first, each once', () => {
    const list = folded([
      ...opened,
      changes({ fresh: [row('c')], fresh_total: 1 }),
      changes({ fresh: [row('d'), row('c', { title: 'Anew' })], fresh_total: 2 }),
    ])
    expect(list?.fresh.map(({ task_id, title }) => [task_id, title === 'Anew'])).toEqual([
      ['d', false],
      ['c', true],
    ])
  })

  it('never holds more than a thousand rows', () => {
    const pages = Array.from({ length: 40 }, (_, page): RunListUpdate => ({
      type: 'page',
      from: page * 50,
      rows: Array.from({ length: 50 }, (_each, index) => row(`${page * 50 + index}`)),
    }))
    const list = folded([...opened, ...pages])
    expect([list?.rows.size, list?.rows.has(1999), list?.rows.has(0)]).toEqual([1000, true, false])
  })
})

describe('the pages that are read', () => {
  it('are those in sight when the last one has come, not those that passed by', async () => {
    const sight = new Sight()
    const stop = new AbortController()
    const pages = sight.pages(50, stop.signal)
    sight.report(60, 90)
    expect((await pages.next()).value).toBe(1)
    sight.report(400, 440)
    sight.report(5000, 5040)
    expect((await pages.next()).value).toBe(100)
    stop.abort()
    expect((await pages.next()).done).toBe(true)
  })

  it('are read again when they come back after many others', async () => {
    const sight = new Sight()
    const pages = sight.pages(50, new AbortController().signal)
    const read: unknown[] = []
    for (const page of [1, 2, 3, 4, 5, 1]) {
      sight.report(page * 50, page * 50 + 20)
      read.push((await pages.next()).value)
    }
    expect(read).toEqual([1, 2, 3, 4, 5, 1])
  })
})
