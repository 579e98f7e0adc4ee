import { rm } from 'node:fs/promises'
import { CorruptionError } from '../ports/errors.ts'
import type { EventLog } from '../ports/event-log.ts'
import { batchQuery } from '../messages/batch-views.ts'
import { runQuery } from '../messages/deliberation-query.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { batchModel } from '../read-models/batches/model.ts'
import type { BatchQueries } from '../read-models/batches/queries.ts'
import { deliberationModel } from '../read-models/deliberations/model.ts'
import type { DeliberationQueries } from '../read-models/deliberations/queries.ts'
import type { ModelStatus } from '../read-models/engine/read-model.ts'
import { openReadModels } from '../read-models/engine/read-models.ts'

/** How far the tables are behind the log, in words for the page. */
export interface LogState {
  readonly last_sequence: number
  readonly lag: number
  readonly state: 'ok' | 'rebuilding' | 'failed'
  readonly detail: string
}

/** One model's tables and word of what changed in them. */
export interface ServedModel<Queries> {
  /** Over the tables that serve now; ask again after every wait. */
  readonly queries: () => Queries
  /** Keys whose rows changed. Returns the function that ends it. */
  readonly onChanged: (listener: (keys: Iterable<string>) => void) => () => void
}

export interface EmbeddedReadModels {
  readonly runs: ServedModel<DeliberationQueries>
  readonly batches: ServedModel<BatchQueries>
  readonly caughtUpWith: (sequence: number) => Promise<void>
  readonly state: () => Promise<LogState>
  readonly close: () => Promise<void>
}

/** Read models of the local plane. Everything recent counts as changed when other tables take over. */
export async function openEmbeddedReadModels(options: {
  readonly file: string
  readonly log: EventLog
  readonly onFault: (fault: unknown) => void
}): Promise<EmbeddedReadModels> {
  const stopping = new AbortController()
  const listeners = {
    deliberation: new Set<(keys: Iterable<string>) => void>(),
    batch: new Set<(keys: Iterable<string>) => void>(),
  }
  const open = () =>
    openReadModels({
      file: options.file,
      log: options.log,
      clock: systemClock,
      onChanged: ({ model, keys }) => {
        const isRuns = model === deliberationModel.name
        const changed = keys !== 'all' ? keys : isRuns ? newestRuns(runs.queries()) : newestBatches(batches.queries())
        for (const listener of listeners[isRuns ? 'deliberation' : 'batch']) listener(changed)
      },
      onFault: (fault) => options.onFault(new Error(`Read model ${fault.model}: ${fault.detail}`, { cause: fault.cause })),
      signal: stopping.signal,
    })
  const models = await orAnew(open, options)
  const runs = models.start(deliberationModel)
  const batches = models.start(batchModel)

  const served = <Queries>(queries: () => Queries, told: Set<(keys: Iterable<string>) => void>): ServedModel<Queries> => ({
    queries,
    onChanged(listener) {
      told.add(listener)
      return () => void told.delete(listener)
    },
  })

  return {
    runs: served(() => runs.queries(), listeners.deliberation),
    batches: served(() => batches.queries(), listeners.batch),
    async caughtUpWith(sequence) {
      await Promise.all([runs.caughtUpWith(sequence), batches.caughtUpWith(sequence)])
    },
    state: async () => worst(await Promise.all([runs.status(), batches.status()])),
    async close() {
      stopping.abort()
      await models.stopped
    },
  }
}

/** The model that is furthest from serving what the log holds speaks for all. */
function worst(statuses: readonly ModelStatus[]): LogState {
  const severity = { ok: 0, rebuilding: 1, failed: 2 } as const
  return statuses.map(stateOf).reduce((most, next) => (severity[next.state] > severity[most.state] ? next : most))
}

function stateOf({ state, detail, sequence, lag, version, servingVersion }: ModelStatus): LogState {
  const rebuilding = version !== servingVersion || (state === 'catching-up' && (lag ?? 0) > 0)
  return {
    last_sequence: sequence + (lag ?? 0),
    lag: lag ?? 0,
    state: state === 'failed' || state === 'waiting' ? 'failed' : rebuilding ? 'rebuilding' : 'ok',
    detail,
  }
}

/** Those that somebody may be looking at. Open lists see by themselves that other tables serve. */
function newestRuns(queries: DeliberationQueries): string[] {
  const numbers = queries.list.page(runQuery.parse({ filter: { archived: 'any' } }), 1000) ?? []
  return queries.rows(numbers, 0).flatMap((row) => (row ? [row.task_id] : []))
}

function newestBatches(queries: BatchQueries): string[] {
  return queries.page(batchQuery.parse({ limit: 200 })).rows.map((row) => row.batch_id)
}

/** A damaged file is thrown away: everything in it comes from the log. */
async function orAnew<T>(open: () => T, { file, onFault }: { file: string; onFault: (fault: unknown) => void }): Promise<T> {
  try {
    return open()
  } catch (fault) {
    if (!(fault instanceof CorruptionError)) throw fault
    onFault(fault)
    for (const name of [file, `${file}-wal`, `${file}-shm`]) await rm(name, { force: true })
    return open()
  }
}
