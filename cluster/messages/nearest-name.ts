/** The one of `names` that `name` was most likely meant to be; undefined where none is close. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const given = name.slice(0, LONGEST).toLowerCase()
  const allowed = Math.min(3, Math.max(1, Math.floor(given.length / 3)))
  const ranked = names
    .map((known) => ({ known, edits: editsBetween(given, known.toLowerCase()) }))
    .filter(({ known, edits }) => edits <= allowed || isBeginning(given, known.toLowerCase()))
    .sort((a, b) => a.edits - b.edits)
  return ranked[0]?.known
}

const LONGEST = 60
const SHORTEST_BEGINNING = 4

function isBeginning(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  return short.length >= SHORTEST_BEGINNING && long.startsWith(short)
}

/** Letters to insert, remove, replace, or swap with the next one (optimal string alignment). */
function editsBetween(a: string, b: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwapped ? (beforeLast[j - 2] ?? 0) + 1 : replaced
      row.push(Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, replaced, swapped))
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
