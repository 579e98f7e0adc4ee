import { claimOrder, type Claimant } from '../../domain/batch/claim-order.ts'
import { expectedEnds, type QueuedBatch } from '../../domain/batch/queue-forecast.ts'
import { closedRequests } from '../../domain/batch/state.ts'
import type { BatchSettings } from '../../messages/batch.ts'
import type { QueueEffect } from '../../messages/batch-views.ts'
import type { SmallState } from '../../ports/small-state.ts'
import type { BatchRun } from './batch-run.ts'
import type { Lane } from './lanes.ts'
import { readHistory } from './planning.ts'
import type { Runner } from './runner.ts'
import type { SlaTicks } from './sla-clock.ts'
import type { BatchStates } from './states.ts'
import type { BatchTimes } from './times.ts'

export interface QueueEffectPorts {
  readonly state: SmallState
  readonly states: BatchStates
  readonly times: BatchTimes
}

/** Another place in the queue, or another start. */
export type QueueChange = Partial<Pick<BatchSettings, 'priority_offset' | 'not_before'>>

type Place = QueuedBatch & Claimant

/** Ends that move by less than this stay where they are, for whoever plans with them. */
const NOTABLE_MS = 60_000

/** What a change of its settings would do to a batch's place among those of its model, to its end, and to the ends of the others. */
export async function queueEffect(
  ports: QueueEffectPorts,
  runner: Runner,
  ticks: SlaTicks,
  batchId: string,
  change: QueueChange,
): Promise<QueueEffect> {
  const { states, times } = ports
  const run = runner.run(batchId)
  const state = states.inMotion(batchId)
  if (!run || !state) return { ...NOTHING, basis: 'Its place is not known yet: its file is still being read.' }
  const on = [...runner.runs()].filter(({ lane }) => lane === run.lane)
  const rate = await laneRate(ports, on, ticks, run.lane)
  const now = times.now(state)
  const queue: Place[] = []
  for (const each of on) {
    const place = await placeOf(ports, runner, ticks, each, rate, now)
    if (place) queue.push(place)
  }
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

/** Undefined for what does not wait for requests to be sent: paused, or all of it sent. */
async function placeOf(
  { states }: QueueEffectPorts,
  runner: Runner,
  ticks: SlaTicks,
  run: BatchRun,
  rate: number | null,
  now: number,
): Promise<Place | undefined> {
  const state = states.inMotion(run.batchId)
  if (!state || (state.status !== 'queued' && state.status !== 'in_progress')) return undefined
  if (closedRequests(run.counts) >= run.counts.total) return undefined
  const pace = ticks.pace(run.batchId) ?? (await ticks.lookAt(run.batchId))
  const claimant = runner.claimant(run)
  return {
    ...claimant,
    deadline: now + claimant.secondsLeft * 1000,
    workMs: pace && rate !== null ? (pace.work.units / rate) * 1000 : null,
    startsAt: state.status === 'queued' ? (state.settings.not_before ?? 0) : 0,
  }
}

/** Units a second at its full capacity: as measured now, else as earlier batches had it, else as the estimates took it; null where nobody knows. */
async function laneRate(
  { state }: QueueEffectPorts,
  runs: readonly BatchRun[],
  ticks: SlaTicks,
  lane: Lane,
): Promise<number | null> {
  const measured = runs.map(({ batchId }) => ticks.pace(batchId)).filter((pace) => pace?.eta?.source === 'measured')
  const now = measured.reduce((sum, pace) => sum + (pace?.rate.rate ?? 0), 0)
  if (now > 0) return now
  const before = (await readHistory(state, lane.model))?.tokens_per_second
  if (before !== undefined && before > 0) return before
  for (const { plan } of runs) {
    const { duration_ms, tokens_out } = plan.estimate
    if (duration_ms && duration_ms[0] > 0) return (tokens_out[0] / duration_ms[0]) * 1000
  }
  return null
}

function basisOf(rate: number | null, isElsewhere: boolean): string {
  if (rate === null) return 'When they end is not known: no rate of this model was ever measured.'
  return isElsewhere
    ? 'It does not wait in the queue now; the ends are as if nothing else changed.'
    : 'From the rate of the model, one batch after the other in the order of claims.'
}
