export interface TimeAxis {
  readonly x: (at: number) => number
  readonly ticks: readonly number[]
  /** Where the axis leaves time out, in pixels; null where it is even. */
  readonly cut: number | null
}

const MINUTE = 60_000
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880].map((minutes) => minutes * MINUTE)
/** Below that the ticks, which are whole minutes, would be too few. */
const SHORTEST_MS = 4 * MINUTE
/** Where what matters takes up a smaller share than this of the time until the limits, the axis is cut between them. */
const MIN_SHARE = 0.25
/** Half a tick's label beside the words at the cut. */
const LABEL_PX = 20
/** Of the width, for the limits beyond a cut. */
const BEYOND = 0.2

/**
 * Times of day on pixels `left` to `right`, with 4 to 8 round ticks, from a little before the first to a little after the last of
 * `moments`. Where all `limits` are so far off that the moments would run into each other, the axis is cut before the first limit, and
 * has no ticks beyond.
 */
export function timeAxis(moments: readonly number[], limits: readonly number[], left: number, right: number): TimeAxis {
  const first = Math.min(...moments)
  const last = Math.max(...moments)
  const near = Math.min(...limits)
  const isCut = last > first && near > last && Math.max(last - first, SHORTEST_MS) < (near - first) * MIN_SHARE
  if (!isCut) return { ...even([...moments, ...limits], left, right), cut: null }
  const cut = right - (right - left) * BEYOND
  const before = even(moments, left, cut)
  const far = Math.max(...limits)
  const limitAt = cut + (right - cut) * 0.4
  const perMs = far === near ? 0 : (right - limitAt) / 2 / (far - near)
  return {
    x: (at) => (at >= near ? limitAt + (at - near) * perMs : Math.min(before.x(at), cut)),
    ticks: before.ticks.filter((tick) => before.x(tick) <= cut - LABEL_PX),
    cut,
  }
}

function even(moments: readonly number[], left: number, right: number): Omit<TimeAxis, 'cut'> {
  const first = Math.min(...moments)
  const last = Math.max(...moments, first + SHORTEST_MS)
  const step = steps.find((each) => (last - first) / each <= 7) ?? 2880 * MINUTE
  const pad = (last - first) * 0.06
  const [from, to] = [first - pad, last + pad]
  const zone = new Date(first).getTimezoneOffset() * MINUTE
  const start = Math.ceil((from - zone) / step) * step + zone
  return {
    x: (at) => left + ((at - from) / (to - from)) * (right - left),
    ticks: Array.from({ length: Math.max(0, Math.floor((to - start) / step) + 1) }, (_, index) => start + index * step),
  }
}
