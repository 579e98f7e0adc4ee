import type { Claimant } from '../../../domain/batch/claim-order.ts'
import type { BatchState } from '../../../domain/batch/state.ts'
import type { BatchPlan } from '../../../messages/batch.ts'
import type { BatchHold } from '../../../messages/batch-views.ts'
import type { ModelReference } from '../../../messages/work.ts'
import type { RequestOutcome } from '../../../ports/batch-requests.ts'
import { UpstreamError, type Upstreams } from '../../../ports/upstreams.ts'
import { createAlarm } from '../alarm.ts'
import { afterNoAnswer, afterReply, beforeTry, type AfterTry, type TryContext } from './attempt.ts'
import { capacityOf, ceilingOf, type Capacity, type HeldBack } from './capacity.ts'
import { createClaims } from './claims.ts'
import {
  drained,
  goesElsewhere,
  noteLatency,
  openBatchRun,
  putAside,
  recall,
  type BatchRun,
  type BatchRunPorts,
  type Overflow,
} from './batch-run.ts'
import { abandonProbe, beginProbe, createLanes, gateOf, missingModel, noteLoad, setCeiling, type Lane } from './lanes.ts'
import { createRanking } from './ranking.ts'
import type { BatchSlots } from './slots.ts'
import type { BatchStates } from '../states.ts'
import type { WorkItem } from './work-list.ts'

export interface DispatcherPorts extends BatchRunPorts {
  readonly states: BatchStates
  readonly upstreams: Upstreams
  readonly load: HeldBack
  readonly slots: BatchSlots
  /** 0 ≤ x < 1. */
  readonly jitter: () => number
  readonly onFault: (fault: unknown) => void
}

export interface DispatcherBounds {
  /** Requests of all batches at once. */
  readonly maxRunning: number
  /** From the moment a request may run until its answer is whole. */
  readonly requestTimeoutMs: number
}

export interface DispatcherEvents {
  /** Outcomes of it were stored, or something else that may end it. */
  onMoved(batchId: string): void
  /** The store cannot be written or read for it. */
  onStorageFault(batchId: string, message: string): void
}

/** Sends the requests of batches to engines: who claims next, how many at once, and what an answer leads to. */
export interface Dispatcher {
  /** Takes a batch up. */
  take(state: BatchState & { readonly plan: BatchPlan }): Promise<void>
  /** A batch or an engine changed: looks whether something can be sent. */
  poke(): void
  /** Asks the engines again what they take. */
  refresh(): Promise<void>
  run(batchId: string): BatchRun | undefined
  runs(): Iterable<BatchRun>
  /** Requests of it that may run at once now. */
  capacity(run: BatchRun): Capacity
  /** Why nothing of it is sent now; undefined while it runs, or could. */
  holdOf(run: BatchRun): BatchHold | undefined
  /** Nothing of it may be sent now, to whatever model. */
  isBarred(run: BatchRun): boolean
  /** Batches that wait before it, for a slot or on its lane; undefined while it runs. */
  ahead(run: BatchRun): number | undefined
  /** A batch as the order of claims sees it. */
  claimant(run: BatchRun): Claimant
  /** Ends what runs of batches; their requests wait to be sent again. */
  recall(batchIds: readonly string[]): void
  /** What the dispatcher knows of a model. */
  lane(model: ModelReference): Promise<Lane>
  /** Whether its deadline is near, and where its rows go then beside its own model. */
  setOverflow(run: BatchRun, isInRamp: boolean, overflow: Overflow | undefined): void
  /** Sets P50 of a batch's remaining work at full capacity, in seconds, for the order of claims. */
  setWork(batchId: string, seconds: number | null): void
  /** Sends nothing more of it and ends what runs (`abort`) or waits for it; resolves when every outcome is stored. */
  release(batchId: string, abort: boolean): Promise<void>
  /** Stores what a full disk kept from being stored. */
  retryStorage(batchId: string): Promise<void>
  stop(): Promise<void>
}

