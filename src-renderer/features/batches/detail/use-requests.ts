import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { RequestRow, RequestState } from '../../../../src-preload/contract/batch.ts'
import { useHost } from '../../../lib/console.tsx'
import { messageOf } from '../../../lib/failure.ts'

export interface RequestFilter {
  readonly states: readonly RequestState[]
  readonly code: string | null
  readonly text: string
}

export interface Requests {
  /** Null until the first page is there. */
  readonly total: number | null
  readonly rowAt: (place: number) => RequestRow | undefined
  readonly report: (first: number, last: number) => void
  readonly failure: string | null
}

const PAGE = 100

/** Requests of a batch a page at a time, as they come into sight, with the outcomes of its retries where `merged`; `version` grows when what is in sight is to be read anew. */
export function useRequests(batchId: string, filter: RequestFilter, merged: boolean, version: number): Requests {
  const host = useHost()
  const key = JSON.stringify([batchId, filter, merged])
  const [pages, setPages] = useState<{
    readonly key: string
    readonly total: number | null
    readonly rows: ReadonlyMap<number, readonly RequestRow[]>
  }>({ key, total: null, rows: new Map() })
  const [failure, setFailure] = useState<string | null>(null)
  const sight = useRef({ first: 0, last: 0 })
  const asked = useRef(new Map<number, number>())
  const current = pages.key === key ? pages : null

  const ask = useCallback(
    async (page: number) => {
      const [, { states, code, text }] = JSON.parse(key) as readonly [string, RequestFilter, boolean]
      try {
        const { total, rows } = await host.batch.requests({
          batch_id: batchId,
          query: {
            ...(states.length > 0 && { states: [...states] }),
            ...(code !== null && { error_codes: [code] }),
            ...(text !== '' && { text }),
          },
          from: page * PAGE,
          limit: PAGE,
          merged,
        })
        setFailure(null)
        setPages((before) => {
          const known = before.key === key ? before.rows : new Map<number, readonly RequestRow[]>()
          return { key, total, rows: new Map(known).set(page, rows) }
        })
      } catch (fault) {
        asked.current.delete(page)
        setFailure(messageOf(fault))
      }
    },
    [host, batchId, merged, key],
  )

  const look = useCallback(() => {
    const { first, last } = sight.current
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page++) {
      if (asked.current.get(page) === version) continue
      asked.current.set(page, version)
      void ask(page)
    }
  }, [ask, version])

  useEffect(() => {
    asked.current.clear()
    look()
  }, [look])

  return useMemo(
    () => ({
      total: current?.total ?? null,
      rowAt: (place) => current?.rows.get(Math.floor(place / PAGE))?.[place % PAGE],
      report: (first, last) => {
        sight.current = { first, last }
        look()
      },
      failure,
    }),
    [current, failure, look],
  )
}
