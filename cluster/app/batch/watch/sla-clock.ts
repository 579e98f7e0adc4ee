import { accuracy } from '../../../domain/batch/calibration.ts'
import { courseOf, unitsOf } from '../../../domain/batch/course.ts'
import { decideDeadline, decideTick, type Tick } from '../../../domain/batch/decide.ts'
import {
  doubtOf,
  estimatedEta,
  expectedUnits,
  measuredEta,
  remainingWork,
  requestsAsUnits,
  withFailures,
} from '../../../domain/batch/eta.ts'
import { awakeMs, measure, planningRate, ratesOf, restoreRates, startRates, type RateState } from '../../../domain/batch/rate.ts'
import { whyOf } from '../../../domain/batch/sla-why.ts'
import { isPromised, lookAtSla, resumeSlaClock, type SlaClock, type SlaLook } from '../../../domain/batch/sla.ts'
import { expectedEnds } from '../../../domain/batch/queue-forecast.ts'
import { closedRequests, type BatchState } from '../../../domain/batch/state.ts'
import type { AlertKind } from '../../../domain/batch/types.ts'
import type { BatchCounts } from '../../../messages/batch.ts'
import type { BatchRequests } from '../../../ports/batch-requests.ts'
import type { Clock } from '../../../ports/clock.ts'
import { isBehindOthers, p99Latency, type BatchRun } from '../dispatch/batch-run.ts'
import type { Lane } from '../dispatch/lanes.ts'
import { learnFrom, readHistory, type ModelHistory, type ShownEnd } from '../model-history.ts'
import type { BatchPace } from './pace.ts'
import { queueOf } from './queue-places.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { SmallState } from '../../../ports/small-state.ts'
import type { BatchStates } from '../states.ts'
import type { BatchTimes } from '../times.ts'

export interface SlaClockPorts {
  readonly states: BatchStates
  readonly requests: BatchRequests
  readonly state: SmallState
  readonly times: BatchTimes
  readonly clock: Clock
  /** It was looked at: also after a sleep, through which no timer ran. */
  readonly onLooked: (batchId: string) => Promise<void>
  /** All were looked at. */
  readonly onTick: () => void
  readonly onFault: (fault: unknown) => void
}

interface Tracked {
  rates: RateState
  sla: SlaClock
  lookedAt: number
  units: number
  holdCode: string | undefined
  history: ModelHistory | undefined
  /** The first measured time left, and when it was shown. */
  shown: ShownEnd | undefined
  pace: BatchPace | undefined
}

export interface SlaTicks {
  pace(batchId: string): BatchPace | undefined
  /** Looks at one batch now. */
  lookAt(batchId: string): Promise<BatchPace | undefined>
  /** Keeps what a completed batch taught of its model: its rate, the length of its answers, and whether what was shown came true. */
  learn(state: BatchState): Promise<void>
  forget(batchId: string): void
  stop(): Promise<void>
}

const TICK_MS = 15_000

