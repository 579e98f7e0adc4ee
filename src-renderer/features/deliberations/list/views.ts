import type { SavedView } from '../../../../src-preload/contract/settings.ts'
import { runOrder, runSortKey, type RunOrder } from '../../../../src-preload/contract/deliberation.ts'
import type { NewestRuns } from '../../../lib/use-runs.ts'

export interface View extends SavedView {
  /** Shipped ones cannot be renamed or removed. */
  readonly shipped: boolean
  readonly count: ((counts: NewestRuns['counts']) => number) | null
}

const shipped = (name: string, q: string, count: View['count']): View => ({
  name,
  q,
  sort: '',
  columns: [],
  shipped: true,
  count,
})

const shippedViews: readonly View[] = [
  shipped('All', '', (counts) => counts.all),
  shipped('Running', 'status:running,waiting', (counts) => counts.running),
  shipped('Done', 'status:done', (counts) => counts.done),
  shipped('Failed or stopped', 'status:failed,timed-out,cancelled', (counts) => counts.failed),
  shipped('Waits for verdict', 'status:done outcome:none', null),
  shipped('Archived', 'archived:yes', null),
]

export function viewsOf(saved: readonly SavedView[]): readonly View[] {
  return [...shippedViews, ...saved.map((view) => ({ ...view, shipped: false, count: null }))]
}

/** Where a list stands: a view by name, or a query and an order of its own. */
export interface Place {
  readonly q: string
  readonly sort: string
  /** The view that this is, unchanged. */
  readonly view: View | null
}

/** What an address means. A view's name alone opens it as it is saved now. */
export function placeOf(params: URLSearchParams, views: readonly View[]): Place {
  const named = views.find((view) => view.name === params.get('view'))
  if (named) return { q: named.q, sort: params.get('sort') ?? named.sort, view: named }
  const q = params.get('q') ?? ''
  return { q, sort: params.get('sort') ?? '', view: views.find((view) => view.q === q && view.columns.length === 0) ?? null }
}

/** `-cost`: the dearest first; `score`: the lowest first; anything else: the newest first. */
export function orderOf(sort: string): RunOrder {
  const by = runSortKey.safeParse(sort.replace(/^-/, ''))
  return runOrder.parse(by.success ? { by: by.data, descending: sort.startsWith('-') } : {})
}

export function sortOf({ by, descending }: RunOrder): string {
  return by === 'created' && descending ? '' : `${descending ? '-' : ''}${by}`
}

/** Words are read from A to Z first, numbers from the largest. */
const wordKeys = new Set<string>(['title', 'id', 'role', 'leader', 'status', 'outcome'])

/** The order after a press on a column's head: the usual one first, then the other way round. */
export function orderAfterPress(now: RunOrder, columnId: string): RunOrder {
  const by = runSortKey.safeParse(columnId)
  if (!by.success) return now
  return { by: by.data, descending: now.by === by.data ? !now.descending : !wordKeys.has(by.data) }
}
