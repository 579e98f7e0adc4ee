import { claimOrder, type Claimant } from '../domain/batch/claim-order.ts'
import { mulberry32 } from '../domain/dice.ts'

/** A batch of a simulated workload. Seconds from the start of the workload. */
interface PromisedBatch {
  readonly batchId: string
  readonly tenant: string
  readonly arrives: number
  readonly deadline: number
  /** Seconds of each of its requests, in order. */
  readonly requests: readonly number[]
}

export interface Workload {
  readonly slots: number
  readonly batches: readonly PromisedBatch[]
}

export type ClaimPolicy = (claimants: readonly Claimant[]) => readonly Claimant[]

/** Soonest deadline first, whatever else. */
export const earliestDeadlineFirst: ClaimPolicy = (claimants) =>
  [...claimants].sort((a, b) => a.secondsLeft - b.secondsLeft || (a.batchId < b.batchId ? -1 : 1))

/** Ours. The margin is what a request that runs cannot be interrupted for, twice: before a batch's last requests and among them. */
export const ours: ClaimPolicy = (claimants) => claimOrder(claimants, { deadlineWeight: 0.3, marginSeconds: 2 * LONGEST_REQUEST })

const LONGEST_REQUEST = 120

/**
 * 3 to 12 batches of up to four tenants on one model. Deadlines are drawn so that one schedule would just hold: in an order drawn by
 * chance each is due at most `slack` after it could be done. `staggered`: batches arrive in the first half of their time.
 */
export function drawWorkload(seed: number, staggered: boolean): Workload {
  const dice = mulberry32(seed)
  const between = (low: number, high: number) => low + dice() * (high - low)
  const slots = Math.round(between(4, 16))
  const slack = between(0.01, 0.5)
  let busyUntil = 0
  const batches = Array.from({ length: Math.round(between(3, 12)) }, (_, index): PromisedBatch => {
    const mean = between(20, LONGEST_REQUEST / 2)
    const requests = Array.from({ length: Math.round(between(20, 200)) }, () => mean * between(0.5, 1.5))
    busyUntil += requests.reduce((sum, each) => sum + each, 0) / slots
    const deadline = busyUntil * (1 + slack * dice()) + LONGEST_REQUEST
    const arrives = staggered ? dice() * 0.5 * busyUntil : 0
    return {
      batchId: `batch-${String(index).padStart(2, '0')}`,
      tenant: `tenant-${Math.floor(dice() * 4)}`,
      arrives,
      deadline,
      requests,
    }
  })
  return { slots, batches }
}

/** How many batches of a workload end after their deadline. */
export function missedDeadlines({ slots, batches }: Workload, policy: ClaimPolicy): number {
  const all = batches.map((batch) => ({
    batch,
    next: 0,
    running: 0,
    lastEnd: 0,
    workLeft: batch.requests.reduce((sum, each) => sum + each, 0),
  }))
  const running: { ends: number; of: (typeof all)[number] }[] = []
  const arrivals = [...new Set(batches.map((batch) => batch.arrives))].sort((a, b) => a - b)
  let now = 0
  for (;;) {
    while (running.length < slots) {
      const waiting = all.filter(({ batch, next }) => batch.arrives <= now && next < batch.requests.length)
      const [first] = policy(waiting.map((each) => claimantOf(each, all, slots, now)))
      const chosen = waiting.find(({ batch }) => batch.batchId === first?.batchId)
      if (!chosen) break
      const seconds = chosen.batch.requests[chosen.next] ?? 0
      chosen.next += 1
      chosen.running += 1
      chosen.workLeft -= seconds
      running.push({ ends: now + seconds, of: chosen })
    }
    const nextArrival = arrivals.find((at) => at > now) ?? Infinity
    const soonest = running.reduce((least, each) => (each.ends < least.ends ? each : least), { ends: Infinity, of: all[0] })
    if (nextArrival === Infinity && soonest.ends === Infinity) break
    if (nextArrival < soonest.ends) {
      now = nextArrival
      continue
    }
    now = soonest.ends
    running.splice(
      running.findIndex((each) => each === soonest),
      1,
    )
    if (soonest.of) {
      soonest.of.running -= 1
      soonest.of.lastEnd = now
    }
  }
  return all.filter(({ batch, lastEnd }) => lastEnd > batch.deadline).length
}

function claimantOf(
  { batch, workLeft }: { readonly batch: PromisedBatch; readonly workLeft: number },
  all: readonly { readonly batch: PromisedBatch; readonly running: number }[],
  slots: number,
  now: number,
): Claimant {
  const active = all.reduce((sum, each) => sum + (each.batch.tenant === batch.tenant ? each.running : 0), 0)
  return {
    batchId: batch.batchId,
    model: 'model',
    tenant: batch.tenant,
    secondsLeft: batch.deadline - now,
    offset: 0,
    workSeconds: workLeft / slots,
    active,
    maxActive: slots,
  }
}
