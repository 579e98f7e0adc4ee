import { useMemo } from 'react'
import { useSearchParams } from 'wouter'
import { usePreferences } from '../../../lib/shared-streams.tsx'
import { placeOf, viewsOf, type Place, type View } from './views.ts'

export interface ListAddress extends Place {
  readonly views: readonly View[]
  readonly setQuery: (q: string) => void
  readonly setSort: (sort: string) => void
  readonly openView: (view: View) => void
}

/** Query, order and view live in the address: a link opens the same list. */
export function useListAddress(): ListAddress {
  const [params, setParams] = useSearchParams()
  const { preferences } = usePreferences()
  const views = useMemo(() => viewsOf(preferences.list_views), [preferences.list_views])
  const place = placeOf(params, views)
  const put = (values: Readonly<Record<string, string>>, replace: boolean) =>
    setParams(() => new URLSearchParams(Object.entries(values).filter(([, value]) => value !== '')), { replace })
  return {
    ...place,
    views,
    setQuery: (q) => put({ q: q.slice(0, 500), sort: place.sort }, true),
    setSort: (sort) => put(place.view ? { view: place.view.name, sort } : { q: place.q, sort }, true),
    openView: (view) => put(view.name === 'All' ? {} : { view: view.name }, false),
  }
}
