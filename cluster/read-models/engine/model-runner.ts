import type { Clock } from '../../ports/clock.ts'
import { UnavailableError } from '../../ports/errors.ts'
import type { EventLog } from '../../ports/event-log.ts'
import { batches } from './batches.ts'
import { createFolder, PoisonEventError } from './folding.ts'
import { tableNames } from './model-store.ts'
import type { ModelStore, TableSet } from './model-store.ts'
import type { ModelChange, ModelFault, ModelHandle, ModelState, ReadModel } from './read-model.ts'

const BATCH_ENTRIES = 512
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 30_000

interface Waiter {
  readonly sequence: number
  resolve(): void
  reject(error: Error): void
}

/** Keeps one model up with the log until `signal` aborts or it fails. */
export function startModel<Queries>(options: {
  readonly store: ModelStore
  readonly model: ReadModel<Queries>
  readonly log: EventLog
  readonly clock: Clock
  readonly onChanged: (change: ModelChange) => void
  readonly onFault: (fault: ModelFault) => void
  readonly signal: AbortSignal
}): ModelHandle<Queries> & { readonly stopped: Promise<void> } {
  const { store, model, log, clock, onChanged, onFault, signal } = options
  const waiters = new Set<Waiter>()
  let served = chooseTables(store, model)
  let sequence = sequenceOf(store, model)
  let state: ModelState = 'catching-up'
  let detail = ''

  function commit(upTo: number, keys: ReadonlySet<string>): void {
    sequence = upTo
    if (served.version !== model.version) return
    if (keys.size > 0) onChanged({ model: model.name, keys, sequence })
  }

  function settle(): void {
    if (served.version !== model.version) return
    for (const waiter of [...waiters]) {
      if (waiter.sequence > sequence) continue
      waiters.delete(waiter)
      waiter.resolve()
    }
  }

  function becomeLiveAt(end: number): void {
    if (state === 'live' || sequence < end) return
    state = 'live'
    if (served.version === model.version) return
    store.promote(model)
    served = serving(store, model, model.version)
    onChanged({ model: model.name, keys: 'all', sequence })
  }

  async function followLog(): Promise<void> {
    const end = await log.lastSequence()
    state = 'catching-up'
    detail = ''
    if (sequence > end) startOver()
    const folder = createFolder(store, model)
    becomeLiveAt(end)
    settle()
    const attempt = new AbortController()
    const entries = log.follow(sequence, AbortSignal.any([signal, attempt.signal]))
    try {
      for await (const batch of batches(entries, BATCH_ENTRIES)) {
        await folder.fold(batch, signal, commit)
        becomeLiveAt(end)
        settle()
      }
    } finally {
      attempt.abort()
    }
  }

  /** The tables know more than the log: they belong to a log that is gone. */
  function startOver(): void {
    for (const set of store.tableSets()) if (set.name === model.name) store.drop(set)
    store.create(model, true)
    served = serving(store, model, model.version)
    sequence = 0
    onChanged({ model: model.name, keys: 'all', sequence })
  }

  function report(to: 'waiting' | 'failed', cause: unknown): void {
    state = to
    detail = cause instanceof Error ? cause.message : String(cause)
    onFault({ model: model.name, state: to, detail, position: cause instanceof PoisonEventError ? cause.position : null, cause })
  }

  function abandonWaiters(reason: string): void {
    settle()
    for (const waiter of waiters) waiter.reject(new UnavailableError(`The read model ${model.name} ${reason}.`))
    waiters.clear()
  }

  const isAborted = () => signal.aborted

  async function run(): Promise<void> {
    for (let retryMs = FIRST_RETRY_MS; !isAborted(); retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
      const before = sequence
      try {
        await followLog()
      } catch (error) {
        if (isAborted()) return
        if (!(error instanceof UnavailableError)) {
          report('failed', error)
          return
        }
        report('waiting', error)
      }
      if (sequence > before) retryMs = FIRST_RETRY_MS
      await clock.sleep(retryMs * (0.75 + Math.random() / 2), signal)
    }
  }

  const stopped = run().finally(() => abandonWaiters(state === 'failed' ? `stopped: ${detail}` : 'is closed'))

  return {
    queries: () => served.queries,
    caughtUpWith: (wanted) =>
      new Promise((resolve, reject) => {
        waiters.add({ sequence: wanted, resolve, reject })
        settle()
        if (state === 'failed') abandonWaiters(`stopped: ${detail}`)
        else if (signal.aborted) abandonWaiters('is closed')
      }),
    status: async () => {
      const end = await log.lastSequence().catch(() => null)
      const lag = end === null ? null : Math.max(0, end - sequence)
      return { model: model.name, state, detail, version: model.version, servingVersion: served.version, sequence, lag }
    },
    stopped,
  }
}

interface Served<Queries> {
  readonly version: number
  readonly queries: Queries
}

function serving<Queries>(store: ModelStore, model: ReadModel<Queries>, version: number): Served<Queries> {
  return { version, queries: model.queries(store.reader, tableNames({ name: model.name, version })) }
}

/**
 * Sees to it that the tables of this version exist, and says which serve: those of an earlier version while this one is behind, if
 * today's queries can read them; else these.
 */
function chooseTables<Queries>(store: ModelStore, model: ReadModel<Queries>): Served<Queries> {
  const sets = store.tableSets().filter((set) => set.name === model.name)
  const current = sets.find((set) => set.version === model.version)
  const earlier = sets.find((set) => set.isServing && set.version !== model.version)
  for (const set of sets) if (set !== current && set !== earlier) store.drop(set)
  if (!current) store.create(model, earlier === undefined)
  const old = earlier && servedIfReadable(store, model, earlier)
  if (old) return old
  store.promote(model)
  return serving(store, model, model.version)
}

function servedIfReadable<Queries>(store: ModelStore, model: ReadModel<Queries>, set: TableSet): Served<Queries> | undefined {
  try {
    return serving(store, model, set.version)
  } catch {
    return undefined
  }
}

function sequenceOf(store: ModelStore, model: ReadModel<unknown>): number {
  return store.tableSets().find((set) => set.name === model.name && set.version === model.version)?.sequence ?? 0
}
