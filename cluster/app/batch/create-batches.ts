import { decideCancel, decideChange, decidePause, decideResume, type Decision } from '../../domain/batch/decide.ts'
import type { BatchState } from '../../domain/batch/state.ts'
import { isTerminal } from '../../domain/batch/transitions.ts'
import type { BatchEvent } from '../../domain/batch/types.ts'
import type { BatchChange, BatchSettings } from '../../messages/batch.ts'
import type { BatchRequests } from '../../ports/batch-requests.ts'
import type { Blobs } from '../../ports/blobs.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Engines } from '../../ports/engines.ts'
import type { EventLog } from '../../ports/event-log.ts'
import type { FileValidation } from '../../ports/file-validation.ts'
import type { SmallState } from '../../ports/small-state.ts'
import type { Upstreams } from '../../ports/upstreams.ts'
import { refuse, type Refusal } from '../refusal.ts'
import type { Batches, Done } from '../../ports/batches.ts'
import { createCoordinator } from './coordinator.ts'
import { createRemoval } from './removal.ts'
import { createBatchFiles } from './files/batch-files.ts'
import { forecastBatch } from './watch/forecast.ts'
import { changedInput } from './files/changed-input.ts'
import { openInputUses } from './files/input-uses.ts'
import { openLoadShedding } from './watch/load-shedding.ts'
import { createLivePictures } from './watch/live-pictures.ts'
import { lookAtOverflow } from './watch/overflow.ts'
import { createFilePreviews } from './intake/file-previews.ts'
import { queueEffect } from './watch/queue-effect.ts'
import { createRequestReads } from './requests/request-reads.ts'
import { retry } from './intake/retry-batch.ts'
import { createDispatcher, type DispatcherBounds } from './dispatch/dispatcher.ts'
import { startSlaClockLoop, type SlaTicks } from './watch/sla-clock.ts'
import { openBatchSlots } from './dispatch/slots.ts'
import { createBatchStates, missingBatch } from './states.ts'
import { activeBatchKey, forgetOldBatchCommands, submit } from './intake/submit.ts'
import { createBatchTimes } from './times.ts'

export interface BatchPorts {
  readonly log: EventLog
  readonly state: SmallState
  /** Of batches alone: input and result files. */
  readonly blobs: Blobs
  readonly requests: BatchRequests
  readonly validation: FileValidation
  readonly engines: Pick<Engines, 'countTokens'>
  readonly upstreams: Upstreams
  readonly clock: Clock
  /** Milliseconds by a clock that runs through sleep and that nobody sets. */
  readonly uptime: () => number
  readonly newId: () => string
  /** 0 ≤ x < 1, for the pauses between tries. */
  readonly jitter: () => number
  readonly onFault: (fault: unknown) => void
}

export interface BatchBounds extends DispatcherBounds {
  /** Batches that wait or run; above it a submit is `overloaded`. */
  readonly maxQueued: number
}

export const BATCH_BOUNDS: BatchBounds = { maxQueued: 5000, maxRunning: 1024, requestTimeoutMs: 600_000 }

/** Files whose time is over are removed this often. */
const SWEEP_MS = 600_000
/** Stands for the whole plane among the ids of batches whose pictures changed. */
const PLANE = 'plane'
const LONGEST_WINDOW_MS = 168 * 3_600_000

