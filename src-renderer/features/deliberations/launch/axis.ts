export interface AxisPlacement {
  readonly x: (ms: number) => number
  readonly ticks: readonly number[]
}

const steps = [5, 10, 15, 30, 60, 120, 240, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400].map(
  (seconds) => seconds * 1000,
)
const MAX_TICKS = 5

/** `45 s`, `4 m`, `2 h`: ticks stand on whole units. */
export function tickWords(ms: number): string {
  if (ms === 0) return '0'
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`
  return ms % 60_000 === 0 ? `${ms / 60_000} m` : `${ms / 1000} s`
}

/** Places lengths of time on `width` pixels, from 0 to the first tick at or after `longestMs`. */
export function placeAlong(longestMs: number, width: number): AxisPlacement {
  const step = steps.find((candidate) => longestMs / candidate <= MAX_TICKS - 1) ?? longestMs
  const end = Math.ceil((longestMs * 1.02) / step) * step
  return {
    x: (ms) => 1 + (ms / end) * Math.max(1, width - 2),
    ticks: Array.from({ length: Math.round(end / step) + 1 }, (_, at) => at * step),
  }
}
