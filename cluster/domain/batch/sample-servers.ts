import { afterRequest, type Concurrency } from './concurrency.ts'

/**
 * Servers with a hidden knee: `queues` runs `capacity` at once and lets the rest wait, `slows` gets slower for all past it so that less
 * is done, `refuses` answers 429 past it, `batches` slows down gently before it (as an engine that decodes in steps) and queues past it.
 */
export type ServerKind = 'queues' | 'slows' | 'refuses' | 'batches'

export interface SampleServer {
  readonly kind: ServerKind
  readonly capacity: number
  readonly latencyMs: number
  /** Standard deviation of a request's length, as a share of it. */
  readonly spread: number
}

interface Running {
  readonly startedMs: number
  readonly refused: boolean
  endsMs: number
}

/**
 * Keeps as many requests at a server as the limit says, for `untilMs` of simulated time. Returns the answers a second from `fromMs` on
 * and the limits at each whole second. `limit`: a fixed one, or one that follows.
 */
export function playServer(
  server: SampleServer,
  limit: number | Concurrency,
  dice: () => number,
  fromMs: number,
  untilMs: number,
): { readonly perSecond: number; readonly refused: number; readonly limits: readonly number[] } {
  let control = limit
  const limitNow = () => (typeof control === 'number' ? control : control.limit)
  const running: Running[] = []
  const slots: number[] = Array.from({ length: server.capacity }, () => 0)
  const limits: number[] = []
  let now = 0
  let answered = 0
  let refused = 0
  const start = () => {
    const length = server.latencyMs * lengthOf(server.spread, dice)
    const taken = running.filter((each) => !each.refused).length + 1
    const over = taken / server.capacity
    if (server.kind === 'refuses' && over > 1)
      return running.push({ startedMs: now, refused: true, endsMs: now + 2 + dice() * 30 })
    if (server.kind === 'slows')
      return running.push({ startedMs: now, refused: false, endsMs: now + length * Math.max(1, over) ** 2 })
    const slot = earliest(slots)
    const work = server.kind === 'batches' ? length * (0.4 + 0.6 * Math.min(1, over)) : length
    const endsMs = Math.max(now, slots[slot] ?? 0) + work
    slots[slot] = endsMs
    return running.push({ startedMs: now, refused: false, endsMs })
  }
  while (now < untilMs) {
    while (running.length < limitNow()) start()
    const next = running.reduce((first, each, index) => (each.endsMs < (running[first]?.endsMs ?? 0) ? index : first), 0)
    const [ended] = running.splice(next, 1)
    if (!ended) break
    now = ended.endsMs
    while (limits.length < Math.floor(now / 1000)) limits.push(limitNow())
    if (ended.refused) refused += now >= fromMs ? 1 : 0
    else answered += now >= fromMs ? 1 : 0
    if (typeof control !== 'number')
      control = afterRequest(control, {
        startedMs: ended.startedMs,
        endedMs: now,
        kind: ended.refused ? 'refused' : 'answered',
        running: running.length + 1,
      })
  }
  return { perSecond: (answered / (now - fromMs)) * 1000, refused, limits }
}

function earliest(slots: readonly number[]): number {
  return slots.reduce((first, at, index) => (at < (slots[first] ?? 0) ? index : first), 0)
}

/** Gamma-like lengths of mean 1: the mean of several exponentials. */
function lengthOf(spread: number, dice: () => number): number {
  if (spread === 0) return 1
  const parts = Math.max(1, Math.round(1 / spread ** 2))
  let sum = 0
  for (let i = 0; i < parts; i += 1) sum -= Math.log(1 - dice())
  return sum / parts
}
