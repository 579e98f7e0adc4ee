const WEIGHT = 0.3
const SAMPLE_EVERY_MS = 250

export interface Progress {
  readonly doneBytes: number
  /** Null until it has been measured. */
  readonly bytesPerSecond: number | null
}

/** Turns byte counts into a rate and reports at most four times a second. */
export function createProgress(now: () => number, report: (progress: Progress) => void): (bytes: number) => void {
  let last: { at: number; bytes: number } | undefined
  let rate: number | null = null
  return (bytes) => {
    const at = now()
    if (last && at - last.at < SAMPLE_EVERY_MS) return
    if (last) {
      const measured = (Math.max(0, bytes - last.bytes) * 1000) / (at - last.at)
      rate = rate === null ? measured : rate + WEIGHT * (measured - rate)
    }
    last = { at, bytes }
    report({ doneBytes: bytes, bytesPerSecond: rate })
  }
}
