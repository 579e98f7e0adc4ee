/**
 * How many requests an engine gets at once, where nobody said. Additive raise, multiplicative cut; what decides is whether more at once
 * also gets more done:
 *
 *   doubling ─▶ climbing ⇄ holding        refused (429, 503) at any level ─▶ cut, and up to half-way below it again
 *
 * At a level the answers' latency is measured on requests that began there; by Little's law running ÷ latency is what the engine gets
 * done. A raise that only made answers slower is taken back, a cut that cost nothing is kept: so the limit comes to where latency begins
 * to grow as fast as the number at once, whether an engine queues, slows down or refuses beyond that.
 */
export interface Concurrency {
  readonly limit: number
  /** What set the limit, in words. */
  readonly why: string
  readonly bounds: ConcurrencyBounds
  readonly mode: 'doubling' | 'climbing' | 'holding'
  /** The level before this one, and what got done per second at it; null where there is nothing to compare with. */
  readonly before: Level | null
  /** The level at which it was refused, until when it is not tried again, and how long that was. */
  readonly refusedAt: { readonly limit: number; readonly untilMs: number; readonly forMs: number } | null
  /** When this level was set. Requests that began earlier tell of another one. */
  readonly sinceMs: number
  readonly tally: Tally
  /** Measurements that are still to be made at this level before another one is tried, not before when, and where to then. */
  readonly holds: number
  readonly holdUntilMs: number
  readonly probe: 'up' | 'down'
}

export interface ConcurrencyBounds {
  readonly floor: number
  readonly cap: number
}

interface Level {
  readonly limit: number
  readonly perSecond: number
}

interface Tally {
  readonly answers: number
  readonly latencyMs: number
  readonly running: number
}

/** How a request ended. `running`: requests at once, itself included, when it did. Times by a monotonic clock. */
export interface Ended {
  readonly startedMs: number
  readonly endedMs: number
  /** `failed` tells nothing of the load: the request was wrong, or its engine went away. */
  readonly kind: 'answered' | 'refused' | 'failed'
  readonly running: number
}

const FIRST_LIMIT = 4
const CUT = 0.9
const REFUSAL_CUT = 0.85
/** Below this share of a proportional gain more at once is not worth it. */
const WORTH = { doubling: 0.3, climbing: 0.3 }
/** What may be lost in a cut without counting as lost: measurements scatter. */
const NOTHING_LOST = 0.97
/** A look at another level costs its share of what gets done, so few are made. */
const HOLDS = 6
const HOLD_MS = 5000
/** A level that is used less than this is not measured: there are not enough requests. */
const USED = 0.85
const LEAST_MEASURED_MS = 200
const AVOID_FIRST_MS = 10_000
const AVOID_LONGEST_MS = 300_000
const NO_TALLY: Tally = { answers: 0, latencyMs: 0, running: 0 }

export function startConcurrency(bounds: ConcurrencyBounds, nowMs: number): Concurrency {
  const limit = Math.min(bounds.cap, Math.max(bounds.floor, FIRST_LIMIT))
  return {
    limit,
    why: 'Begins low, to see how its engine answers.',
    bounds,
    mode: 'doubling',
    before: null,
    refusedAt: null,
    sinceMs: nowMs,
    tally: NO_TALLY,
    holds: 0,
    holdUntilMs: nowMs,
    probe: 'up',
  }
}

/** The limit after a request ended. */
export function afterRequest(state: Concurrency, ended: Ended): Concurrency {
  if (ended.startedMs < state.sinceMs || ended.kind === 'failed') return state
  if (ended.kind === 'refused') return cutForRefusal(state, ended.endedMs)
  const tally = {
    answers: state.tally.answers + 1,
    latencyMs: state.tally.latencyMs + ended.endedMs - ended.startedMs,
    running: state.tally.running + ended.running,
  }
  const enough = state.mode === 'doubling' ? Math.max(8, state.limit) : Math.max(16, 2 * state.limit)
  if (tally.answers < enough || ended.endedMs - state.sinceMs < LEAST_MEASURED_MS) return { ...state, tally }
  const running = tally.running / tally.answers
  if (running < USED * state.limit) return { ...state, tally: NO_TALLY }
  const perSecond = tally.latencyMs > 0 ? (running / (tally.latencyMs / tally.answers)) * 1000 : Infinity
  return judge(state, { limit: state.limit, perSecond }, ended.endedMs)
}

/** New bounds, such as a batch's own or an engine's; the limit keeps within. */
export function boundConcurrency(state: Concurrency, bounds: ConcurrencyBounds, nowMs: number): Concurrency {
  if (bounds.floor === state.bounds.floor && bounds.cap === state.bounds.cap) return state
  return move({ ...state, bounds }, state.limit, nowMs, { why: `May be ${bounds.floor} to ${bounds.cap}.`, before: null })
}

