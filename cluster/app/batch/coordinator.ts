import {
  decideDeadline,
  decideEnd,
  decideFinalizing,
  decidePause,
  decideStart,
  endingOf,
  type Ending,
} from '../../domain/batch/decide.ts'
import { NO_COUNTS, type BatchState } from '../../domain/batch/state.ts'
import { isTerminal } from '../../domain/batch/transitions.ts'
import type { BatchCounts } from '../../messages/batch.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { createAlarm } from './alarm.ts'
import { isAnswered } from './dispatch/batch-run.ts'
import { writeResults, type ResultPorts } from './files/result-files.ts'
import { changedInput } from './files/changed-input.ts'
import { restoreRequests } from './restore-requests.ts'
import type { Dispatcher } from './dispatch/dispatcher.ts'
import type { BatchSlots } from './dispatch/slots.ts'
import type { BatchStates } from './states.ts'
import { activeBatchKey } from './intake/submit.ts'
import type { BatchTimes } from './times.ts'
import { validateBatch, type ValidationPorts } from './intake/validate-batch.ts'

export interface CoordinatorPorts extends ValidationPorts, ResultPorts {
  readonly state: SmallState
  readonly states: BatchStates
  readonly times: BatchTimes
  readonly slots: BatchSlots
  readonly onFault: (fault: unknown) => void
  /** Before its last events are stored. */
  readonly onEnding: (state: BatchState, ending: Ending) => Promise<void>
  readonly onEnded: (batchId: string) => void
}

/** Brings batches from one status to the next: validated, taken up by the dispatcher, ended for whatever reason there is. */
export interface Coordinator {
  /** Looks what is to be done for a batch now. Many looks at once are one. */
  consider(batchId: string): void
  /** The store refused something of it: it pauses, and what waits is stored once that works again. */
  holdFor(batchId: string, message: string): void
  stop(): Promise<void>
}

const TRY_AGAIN_MS = 5000

