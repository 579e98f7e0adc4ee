/** Weight of the newest measurement in the running mean. */
const WEIGHT = 0.3

/** Measures how fast answers come: of one call, and of all calls that run side by side. */
export interface RateMeter {
  started(at: number): void
  /** `tokensOut` is 0 for a call that failed. */
  ended(call: { startedAt: number; endedAt: number; tokensOut: number }): void
  /** Tokens per second from the grant to the last token; null before the first answer. */
  readonly single: number | null
  readonly overall: number | null
}

export function createRateMeter(): RateMeter {
  let single: number | null = null
  let overall: number | null = null
  let running = 0
  let busySince = 0
  let tokens = 0

  return {
    started(at) {
      if (running === 0) {
        busySince = at
        tokens = 0
      }
      running++
    },
    ended({ startedAt, endedAt, tokensOut }) {
      running--
      if (tokensOut === 0) return
      tokens += tokensOut
      single = mix(single, perSecond(tokensOut, endedAt - startedAt))
      // The tokens of calls that still run are not known yet, so the total is taken when all have ended.
      if (running === 0) overall = mix(overall, perSecond(tokens, endedAt - busySince))
    },
    get single() {
      return single
    },
    get overall() {
      return overall
    },
  }
}

function perSecond(count: number, ms: number): number {
  return (count * 1000) / Math.max(1, ms)
}

function mix(mean: number | null, value: number): number {
  return mean === null ? value : mean + WEIGHT * (value - mean)
}
