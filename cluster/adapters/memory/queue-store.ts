import { ID_MEMORY_MS } from '../local/queue-steps.ts'
import type { Lease, QueueBounds, QueueStore } from '../local/queue-steps.ts'

interface Item {
  readonly id: string
  readonly group: string
  readonly body: string
  state: 'waiting' | 'leased' | 'parked' | 'damaged'
  /** When it can be handed out: the end of its delay or of its lease. */
  readyAt: number
  lease: number
  deliveries: number
  reason: string
  at: number
}

/** Out of circulation, with its text. */
const isParked = ({ state }: Item): boolean => state === 'parked' || state === 'damaged'

/** One queue in memory; the steps' `queue` is not looked at. */
export function createMemoryQueueStore(bounds: QueueBounds): QueueStore {
  /** In the order of publishing. */
  const items = new Map<string, Item>()
  const doneAt = new Map<string, number>()

  const active = () => [...items.values()].filter((item) => item.state === 'waiting' || item.state === 'leased')
  const parked = () => [...items.values()].filter(isParked).sort((a, b) => a.at - b.at)

  function held({ id, lease }: Lease): Item | undefined {
    const item = items.get(id)
    return item?.state === 'leased' && item.lease === lease ? item : undefined
  }

  function finish(item: Item, now: number): void {
    items.delete(item.id)
    doneAt.set(item.id, now)
  }

  function change(item: Item | undefined, to: Partial<Item>): boolean {
    if (item) Object.assign(item, to)
    return item !== undefined
  }

  return {
    publish: ({ id, group, body, now }) => {
      for (const [done, at] of doneAt) if (at <= now - ID_MEMORY_MS) doneAt.delete(done)
      if (items.has(id) || doneAt.has(id)) return 'duplicate'
      if (active().length >= bounds.items) return 'overloaded'
      items.set(id, { id, group, body, state: 'waiting', readyAt: now, lease: 0, deliveries: 0, reason: '', at: now })
      return 'accepted'
    },

    take: ({ queue, leaseMs, now }) => {
      const item = active().find((candidate) => candidate.readyAt <= now)
      if (!item) {
        const times = active().map((candidate) => candidate.readyAt)
        return { kind: 'nothing', nextAt: times.length === 0 ? null : Math.min(...times) }
      }
      change(item, { state: 'leased', readyAt: now + leaseMs, lease: item.lease + 1, deliveries: item.deliveries + 1 })
      return { kind: 'taken', queue, id: item.id, body: item.body, lease: item.lease, deliveries: item.deliveries }
    },

    acknowledge: ({ id, now }) => {
      const item = items.get(id)
      if (item?.state !== 'waiting' && item?.state !== 'leased') return false
      finish(item, now)
      return true
    },

    release: ({ readyAt, counted, ...lease }) => {
      const item = held(lease)
      return change(item, { state: 'waiting', readyAt, deliveries: (item?.deliveries ?? 0) - (counted ? 0 : 1) })
    },

    extend: ({ until, ...lease }) => {
      if (change(held(lease), { readyAt: until })) return 'held'
      return active().some((item) => item.id === lease.id) ? 'lost' : 'gone'
    },

    park: ({ reason, now, ...lease }) => {
      const isDone = change(held(lease), { state: 'parked', reason, at: now })
      for (const letter of parked().slice(0, -bounds.deadLetters)) finish(letter, now)
      return isDone
    },

    setAside: ({ reason, now, ...lease }) => change(held(lease), { state: 'damaged', reason, at: now }),

    withdraw: ({ group, id, now }) => {
      const withdrawn = active().filter((item) => item.group === group && (id === null || item.id === id))
      for (const item of withdrawn) finish(item, now)
      return withdrawn.length
    },

    replay: ({ id, now }) => {
      const item = items.get(id)
      return change(item?.state === 'parked' ? item : undefined, { state: 'waiting', readyAt: now, deliveries: 0 })
    },

    discard: ({ id, now }) => {
      const item = items.get(id)
      if (!item || !isParked(item)) return false
      finish(item, now)
      return true
    },

    count: () => {
      const leased = active().filter((item) => item.state === 'leased').length
      return { waiting: active().length - leased, leased }
    },

    parked: () => parked().map(({ id, body, reason, deliveries, at }) => ({ id, body, reason, deliveries, at })),
  }
}
