import type Database from 'better-sqlite3'

/** A row, or a stretch of damaged pages in which none could be read. */
export type Found<Row> = { readonly kind: 'row'; readonly row: Row } | { readonly kind: 'gap' }

/** No table has more rows than this. */
const MAX_STEP = 2 ** 40

/** The rows of a table by its integer key, past damaged pages. */
export function createRows<Row>(
  db: Database.Database,
  table: string,
  key: string,
  columns: readonly string[],
): { all(): Generator<Found<Row>> } {
  const after = (limit: string) =>
    `select ${[key, ...columns].join(', ')} from ${table} where ${key} > ? order by ${key} ${limit}`

  /** Whether a row, or the end, can be read right behind `position`. */
  function canReadAfter(position: number): boolean {
    try {
      db.prepare(after('limit 1')).get(position)
      return true
    } catch {
      return false
    }
  }

  /** Where reading works again behind `position`, after which it does not; undefined if it never does. */
  function behindGap(position: number): number | undefined {
    let step = 1
    while (step <= MAX_STEP && !canReadAfter(position + step)) step *= 2
    if (step > MAX_STEP) return undefined
    let [bad, good] = [position + Math.floor(step / 2), position + step]
    while (good - bad > 1) {
      const middle = Math.floor((bad + good) / 2)
      if (canReadAfter(middle)) good = middle
      else bad = middle
    }
    return good
  }

  return {
    *all() {
      let position: number | undefined = 0
      while (position !== undefined) {
        try {
          for (const row of db.prepare<[number], Row & Record<string, unknown>>(after('')).iterate(position)) {
            position = Number(row[key])
            yield { kind: 'row', row }
          }
          return
        } catch {
          yield { kind: 'gap' }
          position = behindGap(position)
        }
      }
    },
  }
}

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
