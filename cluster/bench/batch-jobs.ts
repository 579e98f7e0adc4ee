import { mulberry32 } from '../domain/dice.ts'

export type JobKind = 'steady' | 'drift' | 'failures' | 'step'
export const JOB_KINDS: readonly JobKind[] = ['steady', 'drift', 'failures', 'step']

/** What a clock saw of a job at one tick: in all since the start. */
export interface JobTick {
  readonly ms: number
  readonly completed: number
  readonly failed: number
  readonly tokens: number
  /** Sum of the squares of the completed requests' tokens. */
  readonly squares: number
}

export interface MadeUpJob {
  readonly requests: number
  readonly endMs: number
  readonly ticks: readonly JobTick[]
}

export const TICK_MS = 15_000
/** A drift ends here, else a job that gets slower by 20 % an hour never ends. */
const LEAST_DRIFTED = 0.4

/**
 * A job played request by request on its slots: log-normal lengths, an engine whose speed wavers by some per cent within minutes, and what
 * its kind does to the speed: nothing; a drift of up to ± 20 % an hour; requests that fail at once, or after tries; half the speed from
 * 40 % of the requests on.
 */
export function playJob(kind: JobKind, seed: number): MadeUpJob {
  const dice = mulberry32(seed)
  const between = (low: number, high: number) => low + dice() * (high - low)
  const slots = Math.round(between(8, 64))
  const sigma = between(0.2, 0.8)
  const hours = between(1, 4)
  const perSlot = between(15, 60)
  const requests = Math.round(Math.exp(between(Math.log(1000), Math.log(20_000))))
  const meanTokens = Math.max(20, (hours * 3600 * slots * perSlot) / requests)
  const driftPerHour = kind === 'drift' ? between(-0.2, 0.2) : 0
  const failing = kind === 'failures' ? between(0.02, 0.3) : 0
  const wavering = between(0.02, 0.1)

  let waver = 0
  let waverAt = 0
  const speedAt = (ms: number, finished: number): number => {
    while (waverAt + TICK_MS <= ms) {
      waver = 0.88 * waver + wavering * Math.sqrt(1 - 0.88 ** 2) * normal(dice)
      waverAt += TICK_MS
    }
    const step = kind === 'step' && finished >= 0.4 * requests ? 0.5 : 1
    return perSlot * step * Math.exp(waver) * Math.max(LEAST_DRIFTED, (1 + driftPerHour) ** (ms / 3_600_000))
  }

  const busy = heapOf(slots)
  const ticks: JobTick[] = []
  const tally = { completed: 0, failed: 0, tokens: 0, squares: 0 }
  let started = 0
  let endMs = 0
  const begin = (slot: Slot, ms: number, finished: number) => {
    const isFailing = dice() < failing
    const tokens = isFailing ? 0 : Math.max(1, Math.round(meanTokens * Math.exp(sigma * normal(dice) - sigma ** 2 / 2)))
    // Half of the failing are refused at once; the others time out or fail after three more tries.
    const seconds = isFailing ? (dice() < 0.5 ? 0.3 : between(3, 12)) : 0.2 + tokens / speedAt(ms, finished)
    slot.endsMs = ms + seconds * 1000
    slot.tokens = tokens
    slot.isFailing = isFailing
    started += 1
  }
  for (const slot of busy.slots) begin(slot, dice() * 2000, 0)
  busy.order()
  while (tally.completed + tally.failed < requests) {
    const slot = busy.first()
    while ((ticks.length + 1) * TICK_MS <= slot.endsMs) ticks.push({ ms: (ticks.length + 1) * TICK_MS, ...tally })
    endMs = slot.endsMs
    if (slot.isFailing) tally.failed += 1
    else {
      tally.completed += 1
      tally.tokens += slot.tokens
      tally.squares += slot.tokens ** 2
    }
    if (started < requests) begin(slot, endMs, tally.completed + tally.failed)
    else slot.endsMs = Infinity
    busy.sink()
  }
  return { requests, endMs, ticks }
}

interface Slot {
  endsMs: number
  tokens: number
  isFailing: boolean
}

/** Slots as a binary heap by their end. */
function heapOf(count: number) {
  const slots: Slot[] = Array.from({ length: count }, () => ({ endsMs: 0, tokens: 0, isFailing: false }))
  const at = (index: number): Slot => slots[index] ?? { endsMs: Infinity, tokens: 0, isFailing: false }
  const sinkFrom = (start: number) => {
    for (let index = start; ;) {
      const left = 2 * index + 1
      const right = left + 1
      const least = at(left).endsMs <= at(right).endsMs ? left : right
      if (least >= count || at(least).endsMs >= at(index).endsMs) return
      const lower = at(least)
      slots[least] = at(index)
      slots[index] = lower
      index = least
    }
  }
  return {
    slots,
    order: () => {
      for (let index = (count >> 1) - 1; index >= 0; index -= 1) sinkFrom(index)
    },
    first: () => at(0),
    sink: () => sinkFrom(0),
  }
}

function normal(dice: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - dice())) * Math.cos(2 * Math.PI * dice())
}
