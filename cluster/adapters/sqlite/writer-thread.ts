/** The one thread that writes a database: a context's, or that of the requests of batches. It runs each batch it is sent in one transaction and replies when it is durable. */
import Database from 'better-sqlite3'
import { parentPort, workerData } from 'node:worker_threads'
import { batchMigrations, pageForAnswers } from './batch-schema.ts'
import { createBatchSteps } from './batch-steps.ts'
import { failureOf } from './failures.ts'
import type { Failure } from './failures.ts'
import { checkAtOpen } from './integrity.ts'
import { createLogSteps } from './log-steps.ts'
import { createQueueSteps } from './queue-steps.ts'
import { SMALL_CACHE } from './reader.ts'
import { contextMigrations, migrate } from './schema.ts'
import { createStateSteps } from './state-steps.ts'
import { createTidying, keepFreePagesApart, rewriteOlder } from './tidying.ts'
import type { ContextSteps, FromWriter, Handlers, StepRequest, ToWriter, WriterData } from './writer-protocol.ts'

/** After these the next request would fail as well, so it is not tried alone. */
const HOPELESS = /^SQLITE_(BUSY|LOCKED|CORRUPT|NOTADB|READONLY|IOERR)/

if (!parentPort) throw new Error('The writer thread is started by startWriter.')
serve(parentPort, workerData as WriterData)

function serve(port: NonNullable<typeof parentPort>, data: WriterData): void {
  const reply = (message: FromWriter) => port.postMessage(message)
  try {
    const db = new Database(data.file, { timeout: data.busyTimeoutMs })
    const run = prepareOrClose(db, data)
    const tidy = createTidying(db)
    port.on('message', (message: ToWriter) => {
      if (message.kind === 'batch') {
        reply(run(message.requests))
        return tidy.later()
      }
      tidy.stop()
      db.close()
      port.close()
    })
    reply({ kind: 'opened' })
  } catch (error) {
    reply({ kind: 'refused', failure: failureOf(error) })
  }
}

type Run = (requests: readonly StepRequest[]) => FromWriter

function prepareOrClose(db: Database.Database, data: WriterData): Run {
  try {
    return prepare(db, data)
  } catch (error) {
    db.close()
    throw error
  }
}

function prepare(db: Database.Database, data: WriterData): Run {
  if (data.store === 'batches') pageForAnswers(db)
  keepFreePagesApart(db)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma(SMALL_CACHE)
  // Shrinks the write-ahead file again after a burst.
  db.pragma('journal_size_limit = 67108864')
  if (data.databaseBytes !== null)
    db.pragma(`max_page_count = ${Math.floor(data.databaseBytes / Number(db.pragma('page_size', { simple: true })))}`)
  migrate(db, data.file, data.store === 'context' ? contextMigrations : batchMigrations)
  if (data.isRestart !== true) {
    checkAtOpen(db, data.store)
    if (data.store === 'context') rewriteOlder(db)
  }
  return createBatchRunner(db, createSteps(db, data))
}

function createSteps(db: Database.Database, data: WriterData): AnySteps {
  if (data.store === 'batches') return createBatchSteps(db)
  const steps: Handlers<ContextSteps> = {
    ...createLogSteps(db),
    ...createStateSteps(db),
    ...createQueueSteps(db, data.queueBounds, data.startedAt, data.isRestart ?? false),
  }
  return steps
}

/** Steps whose input is known to fit by whoever calls them: both sides of the thread have one type of it. */
type AnySteps = { readonly [name: string]: (input: never) => unknown }

function createBatchRunner(db: Database.Database, steps: AnySteps): Run {
  function take({ step, input }: StepRequest): unknown {
    const known = steps[step]
    if (!known) throw new Error(`The thread that writes ${db.name} knows no step ${step}.`)
    return known(input as never)
  }

  const transaction = db.transaction((requests: readonly StepRequest[]): unknown[] => requests.map((request) => take(request)))

  /** One request may have broken the batch for all: each gets its own transaction, and its own failure. */
  function runAlone(requests: readonly StepRequest[]): FromWriter {
    const outputs: unknown[] = []
    const failures = new Map<number, Failure>()
    for (const [index, request] of requests.entries()) {
      try {
        outputs.push(...transaction.immediate([request]))
      } catch (error) {
        failures.set(index, failureOf(error))
        outputs.push(null)
      }
    }
    return { kind: 'batch', outputs, failures }
  }

  return function run(requests) {
    try {
      return { kind: 'batch', outputs: transaction.immediate(requests), failures: new Map() }
    } catch (error) {
      const failure = failureOf(error)
      if (!HOPELESS.test(failure.code ?? '')) return runAlone(requests)
      return { kind: 'batch', outputs: [], failures: new Map(requests.map((_, index) => [index, failure])) }
    }
  }
}
