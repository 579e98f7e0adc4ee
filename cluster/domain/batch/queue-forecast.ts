import { claimOrder, type Claimant } from './claim-order.ts'

/** A batch of a model's queue. `workMs`: its remaining work at the model's full capacity; null while that is not known. */
export interface QueuedBatch extends Pick<Claimant, 'batchId' | 'model' | 'tenant' | 'offset'> {
  readonly deadline: number
  readonly workMs: number | null
  /** Not claimed from before. */
  readonly startsAt: number
}

/** Whoever runs out of time to spare meanwhile goes first from the next look on. */
const LOOKS = 100
const SHORTEST_LOOK_MS = 60_000
/** More batches than this are not looked at: their ends are too far off to be foreseen. */
const MOST_BATCHES = 200

/** When each batch of a queue ends, to the millisecond, all of the model's capacity going to the one that claims first; without those that cannot be known. */
export function expectedEnds(queue: readonly QueuedBatch[], at: number): ReadonlyMap<string, number> {
  const ends = new Map<string, number>()
  const left = new Map<string, number | null>(inOrder(queue, workOf(queue), at).slice(0, MOST_BATCHES).map(leftOf))
  const lookMs = Math.max(SHORTEST_LOOK_MS, [...left.values()].reduce<number>((sum, ms) => sum + (ms ?? 0), 0) / LOOKS)
  let now = at
  while (left.size > 0) {
    const here = queue.filter(({ batchId }) => left.has(batchId))
    const ready = here.filter(({ startsAt }) => startsAt <= now)
    const nextStart = Math.min(...here.filter(({ startsAt }) => startsAt > now).map(({ startsAt }) => startsAt))
    const [first] = inOrder(ready, left, now)
    if (!first) {
      now = nextStart
      continue
    }
    const workMs = left.get(first.batchId) ?? null
    if (workMs === null) return ends
    const step = Math.min(workMs, nextStart - now, lookMs)
    now += step
    if (step < workMs) left.set(first.batchId, workMs - step)
    else {
      left.delete(first.batchId)
      ends.set(first.batchId, Math.round(now))
    }
  }
  return ends
}

const leftOf = ({ batchId, workMs }: QueuedBatch) => [batchId, workMs] as const
const workOf = (queue: readonly QueuedBatch[]) => new Map<string, number | null>(queue.map(leftOf))

/** Fairness among tenants evens itself out over a whole queue, so that nobody counts as running more than others. */
function inOrder(
  queue: readonly QueuedBatch[],
  left: ReadonlyMap<string, number | null>,
  now: number,
): readonly (QueuedBatch & Claimant)[] {
  return claimOrder(
    queue.map((batch) => {
      const workMs = left.get(batch.batchId) ?? null
      const secondsLeft = (batch.deadline - now) / 1000
      return { ...batch, secondsLeft, workSeconds: workMs === null ? null : workMs / 1000, active: 0, maxActive: 1 }
    }),
  )
}
