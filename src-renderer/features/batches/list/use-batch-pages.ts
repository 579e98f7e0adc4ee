import { useState } from 'react'

export interface BatchPages {
  /** The last batch of the page before; undefined on the first. */
  readonly after: string | undefined
  /** Pages before this one. */
  readonly before: number
  readonly older: (lastId: string) => void
  readonly newer: () => void
}

/** Which page of a list is open; the first again where the list is another (`key`). */
export function useBatchPages(key: string): BatchPages {
  const [open, setOpen] = useState<{ readonly key: string; readonly trail: readonly string[] }>({ key, trail: [] })
  const trail = open.key === key ? open.trail : []
  return {
    after: trail.at(-1),
    before: trail.length,
    older: (lastId) => setOpen({ key, trail: [...trail, lastId] }),
    newer: () => setOpen({ key, trail: trail.slice(0, -1) }),
  }
}
