import type { RunQuery } from '../../../../src-preload/contract/deliberation.ts'

/** What is marked: runs one by one, or all that a query matches, but for some. Marks belong to ids: paging and updates leave them. */
export type Marks =
  | { readonly kind: 'some'; readonly ids: ReadonlySet<string> }
  | { readonly kind: 'query'; readonly query: RunQuery; readonly total: number; readonly without: ReadonlySet<string> }

export const noMarks: Marks = { kind: 'some', ids: new Set() }

export function isMarked(marks: Marks, id: string): boolean {
  return marks.kind === 'some' ? marks.ids.has(id) : !marks.without.has(id)
}

export function markedCount(marks: Marks): number {
  return marks.kind === 'some' ? marks.ids.size : marks.total - marks.without.size
}

/** All of `ids` marked or unmarked. */
export function withMarked(marks: Marks, ids: readonly string[], marked: boolean): Marks {
  const change = (set: ReadonlySet<string>, add: boolean) => {
    const next = new Set(set)
    for (const id of ids)
      if (add) next.add(id)
      else next.delete(id)
    return next
  }
  return marks.kind === 'some'
    ? { kind: 'some', ids: change(marks.ids, marked) }
    : { ...marks, without: change(marks.without, !marked) }
}
