/** Rows after a delta: changed ones replaced where they stand, new ones first, removed ones gone. The input is not touched. */
export function mergeRows<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  upserts: readonly Row[],
  removed: readonly string[] = [],
): Row[] {
  const changed = new Map(upserts.map((row) => [keyOf(row), row]))
  const gone = new Set(removed)
  const kept = rows.flatMap((row) => {
    const key = keyOf(row)
    const next = changed.get(key) ?? row
    changed.delete(key)
    return gone.has(key) ? [] : [next]
  })
  return [...[...changed.values()].filter((row) => !gone.has(keyOf(row))), ...kept]
}

interface ListState<Row, Counts> {
  readonly rows: Row[]
  readonly counts: Counts
}

type ListDelta<Row, Counts> =
  | ({ readonly type: 'snapshot' } & ListState<Row, Counts>)
  | {
      readonly type: 'changes'
      readonly upserts: readonly Row[]
      readonly removed: readonly string[]
      readonly counts: Counts
    }

/** Folds a list stream: a snapshot replaces, changes merge. Newest first, as the host sorts. */
export function foldList<Row extends { readonly created_at: number }, Counts>(
  keyOf: (row: Row) => string,
): (value: ListState<Row, Counts> | null, update: ListDelta<Row, Counts>) => ListState<Row, Counts> {
  return (value, update) => {
    const { counts } = update
    if (update.type === 'snapshot') return { rows: update.rows, counts }
    const rows = mergeRows(value?.rows ?? [], keyOf, update.upserts, update.removed)
    return { rows: rows.toSorted((a, b) => b.created_at - a.created_at), counts }
  }
}
