import type Database from 'better-sqlite3'
import { ID_MEMORY_MS } from '../local/queue-steps.ts'
import type { ParkedItem, QueueBounds, QueueStore, QueueSteps } from '../local/queue-steps.ts'

const PRUNE_EVERY_MS = 10 * 60 * 1000

interface ReadyRow {
  readonly position: number
  readonly id: string
  readonly body: string
  readonly lease: number
  readonly deliveries: number
}

type Step<S extends keyof QueueSteps> = QueueSteps[S]['input']

/**
 * The queues' steps over an open database. Leases of an earlier process end here, since whoever opens the file is its only owner;
 * those of this process (`isRestart`) go on.
 */
export function createQueueSteps(
  db: Database.Database,
  bounds: Readonly<Record<string, QueueBounds>>,
  startedAt: number,
  isRestart: boolean,
): QueueStore {
  const active = `state in ('waiting', 'leased')`
  const parkedOrDamaged = `state in ('parked', 'damaged')`
  const held = `queue = @queue and id = @id and state = 'leased' and lease = @lease`

  const endLeases = db.prepare(`update items set state = 'waiting', ready_at = 0 where state = 'leased'`)
  const prune = db.prepare<[number]>(`delete from items where state = 'done' and changed_at <= ?`)
  const isKnown = db.prepare<[string, string], number>(`select 1 from items where queue = ? and id = ?`).pluck()
  const isActive = db.prepare<[string, string], number>(`select 1 from items where queue = ? and id = ? and ${active}`).pluck()
  const countActive = db.prepare<[string], number>(`select count(*) from items where queue = ? and ${active}`).pluck()
  const insert = db.prepare<[Step<'publish'>]>(
    `insert into items (queue, id, task_id, body, state, ready_at, changed_at) values (@queue, @id, @group, @body, 'waiting', @now, @now)`,
  )
  const firstReady = db.prepare<[Step<'take'>], ReadyRow>(
    `select position, id, body, lease, deliveries from items where queue = @queue and ${active} and ready_at <= @now order by position limit 1`,
  )
  const nextReadyAt = db.prepare<[string], number | null>(`select min(ready_at) from items where queue = ? and ${active}`).pluck()
  const lease = db.prepare<[number, number]>(
    `update items set state = 'leased', ready_at = ?, lease = lease + 1, deliveries = deliveries + 1 where position = ?`,
  )
  const acknowledge = db.prepare<[Step<'acknowledge'>]>(
    `update items set state = 'done', body = '', changed_at = @now where queue = @queue and id = @id and ${active}`,
  )
  const release = db.prepare(
    `update items set state = 'waiting', ready_at = @readyAt, deliveries = deliveries - @uncounted where ${held}`,
  )
  const extend = db.prepare<[Step<'extend'>]>(`update items set ready_at = @until where ${held}`)
  const rest = db.prepare(`update items set state = @state, reason = @reason, changed_at = @now where ${held}`)
  const dropOldest = db.prepare<[{ queue: string; kept: number }]>(
    `update items set state = 'done', body = '' where position in (
       select position from items where queue = @queue and ${parkedOrDamaged} order by changed_at desc, position desc limit -1 offset @kept)`,
  )
  const withdraw = db.prepare<[Step<'withdraw'>]>(
    `update items set state = 'done', body = '', changed_at = @now where queue = @queue and task_id = @group and (@id is null or id = @id) and ${active}`,
  )
  const replay = db.prepare<[Step<'replay'>]>(
    `update items set state = 'waiting', ready_at = @now, deliveries = 0 where queue = @queue and id = @id and state = 'parked'`,
  )
  const discard = db.prepare<[Step<'discard'>]>(
    `update items set state = 'done', body = '', changed_at = @now where queue = @queue and id = @id and ${parkedOrDamaged}`,
  )
  const count = db.prepare<[string], { waiting: number; leased: number }>(
    `select count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'leased') as leased
     from items where queue = ? and ${active}`,
  )
  const parked = db.prepare<[string], ParkedItem>(
    `select id, body, reason, deliveries, changed_at as at from items where queue = ? and ${parkedOrDamaged} order by changed_at, position`,
  )

  let prunedAt = startedAt
  if (!isRestart) endLeases.run()
  prune.run(startedAt - ID_MEMORY_MS)

  function boundsOf(queue: string): QueueBounds {
    const found = bounds[queue]
    if (!found) throw new Error(`There is no queue named ${queue}.`)
    return found
  }

  return {
    publish: (item) => {
      if (item.now - prunedAt >= PRUNE_EVERY_MS) {
        prune.run(item.now - ID_MEMORY_MS)
        prunedAt = item.now
      }
      if (isKnown.get(item.queue, item.id) !== undefined) return 'duplicate'
      if ((countActive.get(item.queue) ?? 0) >= boundsOf(item.queue).items) return 'overloaded'
      insert.run(item)
      return 'accepted'
    },

    take: (input) => {
      const row = firstReady.get(input)
      if (!row) return { kind: 'nothing', nextAt: nextReadyAt.get(input.queue) ?? null }
      lease.run(input.now + input.leaseMs, row.position)
      const { id, body } = row
      return { kind: 'taken', queue: input.queue, id, body, lease: row.lease + 1, deliveries: row.deliveries + 1 }
    },

    acknowledge: (input) => acknowledge.run(input).changes > 0,
    release: ({ counted, ...input }) => release.run({ ...input, uncounted: counted ? 0 : 1 }).changes > 0,
    extend: (input) => {
      if (extend.run(input).changes > 0) return 'held'
      return isActive.get(input.queue, input.id) === undefined ? 'gone' : 'lost'
    },

    park: (input) => {
      const isParked = rest.run({ ...input, state: 'parked' }).changes > 0
      dropOldest.run({ queue: input.queue, kept: boundsOf(input.queue).deadLetters })
      return isParked
    },

    setAside: (input) => rest.run({ ...input, state: 'damaged' }).changes > 0,
    withdraw: (input) => withdraw.run(input).changes,
    replay: (input) => replay.run(input).changes > 0,
    discard: (input) => discard.run(input).changes > 0,
    count: ({ queue }) => count.get(queue) ?? { waiting: 0, leased: 0 },
    parked: ({ queue }) => parked.all(queue),
  }
}