/** Looks at every batch in motion each 15 s, also where nothing moves, and stores what changed. */
export function startSlaClockLoop(ports: SlaClockPorts, dispatcher: Dispatcher): SlaTicks {
  const { states, requests, times, clock, onFault } = ports
  const tracked = new Map<string, Tracked>()
  const stopping = new AbortController()
  /** When each is done if nothing changes, by the queue of its model. */
  let ends: ReadonlyMap<string, number> = new Map()

  async function trackedOf(state: BatchState): Promise<Tracked> {
    const { batch_id, endpoint } = state.spec
    const known = tracked.get(batch_id)
    if (known) return known
    const unit = endpoint === '/v1/embeddings' ? 'requests' : 'tokens'
    const counts = dispatcher.run(batch_id)?.counts ?? state.counts
    const fresh: Tracked = {
      // Taken up after a restart it goes on with the pace it had: its end is not unknown again.
      rates: state.rates ? restoreRates(unit, courseOf(unit, await states.history(batch_id))) : startRates(unit),
      sla: resumeSlaClock(state.sla, state.alerted.has('sla_elapsed'), counts.completed + counts.failed),
      lookedAt: times.uptime(),
      units: unitsOf(unit, counts),
      holdCode: undefined,
      history: state.plan ? await readHistory(ports.state, state.plan.model) : undefined,
      shown: undefined,
      pace: undefined,
    }
    tracked.set(batch_id, fresh)
    return fresh
  }

  async function look(state: BatchState): Promise<void> {
    const { batch_id } = state.spec
    const run = dispatcher.run(batch_id)
    const one = await trackedOf(state)
    const counts = run?.counts ?? state.counts
    const uptime = times.uptime()
    const awake = awakeMs(uptime - one.lookedAt)
    one.lookedAt = uptime
    const hold = run && dispatcher.holdOf(run)
    const units = unitsOf(one.rates.unit, counts)
    const isPassed = run !== undefined && units === one.units && isBehindOthers(run, clock.now())
    const work = workOf(state, run, hold !== undefined || isPassed)
    if (work === 'working') one.rates = measure(one.rates, { ms: awake, units: units - one.units })
    one.units = units

    const windowMs = isPromised(state.spec.completion_window) ? state.deadline - state.submittedAt : Infinity
    const now = times.now(state)
    const age = times.age(state)
    const { doubt, workMs, ...estimate } = await timeLeftOf(state, one, counts, now, isPassed)
    const slaLook: SlaLook = {
      at: now,
      awakeMs: awake,
      ageMs: age,
      windowMs,
      eta: estimate.eta,
      finishedRequests: counts.completed + counts.failed,
      work,
      isSlotFree: run !== undefined && run.lane.running < run.lane.ceiling,
      p99LatencyMs: run ? p99Latency(run) : null,
    }
    const seen = lookAtSla(one.sla, slaLook)
    one.sla = seen.clock
    if (!one.shown && estimate.eta?.source === 'measured') one.shown = { eta: estimate.eta, factor: estimate.factor, doubt }
    const alerts: { kind: AlertKind; message: string }[] = seen.changes.flatMap((change) =>
      change.kind === 'state' ? [] : [{ kind: change.kind, message: change.message }],
    )
    if (hold?.code === 'engine_down' && one.holdCode !== 'engine_down')
      alerts.push({ kind: 'engine_down', message: hold.message })
    if (hold?.code === 'deferred' && one.holdCode !== 'deferred' && state.status === 'in_progress')
      alerts.push({ kind: 'shedding', message: hold.message })
    one.holdCode = hold?.code
    const rates = one.rates.activeMs > 0 ? ratesOf(one.rates) : null
    const why = whyOf({
      eta: estimate.eta,
      leftMs: state.deadline - now,
      waitedMs: (state.startedAt ?? now) - state.submittedAt,
      pausedMs: state.pause ? now - state.pause.at : 0,
      rates,
      retries: counts.retries,
      tries: counts.completed + counts.failed + counts.retries,
      hold: hold?.message ?? null,
      windowMs,
    })
    one.pace = {
      rates,
      ...estimate,
      isPassed,
      rate: planningRate(one.rates),
      sla: one.sla,
      why,
      calibration: calibrationOf(one.history),
    }
    dispatcher.setWork(batch_id, workMs === null ? null : workMs / 1000)
    const tick: Tick = {
      counts,
      rates,
      eta: estimate.eta,
      concurrency: run ? run.running.size : 0,
      sla: one.sla.state,
      why,
      alerts,
    }
    await states.change(batch_id, 'clock', (newest) => [...decideTick(newest, tick), ...decideDeadline(newest, counts, now)])
  }

  async function timeLeftOf(state: BatchState, one: Tracked, counts: BatchCounts, now: number, isPassed: boolean) {
    const { plan, spec } = state
    const factor = one.history?.factor ?? 1
    if (!plan)
      return { eta: null, workMs: null, tokensLeft: null, factor, work: { units: 0, deviation: 0 }, doubt: { work: 0, rate: 0 } }
    const left = counts.total - closedRequests(counts)
    const completed =
      one.rates.unit === 'requests' ? requestsAsUnits(counts.completed) : await requests.outputTokens(spec.batch_id)
    const finished = withFailures(completed, counts.failed)
    const rate = planningRate(one.rates)
    const doubt = doubtOf(remainingWork(left, finished), rate)
    const eta = measuredEta({ at: now, left, finished, rate, activeMs: one.rates.activeMs, factor })
    const { mean, spread } = expectedUnits(finished, {
      modelMean: one.history?.mean_tokens_out ?? null,
      maxTokens: plan.report.requests > 0 ? plan.estimate.tokens_out[1] / plan.report.requests : 0,
    })
    const work = remainingWork(left, { count: finished.count, mean, variance: spread ** 2 })
    const tokensLeft = one.rates.unit === 'tokens' ? Math.round(left * mean) : null
    const { duration_ms, wait_ms } = plan.estimate
    const untilStart = (state.settings.not_before ?? 0) - now
    const waitAtSubmit = state.startedAt !== null ? 0 : wait_ms === null ? null : Math.max(wait_ms, untilStart)
    const queueEnd = ends.get(spec.batch_id)
    const alone = eta ?? estimatedEta(now, duration_ms, one.rates.activeMs)
    const waitInQueue = queueEnd === undefined || !alone ? waitAtSubmit : Math.max(0, queueEnd - clock.now() - alone.p50_ms)
    const wait = eta && !isPassed ? 0 : waitInQueue
    return {
      eta: alone && wait !== null ? { ...alone, p50_ms: alone.p50_ms + wait, p90_ms: alone.p90_ms + wait } : null,
      // Without the wait: what it waits for is the work of others, which counts as theirs.
      workMs: alone?.p50_ms ?? null,
      tokensLeft,
      factor,
      work,
      doubt,
    }
  }

  async function lookAtQueues(lanes: Iterable<Lane>): Promise<void> {
    const found = new Map(ends)
    for (const lane of new Set(lanes)) {
      const { places } = await queueOf(ports, dispatcher, (batchId) => tracked.get(batchId)?.pace, lane)
      for (const run of dispatcher.runs()) if (run.lane === lane) found.delete(run.batchId)
      for (const [batchId, end] of expectedEnds(places, clock.now())) found.set(batchId, end)
    }
    ends = found
  }

  async function tick(): Promise<void> {
    await lookAtQueues([...dispatcher.runs()].map(({ lane }) => lane)).catch(onFault)
    for (const state of states.active()) {
      if (state.status === 'finalizing' || state.status === 'cancelling') continue
      try {
        await look(state)
        await ports.onLooked(state.spec.batch_id)
      } catch (fault) {
        if (!stopping.signal.aborted) onFault(fault)
      }
    }
    ports.onTick()
    await dispatcher.refresh().catch(onFault)
  }

  const loop = (async () => {
    for (;;) {
      await clock.sleep(TICK_MS, stopping.signal)
      if (stopping.signal.aborted) return
      await tick()
    }
  })()

  return {
    pace: (batchId) => tracked.get(batchId)?.pace,
    async lookAt(batchId) {
      const state = states.inMotion(batchId)
      const lane = dispatcher.run(batchId)?.lane
      if (lane) await lookAtQueues([lane])
      if (state) await look(state)
      return tracked.get(batchId)?.pace
    },
    async learn(state) {
      const { plan, spec, startedAt } = state
      if (!plan || startedAt === null) return
      const one = tracked.get(spec.batch_id)
      const now = times.now(state)
      await learnFrom(ports.state, plan.model, {
        counts: await requests.counts(spec.batch_id),
        tookMs: now - startedAt,
        tokensPerSecond: one?.rates.unit === 'tokens' ? planningRate(one.rates).rate : 0,
        shown: one?.shown && { ...one.shown, actualMs: now - one.shown.eta.at },
      })
    },
    forget(batchId) {
      tracked.delete(batchId)
      ends = new Map([...ends].filter(([id]) => id !== batchId))
    },
    async stop() {
      stopping.abort()
      await loop
    },
  }
}

function calibrationOf(history: ModelHistory | undefined): BatchPace['calibration'] {
  const known = accuracy(history?.shown ?? [])
  return known ? { batches: known.count, by_worst_case: known.held, mean_error: known.relativeError } : undefined
}

function workOf(state: BatchState, run: BatchRun | undefined, isHeld: boolean): SlaLook['work'] {
  if (state.status === 'in_progress') return isHeld && run?.running.size === 0 ? 'held' : 'working'
  if (state.status !== 'queued' || isHeld) return 'held'
  return 'unstarted'
}
