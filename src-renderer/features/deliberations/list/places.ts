import type { Row } from '../shapes.ts'
import type { RunList } from './run-list.ts'

/** How long a row that matches no longer stays, greyed, before the rows below it move up. */
export const LEAVES_AFTER_MS = 5_000

/** What the table shows where: runs that came since on top, then the places of the list without those that have left. */
export interface Places {
  readonly count: number
  readonly rowAt: (index: number) => Row | null | undefined
  /** The place in the list that the host keeps, for reading pages. */
  readonly placeAt: (index: number) => number
}

export function placesOf(list: RunList, top: readonly Row[], now: number): Places {
  const isGone = (row: Row | null | undefined) => {
    const at = row && list.left.get(row.task_id)
    return at !== undefined && at !== null && now - at >= LEAVES_AFTER_MS
  }
  const head = top.filter((row) => !isGone(row))
  const gone =
    list.left.size === 0 ? [] : [...list.rows].flatMap(([place, row]) => (isGone(row) ? [place] : [])).sort((a, b) => a - b)
  const placeAt = (index: number): number => {
    let place = Math.max(0, index - head.length)
    for (const each of gone) if (each <= place) place += 1
    return place
  }
  return {
    count: head.length + Math.max(0, (list.total ?? list.rows.size) - gone.length),
    rowAt: (index) => (index < head.length ? head[index] : list.rows.get(placeAt(index))),
    placeAt,
  }
}
