import { rm } from 'node:fs/promises'
import { CorruptionError } from '../ports/errors.ts'
import type { EventLog } from '../ports/event-log.ts'
import { runQuery } from '../messages/deliberation-query.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { deliberationModel } from '../read-models/deliberations/model.ts'
import type { DeliberationQueries } from '../read-models/deliberations/queries.ts'
import { openReadModels } from '../read-models/engine/read-models.ts'

/** How far the tables are behind the log, in words for the page. */
export interface LogState {
  readonly last_sequence: number
  readonly lag: number
  readonly state: 'ok' | 'rebuilding' | 'failed'
  readonly detail: string
}

export interface EmbeddedReadModels {
  readonly queries: () => DeliberationQueries
  /** Ids of runs whose rows changed. Returns the function that ends it. */
  readonly onChanged: (listener: (taskIds: Iterable<string>) => void) => () => void
  readonly caughtUpWith: (sequence: number) => Promise<void>
  readonly state: () => Promise<LogState>
  readonly close: () => Promise<void>
}

/** Read models of the local plane. Every run counts as changed when other tables take over. */
export async function openEmbeddedReadModels(options: {
  readonly file: string
  readonly log: EventLog
  readonly onFault: (fault: unknown) => void
}): Promise<EmbeddedReadModels> {
  const stopping = new AbortController()
  const listeners = new Set<(taskIds: Iterable<string>) => void>()
  const open = () =>
    openReadModels({
      file: options.file,
      log: options.log,
      clock: systemClock,
      onChanged: ({ keys }) => {
        const taskIds = keys === 'all' ? newestRuns(handle.queries()) : keys
        for (const listener of listeners) listener(taskIds)
      },
      onFault: (fault) => options.onFault(new Error(`Read model ${fault.model}: ${fault.detail}`, { cause: fault.cause })),
      signal: stopping.signal,
    })
  const models = await orAnew(open, options)
  const handle = models.start(deliberationModel)

  return {
    queries: () => handle.queries(),
    onChanged(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    caughtUpWith: (sequence) => handle.caughtUpWith(sequence),
    async state() {
      const { state, detail, sequence, lag, version, servingVersion } = await handle.status()
      const rebuilding = version !== servingVersion || (state === 'catching-up' && (lag ?? 0) > 0)
      return {
        last_sequence: sequence + (lag ?? 0),
        lag: lag ?? 0,
        state: state === 'failed' || state === 'waiting' ? 'failed' : rebuilding ? 'rebuilding' : 'ok',
        detail,
      }
    },
    async close() {
      stopping.abort()
      await models.stopped
    },
  }
}

/** Those that somebody may be looking at. Open lists see by themselves that other tables serve. */
function newestRuns(queries: DeliberationQueries): string[] {
  const numbers = queries.list.page(runQuery.parse({ filter: { archived: 'any' } }), 1000) ?? []
  return queries.rows(numbers, 0).flatMap((row) => (row ? [row.task_id] : []))
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
