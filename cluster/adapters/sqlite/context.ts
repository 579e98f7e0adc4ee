import type Database from 'better-sqlite3'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Answers } from '../../ports/answers.ts'
import type { Blobs } from '../../ports/blobs.ts'
import type { Clock } from '../../ports/clock.ts'
import type { EventLog } from '../../ports/event-log.ts'
import type { SmallState } from '../../ports/small-state.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'
import { openDirectoryBlobs } from '../directory/blobs.ts'
import { createAnswersOver, createWorkQueueOver } from '../local/queues.ts'
import { defaultQueueBounds } from '../local/queue-steps.ts'
import type { QueueBounds, QueueCall } from '../local/queue-steps.ts'
import { createWakeUp } from '../local/wake-up.ts'
import { systemClock } from '../system/clock.ts'
import { createSqliteEventLog } from './event-log.ts'
import { failureOf, reading, storeError } from './failures.ts'
import { openReader } from './reader.ts'
import { finishSalvage } from './replace-damaged.ts'
import { createSqliteSmallState } from './small-state.ts'
import { createRefusals } from './trouble.ts'
import type { StoreTrouble } from './trouble.ts'
import type { ContextSteps } from './writer-protocol.ts'
import { startWriter } from './writer.ts'
import type { RestartBounds } from './writer.ts'

export interface SqliteBounds {
  readonly work: QueueBounds
  readonly answers: QueueBounds
  /** Writes waiting for the writer thread; more are refused as unavailable. */
  readonly pendingWrites: number
  /** How long to wait for another program that has the file locked. */
  readonly busyTimeoutMs: number
  /** The database file never grows beyond this; null leaves it to the disk. */
  readonly databaseBytes: number | null
}

const defaultSqliteBounds: SqliteBounds = {
  work: defaultQueueBounds,
  answers: defaultQueueBounds,
  pendingWrites: 20_000,
  busyTimeoutMs: 5_000,
  databaseBytes: null,
}

/** All five ports of one context over one database file and a folder of blobs beside it. */
export interface SqliteContext {
  readonly log: EventLog
  readonly work: WorkQueue
  readonly answers: Answers
  readonly state: SmallState
  readonly blobs: Blobs
  readonly file: string
  /** Messages of both queues that were taken out of circulation. */
  deadLetterCount(): Promise<number>
  /** Everything that is wrong with the file, in SQLite's words; empty for a sound one. Writes wait meanwhile. */
  check(): Promise<readonly string[]>
  /** Bytes in the file that hold nothing and are given back to the disk when no write waits. */
  freeBytes(): Promise<number>
  /** What keeps it from writing now; null while nothing does. */
  trouble(): StoreTrouble | null
  /** Another read-only connection; whoever opens it closes it. */
  openReader(): Database.Database
  /** Finishes accepted writes and closes the file. Whatever waits or calls afterwards is rejected with UnavailableError. */
  close(): Promise<void>
}

/**
 * Opens `file`, made if missing. The caller holds the lock of its data directory, so leases of an earlier process end at once.
 * `writerModule` is where this build keeps writer-thread.ts.
 */
export async function openSqliteContext(options: {
  readonly file: string
  readonly writerModule: URL
  /** Default: `blobs` beside the file. */
  readonly blobDirectory?: string
  readonly clock?: Clock
  readonly bounds?: Partial<SqliteBounds>
  readonly restarts?: RestartBounds
}): Promise<SqliteContext> {
  const { file, writerModule, clock = systemClock, blobDirectory = join(dirname(file), 'blobs') } = options
  const { pendingWrites, work, answers, busyTimeoutMs, databaseBytes } = { ...defaultSqliteBounds, ...options.bounds }
  await mkdir(dirname(file), { recursive: true })
  await finishSalvage(file)
  const blobs = await openDirectoryBlobs(blobDirectory)
  const [appended, workChanged, answersChanged] = [createWakeUp(), createWakeUp(), createWakeUp()]
  const wakeAll = () => [appended, workChanged, answersChanged].forEach((changed) => changed.notify())
  const refusals = createRefusals(file, () => clock.now())
  const writer = await startWriter<ContextSteps>(
    writerModule,
    { store: 'context', file, busyTimeoutMs, databaseBytes, queueBounds: { work, answers }, startedAt: clock.now() },
    {
      pendingWrites,
      ...(options.restarts && { restarts: options.restarts }),
      onReply: refusals.note,
      // What the thread before had in hand may be stored without anybody knowing.
      onRestarted: wakeAll,
    },
  )
  const opened: { close(): unknown }[] = [writer]
  try {
    const reader = openReader(file, busyTimeoutMs)
    opened.unshift(reader)
    const parked = reader
      .prepare<[], number>(`select count(*) from items where queue in ('work', 'answers') and state = 'parked'`)
      .pluck()
    const call: QueueCall = (step, input) => writer.call(step, input)
    return {
      log: createSqliteEventLog(writer, reader, appended),
      work: createWorkQueueOver({ call, changed: workChanged, clock, where: file }),
      answers: createAnswersOver({ call, changed: answersChanged, clock, where: file }),
      state: createSqliteSmallState(writer, reader),
      blobs,
      file,
      deadLetterCount: () => reading(reader, () => parked.get() ?? 0),
      check: () => writer.call('check', {}),
      freeBytes: () =>
        reading(
          reader,
          () => Number(reader.pragma('freelist_count', { simple: true })) * Number(reader.pragma('page_size', { simple: true })),
        ),
      trouble: () => {
        const state = writer.state()
        return state.kind === 'running' ? refusals.last() : { kind: state.kind, message: state.reason, at: state.since }
      },
      openReader: () => openReader(file, busyTimeoutMs),
      close: async () => {
        // The reader first: whoever closes last folds the write-ahead file into the database, and a reader may not.
        reader.close()
        const closed = writer.close()
        wakeAll()
        await closed
      },
    }
  } catch (error) {
    for (const part of opened) await part.close()
    throw storeError(failureOf(error), file) ?? error
  }
}