function cutForRefusal(state: Concurrency, nowMs: number): Concurrency {
  const { limit, refusedAt } = state
  const isAgain = refusedAt !== null && limit >= 0.8 * refusedAt.limit
  const forMs = isAgain ? Math.min(AVOID_LONGEST_MS, 2 * refusedAt.forMs) : AVOID_FIRST_MS
  const good = state.before && state.before.limit < limit && state.mode !== 'doubling' ? state.before.limit : 0
  const to = Math.max(Math.floor(limit * REFUSAL_CUT), good)
  return move({ ...state, refusedAt: { limit, untilMs: nowMs + forMs, forMs } }, Math.min(to, limit - 1), nowMs, {
    why: `Cut from ${limit}: its engine refused requests.`,
    before: null,
    mode: 'climbing',
  })
}

function judge(state: Concurrency, here: Level, nowMs: number): Concurrency {
  const { before, mode, limit } = state
  if (mode === 'holding') return hold({ ...state, before: here }, here, nowMs)
  if (!before) return raise(state, here, nowMs, 'its engine answers as fast as before')
  const growth = limit / before.limit - 1
  const gain = here.perSecond / before.perSecond - 1
  if (growth > 0) {
    if (gain >= WORTH[mode] * growth)
      return raise(state, here, nowMs, `${percent(growth)} more at once got ${percent(gain)} more done`)
    const why = `${percent(growth)} more at once got ${gain > 0 ? percent(gain) : 'nothing'} more done`
    if (mode === 'doubling') {
      // By Little's law the most that got done, at the latency without a queue, is what runs at once without one.
      const knee = Math.round((here.perSecond * before.limit) / before.perSecond)
      const to = Math.max(before.limit, Math.min(knee, Math.floor(limit * CUT)))
      return move(state, to, nowMs, { why: `Cut from ${limit}: ${why}.`, before: null, mode: 'climbing' })
    }
    if (here.perSecond < NOTHING_LOST * before.perSecond)
      return move(state, Math.floor(before.limit * CUT), nowMs, { why: `Cut from ${limit}: ${why}.`, before, mode: 'climbing' })
    return settle(state, before.limit, nowMs, `Kept at ${before.limit}: ${why}.`)
  }
  if (here.perSecond >= NOTHING_LOST * before.perSecond && limit > state.bounds.floor)
    return move(state, Math.min(limit - 1, Math.floor(limit * CUT)), nowMs, {
      why: `Cut from ${before.limit}: fewer at once got as much done.`,
      before: here,
      mode: 'climbing',
    })
  return settle(state, before.limit, nowMs, `Kept at ${before.limit}: fewer at once got less done.`)
}

/** Stays for some measurements, then looks up and down in turn. */
function hold(state: Concurrency, here: Level, nowMs: number): Concurrency {
  if (state.holds > 1 || nowMs < state.holdUntilMs)
    return { ...state, holds: Math.max(1, state.holds - 1), sinceMs: nowMs, tally: NO_TALLY }
  if (state.probe === 'up' || state.limit === state.bounds.floor)
    return raise({ ...state, probe: 'down' }, here, nowMs, 'to see whether its engine takes more by now')
  const lower = Math.min(state.limit - 1, Math.floor(state.limit * CUT))
  return move({ ...state, probe: 'up' }, lower, nowMs, {
    why: 'Cut to see whether fewer at once get as much done.',
    before: here,
    mode: 'climbing',
  })
}

function raise(state: Concurrency, here: Level, nowMs: number, reason: string): Concurrency {
  const refused = state.refusedAt && state.refusedAt.untilMs > nowMs ? state.refusedAt : null
  const step = state.mode === 'doubling' ? state.limit : Math.max(1, Math.round(Math.sqrt(state.limit)))
  const most = Math.min(state.bounds.cap, refused ? Math.floor((state.limit + refused.limit) / 2) : Infinity)
  const to = Math.min(most, state.limit + step)
  if (to <= state.limit) {
    const why = refused ? `its engine refused ${refused.limit}` : 'the most that is allowed'
    return settle(state, state.limit, nowMs, `Kept at ${state.limit}: ${why}.`)
  }
  return move(state, to, nowMs, {
    why: `Raised from ${state.limit}: ${reason}.`,
    before: here,
    mode: state.mode === 'doubling' ? 'doubling' : 'climbing',
  })
}

function settle(state: Concurrency, limit: number, nowMs: number, why: string): Concurrency {
  return move({ ...state, holds: HOLDS, holdUntilMs: nowMs + HOLD_MS }, limit, nowMs, { why, before: null, mode: 'holding' })
}

function move(
  state: Concurrency,
  to: number,
  nowMs: number,
  more: Pick<Concurrency, 'why' | 'before'> & Partial<Pick<Concurrency, 'mode'>>,
): Concurrency {
  const limit = Math.min(state.bounds.cap, Math.max(state.bounds.floor, to))
  return { ...state, ...more, limit, sinceMs: nowMs, tally: NO_TALLY }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
