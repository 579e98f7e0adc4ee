export interface ChartPoint {
  readonly at: number
  /** Null: nothing was measured in that step. */
  readonly value: number | null
  /** Measured, with a gap on both sides. */
  readonly lonely: boolean
}

/** The series as points in time, each at the end of its step. */
export function chartPoints({
  from,
  step_ms,
  values,
}: {
  from: number
  step_ms: number
  values: readonly (number | null)[]
}): readonly ChartPoint[] {
  return values.map((value, index) => ({
    at: from + (index + 1) * step_ms,
    value,
    lonely: value !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null,
  }))
}

const stepsMs = [60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000]

/** Three to seven times on round minutes or hours of the reader's clock. */
export function axisTicks(from: number, to: number): number[] {
  const step = stepsMs.find((each) => (to - from) / each <= 6) ?? 21_600_000
  const zone = new Date(from).getTimezoneOffset() * 60_000
  const first = Math.ceil((from - zone) / step) * step + zone
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, index) => first + index * step)
}
