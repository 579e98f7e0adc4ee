export interface TimeAxis {
  readonly from: number
  readonly to: number
  readonly x: (at: number) => number
  readonly ticks: readonly number[]
}

const MINUTE = 60_000
const steps = [0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880].map((minutes) => minutes * MINUTE)

/** Times of day on pixels `left` to `right`, with 4 to 8 round ticks, from a little before the first to a little after the last of `moments`. */
export function timeAxis(moments: readonly number[], left: number, right: number): TimeAxis {
  const first = Math.min(...moments)
  const last = Math.max(...moments, first + MINUTE)
  const step = steps.find((each) => (last - first) / each <= 7) ?? 2880 * MINUTE
  const pad = (last - first) * 0.06
  const [from, to] = [first - pad, last + pad]
  const zone = new Date(first).getTimezoneOffset() * MINUTE
  const start = Math.ceil((from - zone) / step) * step + zone
  return {
    from,
    to,
    x: (at) => left + ((at - from) / (to - from)) * (right - left),
    ticks: Array.from({ length: Math.max(0, Math.floor((to - start) / step) + 1) }, (_, index) => start + index * step),
  }
}
