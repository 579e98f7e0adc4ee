import type { Hold, PublishResult } from '../../ports/delivery.ts'

/** One hold on an item: `lease` is a number that no other hold of the item has. */
export interface Lease {
  readonly queue: string
  readonly id: string
  readonly lease: number
}

export interface TakenItem extends Lease {
  readonly kind: 'taken'
  readonly body: string
  readonly deliveries: number
}

/** Nothing can be handed out; the earliest item that could become free does so at `nextAt` (null: none is there). */
export interface NothingReady {
  readonly kind: 'nothing'
  readonly nextAt: number | null
}

export interface ParkedItem {
  readonly id: string
  readonly body: string
  readonly reason: string
  readonly deliveries: number
  readonly at: number
}

/**
 * The steps a local queue store takes, each atomic. `group` is what `withdraw` goes by, of which it takes one item where `id` names it; times are milliseconds since the epoch.
 *
 *   publish ─▶ waiting ──take──▶ leased ──acknowledge─▶ done (only the id is kept)
 *                ▲  ▲ release, lease over │ ├──withdraw────▶ done
 *                │  └─────────────────────┘ ├──park────────▶ parked ──replay─▶ waiting, ──discard─▶ done
 *                                           └──setAside────▶ damaged (unreadable) ──discard─▶ done
 */
export interface QueueSteps {
  publish: {
    input: { queue: string; id: string; group: string; body: string; now: number }
    output: PublishResult
  }
  take: { input: { queue: string; leaseMs: number; now: number }; output: TakenItem | NothingReady }
  /** Whoever holds it now: done is done. False if it was not in circulation. */
  acknowledge: { input: { queue: string; id: string; now: number }; output: boolean }
  /** `counted` false: it was never really handed out. False if the lease is lost, as in `park` and `setAside`. */
  release: { input: Lease & { readyAt: number; counted: boolean }; output: boolean }
  extend: { input: Lease & { until: number }; output: Hold }
  park: { input: Lease & { reason: string; now: number }; output: boolean }
  setAside: { input: Lease & { reason: string; now: number }; output: boolean }
  withdraw: { input: { queue: string; group: string; id: string | null; now: number }; output: number }
  replay: { input: { queue: string; id: string; now: number }; output: boolean }
  discard: { input: { queue: string; id: string; now: number }; output: boolean }
  count: { input: { queue: string }; output: { readonly waiting: number; readonly leased: number } }
  /** What is parked and what is damaged. */
  parked: { input: { queue: string }; output: readonly ParkedItem[] }
}

/** Takes a step in whatever holds the queue. */
export type QueueCall = <S extends keyof QueueSteps>(step: S, input: QueueSteps[S]['input']) => Promise<QueueSteps[S]['output']>

/** A store that takes the steps at once. */
export type QueueStore = { readonly [S in keyof QueueSteps]: (input: QueueSteps[S]['input']) => QueueSteps[S]['output'] }

export interface QueueBounds {
  /** Items waiting or handed out; more are refused as `overloaded`. */
  readonly items: number
  /** Dead letters kept; beyond it the oldest goes. */
  readonly deadLetters: number
}

export const defaultQueueBounds: QueueBounds = { items: 10_000, deadLetters: 1_000 }

/** How long the ids of acknowledged and withdrawn items are remembered. */
export const ID_MEMORY_MS = 24 * 60 * 60 * 1000
