import type { EmbeddedPlane } from '../../../cluster/entries/embedded.ts'
import type { RunFilter, RunQuery } from '../../../cluster/messages/deliberation-query.ts'
import type { DeliberationRow } from '../../../cluster/messages/deliberation-views.ts'
import { ConsoleError } from '../../../src-preload/contract/errors.ts'
import { LIST_ROWS, type ListUpdate } from '../../../src-preload/contract/deliberation.ts'
import { changes, pause } from './changes.ts'

const INTERVAL_MS = 200
/** While a filter is typed one list follows another: only one that stays is put in order as a whole. */
const SETTLED_MS = 100
/** Lists that may be open at once: a window has one or two. */
const MAX_OPEN = 64
/** Pages whose rows are watched: those sent last, more than fit into a window. */
const PAGES_IN_SIGHT = 4

type Queries = ReturnType<EmbeddedPlane['queries']>

/** One open list: which run has which place, and what its reader has in sight. */
interface OpenList {
  readonly queries: Queries
  readonly filter: RunFilter
  readonly places: readonly number[]
  /** By the number of a run: 1 if it has a place. */
  readonly placed: Uint8Array
  /** The rows that were sent last, a page each; whatever is in a window is among them. */
  readonly inSight: ReadonlyMap<string, number>[]
  /** Runs that came to match after the list was opened, in that order. */
  readonly fresh: Map<string, number>
}

export interface OpenLists {
  readonly watch: (input: { list_id: string; query: RunQuery }, signal: AbortSignal) => AsyncGenerator<ListUpdate>
  readonly rows: (input: { list_id: string; from: number; count: number }) => (DeliberationRow | null)[]
}

/** Lists whose runs keep their places while they are open. The order is kept as numbers here: eight bytes a run. */
export function openLists({ queries, runsChanged }: Pick<EmbeddedPlane, 'queries' | 'runsChanged'>): OpenLists {
  const lists = new Map<string, OpenList>()

  function open(query: RunQuery, first: ReadonlyMap<string, number>): OpenList {
    const now = queries()
    const places = now.list.all(query)
    const placed = new Uint8Array(places.reduce((most, number) => Math.max(most, number), 0) + 1)
    for (const number of places) placed[number] = 1
    return { queries: now, filter: query.filter, places, placed, inSight: [first], fresh: new Map() }
  }

  const totals = ({ places, filter }: OpenList): ListUpdate => ({
    type: 'totals',
    total: places.length,
    by_status: { ...queries().list.counts(filter) },
  })

  async function* watch(
    { list_id, query }: { list_id: string; query: RunQuery },
    signal: AbortSignal,
  ): AsyncGenerator<ListUpdate> {
    if (lists.size >= MAX_OPEN)
      throw new ConsoleError('overloaded', `${MAX_OPEN} lists are open already. Close a window.`, { retry_after_ms: 1000 })
    const changed = changes(runsChanged, INTERVAL_MS, signal)
    const opening = async function* (): AsyncGenerator<ListUpdate, OpenList> {
      const numbers = queries().list.page(query, LIST_ROWS) ?? []
      const rows = queries().rows(numbers, Date.now())
      yield { type: 'snapshot', rows: rows.filter(isThere) }
      await pause(SETTLED_MS, signal)
      signal.throwIfAborted()
      const list = open(query, sightOf(rows, numbers))
      lists.set(list_id, list)
      yield totals(list)
      return list
    }
    try {
      let list = yield* opening()
      for await (const keys of changed) {
        // Other tables serve: their runs have other numbers.
        if (list.queries !== queries()) list = yield* opening()
        else yield changesOf(list, keys)
      }
    } finally {
      lists.delete(list_id)
    }
  }

  function rows({ list_id, from, count }: { list_id: string; from: number; count: number }): (DeliberationRow | null)[] {
    const list = lists.get(list_id)
    if (!list || list.queries !== queries()) throw new ConsoleError('not-found', 'This list is not open any more.')
    const numbers = list.places.slice(from, from + count)
    const found = list.queries.rows(numbers, Date.now())
    list.inSight.push(sightOf(found, numbers))
    if (list.inSight.length > PAGES_IN_SIGHT) list.inSight.shift()
    return found.map((row) => row ?? null)
  }

  return { watch, rows }
}

function changesOf(list: OpenList, keys: ReadonlySet<string>): ListUpdate {
  const { queries, filter, placed, inSight, fresh } = list
  const matching = new Map(queries.list.matching(filter, [...keys]).map(({ task_id, number }) => [task_id, number]))
  const seen = new Map(inSight.flatMap((page) => [...page].filter(([taskId]) => keys.has(taskId))))
  const left = [...seen.keys(), ...fresh.keys()].filter((taskId) => keys.has(taskId) && !matching.has(taskId))
  for (const taskId of left) fresh.delete(taskId)
  for (const [taskId, number] of matching) if (placed[number] !== 1) fresh.set(taskId, number)
  const newest = [...fresh].slice(-LIST_ROWS).toReversed()
  const now = Date.now()
  const rowsOf = (runs: readonly (readonly [string, number])[]) =>
    queries.rows(
      runs.map(([, number]) => number),
      now,
    )
  return {
    type: 'changes',
    upserts: rowsOf([...seen]).filter(isThere),
    left,
    fresh: rowsOf(newest.filter(([taskId]) => keys.has(taskId))).filter(isThere),
    fresh_total: fresh.size,
    by_status: { ...queries.list.counts(filter) },
  }
}

function sightOf(rows: readonly (DeliberationRow | undefined)[], numbers: readonly number[]): Map<string, number> {
  return new Map(rows.flatMap((row, index) => (row ? [[row.task_id, numbers[index] ?? 0] as const] : [])))
}

const isThere = (row: DeliberationRow | undefined): row is DeliberationRow => row !== undefined
