import { claimOrder } from '../../../domain/batch/claim-order.ts'
import { expectedEnds } from '../../../domain/batch/queue-forecast.ts'
import type { BatchSettings } from '../../../messages/batch.ts'
import type { QueueEffect } from '../../../messages/batch-views.ts'
import { queueOf, type Place, type QueuePorts } from './queue-places.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { SlaTicks } from './sla-clock.ts'

/** Another place in the queue, or another start. */
export type QueueChange = Partial<Pick<BatchSettings, 'priority_offset' | 'not_before'>>

/** Ends that move by less than this stay where they are, for whoever plans with them. */
const NOTABLE_MS = 60_000

/** What a change of its settings would do to a batch's place among those of its model, to its end, and to the ends of the others. */
export async function queueEffect(
  ports: QueuePorts,
  dispatcher: Dispatcher,
  ticks: SlaTicks,
  batchId: string,
  change: QueueChange,
): Promise<QueueEffect> {
  const { states } = ports
  const run = dispatcher.run(batchId)
  const state = states.inMotion(batchId)
  if (!run || !state) return { ...NOTHING, basis: 'Its place is not known yet: its file is still being read.' }
  const now = ports.clock.now()
  const { rate, places: queue } = await queueOf(ports, dispatcher, (id) => ticks.pace(id), run.lane)
  const changed = queue.map((place) => (place.batchId === batchId ? withChange(place, change) : place))
  const before = standing(queue, batchId, now)
  const after = standing(changed, batchId, now)
  const others = queue
    .filter((each) => each.batchId !== batchId)
    .map(({ batchId: id, deadline }) => ({
      batch_id: id,
      name: states.inMotion(id)?.spec.name ?? id,
      deadline,
      end: { now: before.ends.get(id) ?? null, then: after.ends.get(id) ?? null },
    }))
    .filter(({ end }) => end.now !== null && end.then !== null && Math.abs(end.then - end.now) >= NOTABLE_MS)
    .toSorted((a, b) => a.deadline - b.deadline)
  return {
    position: { now: before.position, then: after.position },
    of: queue.filter(({ startsAt }) => startsAt <= now).length,
    passes: count(before.ahead, after.ahead),
    lets_pass: count(after.ahead, before.ahead),
    end: { now: before.ends.get(batchId) ?? null, then: after.ends.get(batchId) ?? null },
    others,
    basis: basisOf(rate, before.position === null && after.position === null),
  }
}

const NOTHING: Omit<QueueEffect, 'basis'> = {
  position: { now: null, then: null },
  of: 0,
  passes: 0,
  lets_pass: 0,
  end: { now: null, then: null },
  others: [],
}

/** Its place now, whom it goes behind, and when everybody ends. */
function standing(queue: readonly Place[], batchId: string, now: number) {
  const order = claimOrder(queue.filter(({ startsAt }) => startsAt <= now)).map((each) => each.batchId)
  const at = order.indexOf(batchId)
  return {
    position: at < 0 ? null : at + 1,
    ahead: new Set(at < 0 ? order : order.slice(0, at)),
    ends: expectedEnds(queue, now),
  }
}

function count(here: ReadonlySet<string>, notThere: ReadonlySet<string>): number {
  return [...here].filter((id) => !notThere.has(id)).length
}

function withChange(place: Place, change: QueueChange): Place {
  return {
    ...place,
    offset: change.priority_offset ?? place.offset,
    startsAt: 'not_before' in change ? (change.not_before ?? 0) : place.startsAt,
  }
}

function basisOf(rate: number | null, isElsewhere: boolean): string {
  if (rate === null) return 'When they end is not known: no rate of this model was ever measured.'
  return isElsewhere
    ? 'It does not wait in the queue now; the ends are as if nothing else changed.'
    : 'From the rate of the model, one batch after the other in the order of claims.'
}
