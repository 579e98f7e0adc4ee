import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { runQuery } from '../../../cluster/messages/deliberation-query.ts'
import { createPartStore } from '../../../cluster/read-models/deliberations/parts.ts'
import { deliberationQueries } from '../../../cluster/read-models/deliberations/queries.ts'
import { deliberationTables } from '../../../cluster/read-models/deliberations/tables.ts'
import type { ListUpdate } from '../../../src-preload/contract/deliberation.ts'
import { openLists } from './open-lists.ts'

const t = (name: string): string => `v1_${name}`

/** Ten ended runs dlb-0 … dlb-9, each dearer than the one before, over real tables. */
function plane() {
  const db = new Database(':memory:')
  db.exec(deliberationTables(t))
  const store = createPartStore(db, t)
  const add = (index: number) =>
    store.insertRun(
      { task_id: `dlb-${index}`, title: `T${index}`, status: 'COMPLETED', created_at: index, deadline: 9, cost_micro_usd: index },
      [],
    )
  for (let index = 0; index < 10; index++) add(index)
  const listeners = new Set<(ids: Iterable<string>) => void>()
  let serving = deliberationQueries(db, t)
  return {
    store,
    add,
    changed: (...ids: string[]) => listeners.forEach((listener) => listener(ids)),
    rebuilt: () => (serving = deliberationQueries(db, t)),
    lists: openLists({
      queries: () => serving,
      runsChanged: (listener) => {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    }),
  }
}

async function opened(input: object = {}) {
  const { lists, ...rest } = plane()
  const stop = new AbortController()
  const updates = lists.watch({ list_id: 'list-0001', query: runQuery.parse(input) }, stop.signal)
  const next = async (): Promise<ListUpdate> => {
    const item = await updates.next()
    if (item.done === true) throw new Error('The stream ended.')
    return item.value
  }
  const first = [await next(), await next()]
  return { ...rest, first, next, lists, rows: (from: number, count: number) => lists.rows({ list_id: 'list-0001', from, count }) }
}

const dear = { order: { by: 'cost', descending: true } }

describe('an open list', () => {
  it('sends its first rows, then how many there are', async () => {
    const { first } = await opened(dear)
    expect(first[0]?.type === 'snapshot' && first[0].rows.map((row) => row.task_id).slice(0, 2)).toEqual(['dlb-9', 'dlb-8'])
    expect(first[1]).toMatchObject({ type: 'totals', total: 10, by_status: { COMPLETED: 10 } })
  })

  it('keeps every run in its place when what it is sorted by changes', async () => {
    const { store, changed, next, rows } = await opened(dear)
    store.update('dlb-0', { cost_micro_usd: 1000 })
    changed('dlb-0')
    expect(await next()).toMatchObject({ upserts: [{ task_id: 'dlb-0', cost_micro_usd: 1000 }], left: [], fresh_total: 0 })
    expect(rows(9, 5).map((row) => row?.task_id)).toEqual(['dlb-0'])
  })

  it('says which rows in sight match no longer, and which runs have come to match', async () => {
    const { store, changed, add, next } = await opened({ filter: { status: ['COMPLETED'] } })
    store.update('dlb-5', { status: 'FAILED' })
    add(10)
    changed('dlb-5', 'dlb-10')
    expect(await next()).toMatchObject({ left: ['dlb-5'], fresh: [{ task_id: 'dlb-10' }], fresh_total: 1 })
  })

  it('leaves a hole where retention removed a run', async () => {
    const { store, rows } = await opened()
    store.expire('dlb-8', 20)
    expect(rows(0, 3).map((row) => row?.task_id ?? null)).toEqual(['dlb-9', null, 'dlb-7'])
  })

  it('begins anew when other tables serve', async () => {
    const { rebuilt, changed, next } = await opened()
    rebuilt()
    changed('dlb-1')
    expect([(await next()).type, (await next()).type]).toEqual(['snapshot', 'totals'])
  })

  it('is closed when its stream ends', async () => {
    const { lists } = plane()
    const stop = new AbortController()
    const updates = lists.watch({ list_id: 'list-0001', query: runQuery.parse({}) }, stop.signal)
    await updates.next()
    await updates.next()
    await updates.return(undefined)
    expect(() => lists.rows({ list_id: 'list-0001', from: 0, count: 1 })).toThrow('not open any more')
  })
})
