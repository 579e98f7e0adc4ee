const SERIES = 6

/** The colour variable of a rubric's n-th criterion, the same wherever it is drawn. */
export function seriesName(at: number): string {
  return `--s-${(at % SERIES) + 1}`
}

export function seriesColour(at: number): string {
  return `var(${seriesName(at)})`
}
