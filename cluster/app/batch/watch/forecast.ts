import { forecasts, type Course, type Surroundings } from '../../../domain/batch/forecast.ts'
import { closedRequests } from '../../../domain/batch/state.ts'
import { isTerminal } from '../../../domain/batch/transitions.ts'
import type { Forecast, Remedy } from '../../../messages/batch-views.ts'
import type { SmallState } from '../../../ports/small-state.ts'
import type { Upstreams } from '../../../ports/upstreams.ts'
import { readPrice } from '../../prices.ts'
import { refuse, type Refusal } from '../../refusal.ts'
import type { BatchRun } from '../dispatch/batch-run.ts'
import { readHistory } from '../model-history.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { SlaTicks } from './sla-clock.ts'
import { missingBatch, type BatchStates } from '../states.ts'
import type { BatchTimes } from '../times.ts'

export interface ForecastPorts {
  readonly state: SmallState
  readonly states: BatchStates
  readonly times: BatchTimes
  readonly upstreams: Upstreams
}

/** The end of a batch as it is expected now, and with each remedy, all from the pace that the SLA clock measured last. */
export async function forecastBatch(
  ports: ForecastPorts,
  dispatcher: Dispatcher,
  ticks: SlaTicks,
  batchId: string,
  remedies: readonly Remedy[],
): Promise<readonly Forecast[] | Refusal> {
  const loaded = await ports.states.load(batchId)
  if (loaded.kind !== 'batch') return missingBatch(batchId, loaded.kind)
  const { state } = loaded
  if (isTerminal(state.status)) return refuse('conflict', `It has ended already (${state.status}).`)
  const run = dispatcher.run(batchId)
  if (!run) return refuse('unavailable', 'Its file is still being validated: what it takes is not known yet.')
  const pace = ticks.pace(batchId) ?? (await ticks.lookAt(batchId))
  if (!pace) return refuse('unavailable', 'Nothing of it has been measured yet; ask again in 15 s.')
  const { plan, counts } = run
  const requestsLeft = counts.total - closedRequests(counts)
  const isMeasured = pace.eta?.source === 'measured'
  const known = await rateOf(ports.state, run)
  const course: Course = {
    at: ports.times.now(state),
    deadline: state.deadline,
    requestsLeft,
    work: pace.work,
    rate: isMeasured || known === null ? pace.rate : { rate: known, deviation: 0, samples: 0 },
    factor: pace.factor,
    isMeasured,
    estimate: isMeasured ? null : pace.eta,
    concurrency: Math.max(1, run.running.size),
    knee: run.lane.concurrency.mode === 'holding' ? run.lane.concurrency.limit : null,
    tokensIn: plan.report.requests > 0 ? plan.report.tokens_in_estimate / plan.report.requests : 0,
    price: plan,
  }
  return forecasts(course, await surroundings(ports, dispatcher, ticks, run), remedies)
}

/** Output tokens a second that earlier batches of its model got; null where there were none. */
async function rateOf(state: SmallState, run: BatchRun): Promise<number | null> {
  return (await readHistory(state, run.plan.model))?.tokens_per_second ?? null
}

async function surroundings(
  { state, states, upstreams }: ForecastPorts,
  dispatcher: Dispatcher,
  ticks: SlaTicks,
  run: BatchRun,
): Promise<Surroundings> {
  const engines: Surroundings['engines'][number][] = []
  for (const { reference, tokensPerSecond } of await upstreams.served()) {
    if (`${reference.engine_id}/${reference.model}` === run.lane.key) continue
    const history = await readHistory(state, reference)
    const price = (await readPrice(state, reference)) ?? null
    engines.push({ ...reference, rate: history?.tokens_per_second ?? tokensPerSecond, price, startMs: 0 })
  }
  const others: Surroundings['others'][number][] = []
  for (const other of dispatcher.runs()) {
    const spec = states.inMotion(other.batchId)?.spec
    if (other === run || other.lane !== run.lane || !spec || other.running.size === 0) continue
    others.push({ batch_id: other.batchId, name: spec.name, rate: ticks.pace(other.batchId)?.rate.rate ?? 0 })
  }
  return { engines, others }
}