export function createCoordinator(ports: CoordinatorPorts, dispatcher: Dispatcher): Coordinator {
  const { states, times, clock, onFault } = ports
  const stopping = new AbortController()
  const looking = new Map<string, { again: boolean }>()
  const validations = new Map<string, AbortController>()
  const held = new Set<string>()
  /** Batches whose stored requests are those that their log tells of. */
  const heldAgainstLog = new Set<string>()
  /** Batches whose input file this process has read whole. */
  const inputsRead = new Set<string>()
  const underWay = new Set<Promise<void>>()
  const alarm = createAlarm(clock, () => {
    for (const { spec } of states.active()) consider(spec.batch_id)
  })

  function inBackground(work: Promise<void>): void {
    underWay.add(work)
    void work.catch(onFault).finally(() => underWay.delete(work))
  }

  function consider(batchId: string): void {
    const current = looking.get(batchId)
    if (current) {
      current.again = true
      return
    }
    const look = { again: false }
    looking.set(batchId, look)
    inBackground(
      (async () => {
        do {
          look.again = false
          try {
            await lookAt(batchId)
          } catch (fault) {
            if (stopping.signal.aborted) return
            onFault(fault)
            await clock.sleep(TRY_AGAIN_MS, stopping.signal)
            look.again = true
          }
        } while (look.again && !stopping.signal.aborted)
      })().finally(() => looking.delete(batchId)),
    )
  }

  async function lookAt(batchId: string): Promise<void> {
    const state = states.inMotion(batchId)
    if (!state) return
    if (state.plan && !heldAgainstLog.has(batchId)) {
      const lost = await restoreRequests(ports, { ...state, plan: state.plan }, stopping.signal)
      if (lost === undefined) {
        heldAgainstLog.add(batchId)
        await lookAt(batchId)
      } else await finish(state, { status: state.status === 'cancelling' ? 'cancelled' : 'failed', reason: lost })
      return
    }
    const run = dispatcher.run(batchId)
    const counts = run?.counts ?? state.counts
    const now = times.now(state)
    const ending = endingOf(state, counts, now, ports.slots.costOf(batchId))
    if (ending) {
      await finish(state, ending)
      return
    }
    if (now < state.deadline) alarm.at(clock.now() + state.deadline - now)
    else if (!state.settled) await states.change(batchId, 'clock', (newest) => decideDeadline(newest, counts, now))

    switch (state.status) {
      case 'validating':
        validate(state)
        return
      case 'in_progress':
        if (isAnswered(counts)) {
          await states.change(batchId, 'runner', (newest) => decideFinalizing(newest, counts))
          consider(batchId)
          return
        }
        break
      case 'queued':
        // Its last requests may have been answered while it was paused.
        if (!isAnswered(counts)) break
        await states.change(batchId, 'runner', (newest) => decideStart(newest, clock.now()))
        consider(batchId)
        return
      case 'paused':
        break
      case 'finalizing':
      case 'cancelling':
      case 'completed':
      case 'failed':
      case 'expired':
      case 'cancelled':
        return
    }
    if (run || !state.plan) return
    if (state.status !== 'paused' && !inputsRead.has(batchId)) {
      const changed = await changedInput(ports.blobs, state.spec)
      if (changed !== undefined) await pauseFor(batchId, changed)
      inputsRead.add(batchId)
    }
    await dispatcher.take({ ...state, plan: state.plan })
  }

  function validate(state: BatchState): void {
    const { batch_id } = state.spec
    if (validations.has(batch_id)) return
    const cut = new AbortController()
    validations.set(batch_id, cut)
    const signal = AbortSignal.any([cut.signal, stopping.signal])
    inBackground(
      (async () => {
        try {
          await validateBatch(ports, state, signal)
          heldAgainstLog.add(batch_id)
          inputsRead.add(batch_id)
          validations.delete(batch_id)
        } catch (fault) {
          if (!signal.aborted) {
            onFault(fault)
            await clock.sleep(TRY_AGAIN_MS, signal)
          }
          validations.delete(batch_id)
        }
        // Considered again after the stop began it would be validated anew without end.
        if (stopping.signal.aborted) return
        if (states.inMotion(batch_id)) consider(batch_id)
        else await forget(batch_id)
      })(),
    )
  }

  async function finish(state: BatchState, ending: Ending): Promise<void> {
    const { batch_id } = state.spec
    validations.get(batch_id)?.abort()
    await dispatcher.release(batch_id, ending.status !== 'completed')
    const counts = await closed(state, ending)
    const now = times.now(state)
    await ports.onEnding(state, ending)
    const slotCost = ports.slots.costOf(batch_id)
    const data = {
      ...(await writeResults(ports, state, ending, counts)),
      ...(slotCost !== undefined && { slot_cost_micro_usd: slotCost }),
    }
    const after = await states.change(batch_id, 'runner', (newest) => decideEnd(newest, data, now))
    if (after && isTerminal(after.status)) await forget(batch_id)
    else consider(batch_id)
  }

  /** Gives those that were never answered the outcome that the end has for them. */
  async function closed(state: BatchState, ending: Ending): Promise<BatchCounts> {
    const { batch_id } = state.spec
    if (!state.plan) {
      await ports.requests.remove(batch_id)
      return NO_COUNTS
    }
    if (ending.status === 'completed') return await ports.requests.counts(batch_id)
    const outcome = ending.status === 'expired' ? 'expired' : 'cancelled'
    const counts = await ports.requests.close(batch_id, outcome, clock.now())
    // Requests that were lost for good still are requests of it.
    return { ...counts, total: state.plan.report.requests }
  }

  async function forget(batchId: string): Promise<void> {
    times.forget(batchId)
    inputsRead.delete(batchId)
    heldAgainstLog.delete(batchId)
    await ports.state.remove(activeBatchKey(batchId))
    ports.onEnded(batchId)
  }

  async function storeAgain(batchId: string, message: string): Promise<void> {
    const reason = `It cannot go on: ${message} What was answered is kept, and stored as soon as that works. Then resume it.`
    await pauseFor(batchId, reason).catch(() => undefined)
    while (!stopping.signal.aborted && states.inMotion(batchId)) {
      await clock.sleep(TRY_AGAIN_MS, stopping.signal)
      try {
        await dispatcher.retryStorage(batchId)
        await pauseFor(batchId, reason)
        return
      } catch {
        // It is told once, when it begins; the batch shows it as long as it lasts.
      }
    }
  }

  async function pauseFor(batchId: string, reason: string): Promise<void> {
    await states.change(batchId, 'signalbox', (state) => {
      const decision = decidePause(state, 'signalbox', reason)
      return decision.kind === 'events' ? decision.events : []
    })
  }

  return {
    consider,
    holdFor(batchId, message) {
      if (held.has(batchId)) return
      held.add(batchId)
      inBackground(
        storeAgain(batchId, message)
          .catch(onFault)
          .finally(() => held.delete(batchId)),
      )
    },
    async stop() {
      stopping.abort()
      alarm.stop()
      await Promise.allSettled([...underWay])
    },
  }
}
