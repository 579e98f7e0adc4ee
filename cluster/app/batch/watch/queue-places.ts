import type { Claimant } from '../../../domain/batch/claim-order.ts'
import type { QueuedBatch } from '../../../domain/batch/queue-forecast.ts'
import { closedRequests } from '../../../domain/batch/state.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { SmallState } from '../../../ports/small-state.ts'
import type { BatchRun } from '../dispatch/batch-run.ts'
import type { Lane } from '../dispatch/lanes.ts'
import { readHistory } from '../model-history.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { BatchPace } from './pace.ts'
import type { BatchStates } from '../states.ts'

export interface QueuePorts {
  readonly state: SmallState
  readonly states: BatchStates
  readonly clock: Clock
}

/** A batch where it stands among those of its model, with what it still has to do. */
export type Place = QueuedBatch & Claimant

type PaceOf = (batchId: string) => BatchPace | undefined

/** The batches of a model that have requests to send, now or from a later start on. `rate`: units a second of the model; null where nobody knows. */
export async function queueOf(
  ports: QueuePorts,
  dispatcher: Dispatcher,
  paceOf: PaceOf,
  lane: Lane,
): Promise<{ readonly rate: number | null; readonly places: readonly Place[] }> {
  const runs = [...dispatcher.runs()].filter((run) => run.lane === lane)
  const rate = await laneRate(ports.state, runs, paceOf, lane)
  return { rate, places: runs.flatMap((run) => placeOf(ports, dispatcher, run, paceOf(run.batchId), rate) ?? []) }
}

/** Undefined for what does not wait for requests to be sent: paused, or all of it answered. */
function placeOf(
  { states, clock }: QueuePorts,
  dispatcher: Dispatcher,
  run: BatchRun,
  pace: BatchPace | undefined,
  rate: number | null,
): Place | undefined {
  const state = states.inMotion(run.batchId)
  if (!state || (state.status !== 'queued' && state.status !== 'in_progress')) return undefined
  if (closedRequests(run.counts) >= run.counts.total) return undefined
  const claimant = dispatcher.claimant(run)
  return {
    ...claimant,
    deadline: clock.now() + claimant.secondsLeft * 1000,
    workMs: pace && rate !== null ? (pace.work.units / rate) * 1000 : (run.plan.estimate.duration_ms?.[0] ?? null),
    startsAt: state.status === 'queued' ? (state.settings.not_before ?? 0) : 0,
  }
}

/** At its full capacity: as measured now, else as earlier batches had it, else as the estimates took it. */
async function laneRate(state: SmallState, runs: readonly BatchRun[], paceOf: PaceOf, lane: Lane): Promise<number | null> {
  const measured = runs
    .filter(({ running }) => running.size > 0)
    .map(({ batchId }) => paceOf(batchId))
    .filter((pace) => pace?.eta?.source === 'measured' && !pace.isPassed)
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
