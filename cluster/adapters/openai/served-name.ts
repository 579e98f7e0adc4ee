/**
 * Whether a server that says it served `served` served what was asked for. A dated or tagged name of the same model counts,
 * and so does one that only lacks the path or provider before it.
 */
export function isSameModel(asked: string, served: string): boolean {
  const a = asked.toLowerCase()
  const b = served.toLowerCase()
  if (a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`)) return true
  const name = a.slice(a.lastIndexOf('/') + 1)
  const other = b.slice(b.lastIndexOf('/') + 1)
  return other.startsWith(name) && /^([:@]|-\d{4}(-?\d{2}){0,2}$)/.test(other.slice(name.length))
}