/** The batches of a plane over its ports. Takes up those that were in motion when an earlier process ended. */
export async function createBatches(ports: BatchPorts, bounds: BatchBounds = BATCH_BOUNDS): Promise<Batches> {
  const { clock, onFault } = ports
  const states = createBatchStates(ports)
  const times = createBatchTimes(clock, ports.uptime)
  const uses = await openInputUses(ports)
  const files = createBatchFiles({
    ...ports,
    neededBy: (fileId) => {
      const user = states.active().find(({ spec }) => spec.input_file_id === fileId)
      return Promise.resolve(user && `batch ${user.spec.name}`)
    },
    isUsed: (fileId) => uses.isUsed(fileId),
  })
  const load = await openLoadShedding({ state: ports.state, states, times, clock, maxQueued: bounds.maxQueued })
  const slots = await openBatchSlots({ state: ports.state, states, times, clock })
  const shared = { ...ports, states, times, files, uses, load, slots }
  const entering = new Set<string>()
  const submitPorts = { ...shared, maxQueued: bounds.maxQueued, refusesNew: () => load.refusal(), entering }

  const dispatcher = createDispatcher(shared, bounds, {
    onMoved: (batchId) => {
      coordinator.consider(batchId)
      pictures.changed(batchId)
    },
    onStorageFault: (batchId, message) => coordinator.holdFor(batchId, message),
  })
  const pictures = createLivePictures(shared, dispatcher, () => ticks)
  const coordinator = createCoordinator(
    {
      ...shared,
      onEnding: (state, ending) => (ending.status === 'completed' ? ticks.learn(state) : Promise.resolve()),
      onEnded: (batchId) => {
        ticks.forget(batchId)
        slots.forget(batchId)
        pictures.changed(batchId)
        dispatcher.poke()
      },
    },
    dispatcher,
  )
  const ticks: SlaTicks = startSlaClockLoop(
    {
      ...shared,
      onLooked: async (batchId) => {
        coordinator.consider(batchId)
        await lookAtOverflow(shared, dispatcher, batchId, ticks.pace(batchId))
        pictures.changed(batchId)
      },
      onTick: () => {
        lookAtLoad(() => load.look(dispatcher, ticks))
        slots.keep().catch(onFault)
        load.keep().catch(onFault)
      },
    },
    dispatcher,
  )
  const reads = createRequestReads({ ...shared, runningOf: (batchId) => dispatcher.run(batchId)?.running })
  const previews = createFilePreviews(shared)

  await forgetOldBatchCommands(ports)
  for (const { key } of await ports.state.list(activeBatchKey(''))) {
    const batchId = key.slice(activeBatchKey('').length)
    const loaded = await states.load(batchId)
    if (loaded.kind === 'batch' && !isTerminal(loaded.state.status)) coordinator.consider(batchId)
    else {
      if (loaded.kind === 'unknown') await uses.forget(batchId)
      await ports.state.remove(key)
    }
  }

  const sweeping = new AbortController()
  const sweeps = (async () => {
    while (!sweeping.signal.aborted) {
      await files.sweep().catch(onFault)
      await clock.sleep(SWEEP_MS, sweeping.signal)
    }
  })()

  /** All pictures are new where what is shed is. */
  function lookAtLoad(look: () => void): void {
    const before = JSON.stringify(load.view())
    look()
    if (JSON.stringify(load.view()) === before) return
    pictures.changed(PLANE)
    for (const { spec } of states.active()) pictures.changed(spec.batch_id)
    dispatcher.poke()
  }

  /** Asks `decide` with the newest state; what it decided is stored before the answer. */
  async function command(batchId: string, actor: string, decide: (state: BatchState) => Decision): Promise<Done> {
    const loaded = await states.load(batchId)
    if (loaded.kind !== 'batch') return missingBatch(batchId, loaded.kind)
    let refusal: Refusal | undefined
    const events = (state: BatchState): readonly BatchEvent[] => {
      const decision = decide(state)
      refusal = decision.kind === 'refused' ? refusalOf(decision) : undefined
      return decision.kind === 'events' ? decision.events : []
    }
    await states.change(batchId, actor, events)
    if (refusal) return refusal
    coordinator.consider(batchId)
    dispatcher.poke()
    pictures.changed(batchId)
    return { kind: 'done' }
  }

  return {
    files,
    ...previews,

    async submit(commandId, actor, tenant, input) {
      const file = await files.get(input.input_file_id)
      if (!file)
        return refuse('not-found', `There is no file ${input.input_file_id}; it may have been removed. Send it again.`, {
          field: 'input_file_id',
        })
      if (file.purpose !== 'batch')
        return refuse('invalid-input', `${file.filename} is a result, not an input.`, { field: 'input_file_id' })
      const result = await submit(submitPorts, commandId, actor, tenant, input, file, null)
      if (result.kind === 'accepted') coordinator.consider(result.batchId)
      return result
    },
    pause: (batchId, actor) => command(batchId, actor, (state) => decidePause(state, actor, 'Paused by the operator.')),
    async resume(batchId, actor) {
      try {
        await dispatcher.retryStorage(batchId)
      } catch (fault) {
        return refuse(
          'unavailable',
          `What was answered cannot be stored yet: ${fault instanceof Error ? fault.message : String(fault)}`,
        )
      }
      const loaded = await states.load(batchId)
      const changed =
        loaded.kind === 'batch' && loaded.state.status === 'paused'
          ? await changedInput(ports.blobs, loaded.state.spec)
          : undefined
      if (changed !== undefined) return refuse('conflict', changed)
      return await command(batchId, actor, (state) => decideResume(state, actor))
    },
    cancel: (batchId, actor) => command(batchId, actor, (state) => decideCancel(state, actor)),
    async change(batchId, actor, change) {
      const done = await command(batchId, actor, (state) => {
        const { deadline, ...settings } = change
        const latest = state.submittedAt + LONGEST_WINDOW_MS
        if (deadline !== undefined && deadline > latest)
          return {
            kind: 'refused',
            code: 'invalid-input',
            message: 'A deadline is at most 168 h after the submit.',
            field: 'deadline',
          }
        return decideChange(state, actor, settingsOf(settings), deadline, times.now(state))
      })
      // What is expected of it follows at once, and of the others with the next tick.
      if (done.kind === 'done') await ticks.lookAt(batchId)
      pictures.changed(batchId)
      return done
    },
    async retry(commandId, batchId, actor, which) {
      const result = await retry(submitPorts, commandId, batchId, actor, which)
      if (result.kind === 'accepted') coordinator.consider(result.batchId)
      return result
    },
    expire: createRemoval(shared),

    ...pictures,
    ...reads,
    forecasts: (batchId, remedies) => forecastBatch(shared, dispatcher, ticks, batchId, remedies),
    async queueEffect(batchId, change) {
      const loaded = await states.load(batchId)
      if (loaded.kind !== 'batch') return missingBatch(batchId, loaded.kind)
      const { state } = loaded
      const decision = decideChange(state, 'preview', settingsOf(change), undefined, times.now(state))
      if (decision.kind === 'refused') return refusalOf(decision)
      return await queueEffect(shared, dispatcher, ticks, batchId, settingsOf(change))
    },
    queue() {
      const depth = states.active().filter(({ status }) => status === 'validating' || status === 'queued').length
      const all = states.active().length
      const share = all / bounds.maxQueued
      const state = all === 0 ? 'IDLE' : share > 0.8 ? 'OVERLOADED' : share > 0.5 ? 'BACKLOG' : 'ACTIVE'
      return { depth, maxDepth: bounds.maxQueued, state }
    },
    pools: () => slots.view(),
    async setPools(pools) {
      dispatcher.recall(await slots.change(pools))
      dispatcher.poke()
      for (const { spec } of states.active()) pictures.changed(spec.batch_id)
    },
    shedding: () => load.view(),
    acknowledgeShedding() {
      lookAtLoad(() => load.acknowledge())
      load.keep().catch(onFault)
    },
    async stop() {
      sweeping.abort()
      await Promise.all([coordinator.stop(), ticks.stop(), dispatcher.stop(), sweeps])
    },
  }
}

function refusalOf({ code, message, field }: Extract<Decision, { kind: 'refused' }>): Refusal {
  return refuse(code, message, field === undefined ? {} : { field })
}

/** `null` takes a setting away. */
function settingsOf(change: Omit<BatchChange, 'deadline'>): Partial<BatchSettings> {
  return Object.fromEntries(Object.entries(change).map(([key, value]) => [key, value ?? undefined]))
}