export function createDispatcher(ports: DispatcherPorts, bounds: DispatcherBounds, events: DispatcherEvents): Dispatcher {
  const { states, upstreams, clock, jitter, load, slots, onFault } = ports
  const runs = new Map<string, BatchRun>()
  const lanes = createLanes(upstreams, clock)
  const ranking = createRanking(ports, runs, (run) => claims.startOf(run) > clock.now() || claims.barOf(run) !== undefined)
  const alarm = createAlarm(clock, () => pump())
  const claims = createClaims(
    { ...ports, ranking, alarm },
    {
      onStarted(batchId) {
        events.onMoved(batchId)
        pump()
      },
      onStorageFault: storageFault,
    },
  )
  const starts = createAlarm(clock, () => lookAgain())
  let running = 0
  let isStopped = false
  let isPumping = false

  function pump(): void {
    if (isPumping || isStopped) return
    isPumping = true
    try {
      for (const lane of lanes.all()) while (sendOne(lane));
    } finally {
      isPumping = false
    }
  }

  /** True if a request was sent, or something changed that another look is due for. */
  function sendOne(lane: Lane): boolean {
    if (lane.running >= lane.ceiling || running >= bounds.maxRunning) return false
    const now = clock.now()
    const gate = gateOf(lane, now)
    if (gate.kind === 'shut') {
      if (gate.until !== Infinity) alarm.at(gate.until)
      return false
    }
    const chosen = claims.next(lane, now)
    if (!chosen) return false
    if (chosen === 'starting') return true
    const { run, item } = chosen
    const exhausted = beforeTry(item, { lane, settings: stateOf(run).settings, now })
    if (exhausted) {
      conclude(run, item, exhausted)
      return true
    }
    send(lane, run, item, gate.kind === 'probe').catch(onFault)
    return true
  }

  async function send(lane: Lane, run: BatchRun, item: WorkItem, isProbe: boolean): Promise<void> {
    const n = item.request.n
    const isSuspect = item.interruptions > 0
    const { tenant, endpoint } = stateOf(run).spec
    const { signal } = run.sending
    const isOwn = lane === run.lane
    const price = isOwn ? run.plan : (run.overflow?.price ?? run.plan)
    begin()
    try {
      const body = item.body ?? (await run.bodies.body(item.request))
      const reply = await upstreams.send({ model: lane.model, endpoint, body, timeoutMs: bounds.requestTimeoutMs }, signal)
      const now = clock.now()
      if (reply.status < 300) noteLatency(run, now - item.startedAt)
      if (stateOf(run).settings.adaptive_concurrency) noteLoad(lane, item.startedAt, reply.status, now)
      settle(afterReply(item, reply, context(now)))
    } catch (fault) {
      if (signal.aborted) {
        if (isProbe) abandonProbe(lane)
        if (!run.stopping.signal.aborted) run.list.putBack(item, clock.now())
      } else if (fault instanceof UpstreamError) settle(afterNoAnswer(item, fault, lane.running === 1, context(clock.now())))
      else {
        if (isProbe) abandonProbe(lane)
        run.list.putBack(item, clock.now())
        storageFault(run, fault)
      }
    } finally {
      end()
    }

    function begin(): void {
      if (isProbe) beginProbe(lane)
      if (isSuspect) lane.suspects.add(item)
      count(1)
      run.running.set(n, item)
      item.lane = lane
      item.attempts += 1
      item.startedAt = clock.now()
    }
    function end(): void {
      lane.suspects.delete(item)
      count(-1)
      run.running.delete(n)
      pump()
    }
    function count(step: 1 | -1): void {
      lane.running += step
      running += step
      if (!isOwn) run.runningElsewhere += step
      ranking.count(tenant, step)
    }
    function context(now: number): TryContext {
      const { settings } = stateOf(run)
      const servedModel = isOwn && !settings.fallbacks ? undefined : lane.key
      return { lane, settings, price, servedModel, now, dice: jitter() }
    }
    function settle(after: AfterTry): void {
      if (after.kind === 'outcome') return conclude(run, item, after.outcome)
      run.list.putBack(item, after.dueAt)
      alarm.at(after.dueAt)
    }
  }

  function conclude(run: BatchRun, item: WorkItem, outcome: RequestOutcome): void {
    const elsewhere = item.lane && item.lane !== run.lane ? item.lane.key : undefined
    if (elsewhere !== undefined) {
      if (outcome.state === 'completed') run.refusals.delete(elsewhere)
      else if (!item.isForOwn && outcome.error?.code !== 'engine_crashed')
        return putAside(run, item, elsewhere, outcome.error?.message ?? '', clock.now())
    }
    load.note(outcome)
    run.recorder.add(outcome)
  }

  function stateOf(run: BatchRun): BatchState {
    const state = states.inMotion(run.batchId)
    if (!state) throw new Error(`Batch ${run.batchId} runs though it has ended.`)
    return state
  }

  function storageFault(run: BatchRun, fault: unknown): void {
    const message = fault instanceof Error ? fault.message : String(fault)
    run.storage = { code: 'storage', message, cured_by_waiting: false, fix: 'Make room, then resume the batch.' }
    events.onStorageFault(run.batchId, message)
    onFault(fault)
  }

  /** After something that the order or the number at once rests on has changed. */
  function lookAgain(): void {
    ranking.clear()
    for (const run of runs.values()) if (claims.startOf(run) > clock.now()) starts.at(claims.startOf(run))
    slots.look([...runs.values()].filter((run) => !claims.barBeforeSlot(run)))
    for (const lane of lanes.all()) {
      const settings = [...runs.values()].filter((run) => run.lane === lane).map(settingsOf)
      setCeiling(lane, ceilingOf(lane, settings, load.isLowered()), clock.now())
    }
    pump()
  }

  const settingsOf = ({ batchId }: BatchRun) => states.inMotion(batchId)?.settings
  const capacity = (run: BatchRun) => capacityOf(run, settingsOf(run), load.isLowered())

  return {
    async take(state) {
      const { batch_id } = state.spec
      if (runs.has(batch_id)) return
      const lane = await lanes.of(state.plan.model)
      const run = await openBatchRun(ports, state, lane, {
        onReady: pump,
        onRecorded: (moved) => {
          events.onMoved(moved.batchId)
          pump()
        },
        onStorageFault: storageFault,
      })
      if (runs.has(batch_id) || isStopped) return
      runs.set(batch_id, run)
      events.onMoved(batch_id)
      lookAgain()
    },
    poke: lookAgain,
    async refresh() {
      await lanes.refresh()
      lookAgain()
    },
    lane: (model) => lanes.of(model),
    setOverflow(run, isInRamp, overflow) {
      Object.assign(run, { isInRamp, overflow })
      lookAgain()
    },
    run: (batchId) => runs.get(batchId),
    runs: () => runs.values(),
    capacity,
    holdOf(run) {
      const bar = claims.barOf(run)
      if (bar) return bar
      const now = clock.now()
      const { fallbacks, cost_ceiling_micro_usd: ceiling } = settingsOf(run) ?? {}
      const gate = gateOf(run.lane, now)
      const hold = gate.kind === 'shut' ? gate.hold : fallbacks && missingModel(run.lane, now)
      return hold && !goesElsewhere(run, ceiling, now) ? hold : undefined
    },
    isBarred: (run) => claims.barOf(run) !== undefined,
    ahead: (run) => slots.placeOf(run.batchId) ?? ranking.ahead(run),
    claimant: (run) => ranking.claimant(run, run.lane, clock.now()),
    recall: (batchIds) => batchIds.map((id) => runs.get(id)).forEach((run) => run && recall(run)),
    setWork: (batchId, seconds) => ranking.setWork(batchId, seconds),
    async release(batchId, abort) {
      const run = runs.get(batchId)
      if (!run) return
      if (abort) run.stopping.abort(new Error('The batch has ended.'))
      await drained(run, clock)
      runs.delete(batchId)
      ranking.forget(batchId)
      lookAgain()
    },
    async retryStorage(batchId) {
      const run = runs.get(batchId)
      if (!run?.storage) return
      await run.recorder.flush()
      run.storage = undefined
      lookAgain()
    },
    async stop() {
      isStopped = true
      alarm.stop()
      starts.stop()
      for (const run of runs.values()) run.stopping.abort(new Error('Signalbox is stopping.'))
      for (const run of runs.values()) await drained(run, clock).catch(onFault)
      runs.clear()
    },
  }
}
