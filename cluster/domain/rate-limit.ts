/** Requests that a tier may make in a minute and in an hour; null: as many as it likes. */
export const rateTiers = {
  free: { perMinute: 10, perHour: 100 },
  basic: { perMinute: 30, perHour: 500 },
  premium: { perMinute: 100, perHour: 2000 },
  enterprise: { perMinute: 1000, perHour: 10_000 },
  owner: null,
} as const

/** Where a caller stands in the window that is nearest to its end. Times in milliseconds. */
export interface RateState {
  readonly limit: number
  readonly remaining: number
  /** Until one more request is free. */
  readonly resetMs: number
}

export type RateDecision =
  | { readonly kind: 'admitted'; readonly state: RateState }
  | { readonly kind: 'limited'; readonly retryAfterMs: number; readonly state: RateState }

export interface RateLimiter {
  /** Counts a request at `now` if every window has room for it. */
  take(now: number): RateDecision
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** At most so many requests in any minute and in any hour: the windows slide, so that no boundary lets twice as many through. */
export function createRateLimiter({ perMinute, perHour }: { readonly perMinute: number; readonly perHour: number }): RateLimiter {
  const windows = [createWindow(perMinute, MINUTE_MS), createWindow(perHour, HOUR_MS)] as const
  return {
    take(now) {
      const waits = windows.map((window) => window.waitMs(now))
      const retryAfterMs = Math.max(...waits)
      if (retryAfterMs === 0) for (const window of windows) window.add(now)
      const [minute, hour] = [windows[0].state(now), windows[1].state(now)]
      const state = hour.remaining < minute.remaining ? hour : minute
      return retryAfterMs === 0 ? { kind: 'admitted', state } : { kind: 'limited', retryAfterMs, state }
    },
  }
}

/** The times of the last `limit` requests: there is room when the oldest of them has left the window. */
function createWindow(limit: number, windowMs: number) {
  const times = new Float64Array(limit).fill(-Infinity)
  let next = 0
  /** How many of the last `limit` are in the window; they lie in order, so the first is looked for by halves. */
  function used(now: number): number {
    let low = 0
    let high = limit
    while (low < high) {
      const middle = (low + high) >> 1
      if ((times[(next + middle) % limit] ?? 0) > now - windowMs) high = middle
      else low = middle + 1
    }
    return limit - low
  }
  return {
    waitMs: (now: number) => Math.max(0, (times[next] ?? 0) + windowMs - now),
    add(now: number) {
      times[next] = now
      next = (next + 1) % limit
    },
    state(now: number): RateState {
      const inside = used(now)
      const oldest = times[(next + limit - inside) % limit] ?? 0
      return { limit, remaining: limit - inside, resetMs: inside === 0 ? 0 : Math.max(0, oldest + windowMs - now) }
    },
  }
}
