/** One measured number. `baseline` and `ratio` are of the same run; `bar` is what `value` or `ratio` must reach. */
export interface Figure {
  readonly bench: string
  readonly metric: string
  readonly value: number
  readonly unit: string
  readonly baseline?: number
  readonly ratio?: number
  readonly bar: string
  readonly ok: boolean
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Things done per second in `ms` milliseconds. */
export function perSecond(count: number, ms: number): number {
  return (count / ms) * 1000
}

/** Milliseconds that `act` takes. */
export async function timed(act: () => Promise<void> | void): Promise<number> {
  const startedAt = performance.now()
  await act()
  return performance.now() - startedAt
}

/** One JSON line a figure, or a table. */
export function print(figures: readonly Figure[], asJson: boolean): void {
  if (asJson) {
    for (const figure of figures) console.log(JSON.stringify(figure))
    return
  }
  console.table(
    figures.map(({ bench, metric, value, unit, baseline, ratio, bar, ok }) => ({
      what: `${bench}: ${metric}`,
      value: `${round(value)} ${unit}`,
      baseline: baseline === undefined ? '' : `${round(baseline)} ${unit}`,
      ratio: ratio === undefined ? '' : ratio.toFixed(2),
      bar,
      ok: ok ? 'yes' : 'NO',
    })),
  )
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
