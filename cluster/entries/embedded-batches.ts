import { randomUUID } from 'node:crypto'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../adapters/system/clock.ts'
import { createFileValidation } from '../adapters/validation/validation.ts'
import { createBatches } from '../app/batch/create-batches.ts'
import type { BatchRequests } from '../ports/batch-requests.ts'
import type { Batches } from '../ports/batches.ts'
import type { Blobs } from '../ports/blobs.ts'
import type { Engines } from '../ports/engines.ts'
import type { EventLog } from '../ports/event-log.ts'
import type { SmallState } from '../ports/small-state.ts'
import type { Upstreams } from '../ports/upstreams.ts'
import { openBatchStore, type OpenedBatchStore } from './open-batch-store.ts'

export interface EmbeddedBatchesOptions {
  readonly dataDir: string
  readonly log: EventLog
  readonly state: SmallState
  /** Of batches alone: input and result files. */
  readonly files: Blobs
  readonly engines: Engines
  readonly upstreams: Upstreams
  /** Counts the time of each request. */
  readonly timed: (requests: BatchRequests) => BatchRequests
  /** Where this build keeps the thread that writes to SQLite, and the one that reads input files. */
  readonly sqliteWriter: URL
  readonly validationThread: URL
  readonly onFault: (fault: unknown) => void
}

/** The batches of the Local context: their requests in a database of their own, their files in a folder of their own. */
export async function openEmbeddedBatches(
  options: EmbeddedBatchesOptions,
): Promise<{ readonly batches: Batches; readonly storage: Pick<OpenedBatchStore, 'notices' | 'acknowledge'> }> {
  const { dataDir, log, state, engines, upstreams, onFault } = options
  const file = join(dataDir, 'batches.db')
  const now = () => systemClock.now()
  const { stored, ...storage } = await openBatchStore({ file, writerModule: options.sqliteWriter, state, now, onFault })
  const validation = createFileValidation(options.validationThread)
  async function close(): Promise<void> {
    await validation.stop()
    await stored.close()
  }
  try {
    const batches = await createBatches({
      log,
      state,
      blobs: options.files,
      requests: options.timed(stored.requests),
      validation,
      engines,
      upstreams,
      clock: systemClock,
      uptime: () => uptime() * 1000,
      newId: () => randomUUID().replaceAll('-', ''),
      jitter: () => Math.random(),
      onFault,
    })
    async function stop(): Promise<void> {
      await batches.stop()
      await close()
    }
    return { batches: { ...batches, stop }, storage }
  } catch (fault) {
    await close()
    throw fault
  }
}
