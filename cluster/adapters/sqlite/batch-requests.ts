import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DuplicateCustomId } from '../../ports/batch-requests.ts'
import type { BatchRequests, IndexedRequest, RequestOutcome, RequestQuery } from '../../ports/batch-requests.ts'
import { NO_COUNTS } from '../../domain/batch/state.ts'
import { createBatchReads } from './batch-reads.ts'
import type { BatchSteps } from './batch-steps.ts'
import { failureOf, reading, storeError } from './failures.ts'
import { openReader } from './reader.ts'
import { finishSalvage } from './replace-damaged.ts'
import { startWriter } from './writer.ts'

const PENDING_WRITES = 20_000
const BUSY_TIMEOUT_MS = 5_000
/** What is read at a time while all of a batch is read. */
const READ_ROWS = 200
/** Searched for a text between two turns of the event loop: some 10 ms where answers have 2 kB. */
const SEARCHED_ROWS = 1_000
/** Deleted in one transaction, so that other writes wait for some milliseconds only. */
const SWEPT_ROWS = 2_000

/** The requests of batches in a database of their own; whoever opens it closes it. */
export interface SqliteBatchRequests {
  readonly requests: BatchRequests
  /** Finishes accepted writes and closes the file. Whatever calls afterwards is rejected with UnavailableError. */
  close(): Promise<void>
}

/** Opens `file`, made if missing. `writerModule` is where this build keeps writer-thread.ts. */
export async function openSqliteBatchRequests(options: {
  readonly file: string
  readonly writerModule: URL
  /** The file never grows beyond this; null (the default) leaves it to the disk. */
  readonly databaseBytes?: number | null
  /** Told of what fails while removed rows are deleted in the background. */
  readonly onFault: (fault: unknown) => void
}): Promise<SqliteBatchRequests> {
  const { file, writerModule, databaseBytes = null, onFault } = options
  await mkdir(dirname(file), { recursive: true })
  await finishSalvage(file)
  const opening = { store: 'batches', file, busyTimeoutMs: BUSY_TIMEOUT_MS, databaseBytes } as const
  const writer = await startWriter<BatchSteps>(writerModule, opening, { pendingWrites: PENDING_WRITES })
  const reader = openReader(file, BUSY_TIMEOUT_MS)
  let reads: ReturnType<typeof createBatchReads>
  try {
    reads = createBatchReads(reader)
  } catch (error) {
    reader.close()
    await writer.close()
    throw storeError(failureOf(error), file) ?? error
  }

  const read = <R>(query: () => R) => reading(reader, query)
  const rangeOf = (batchId: string) => read(() => reads.rangeOf(batchId))
  let isClosing = false
  let sweeping: Promise<void> | undefined

  /** Deletes the rows of what was removed, little by little; what a crash leaves goes at the next opening. */
  function sweep(): void {
    sweeping ??= (async () => {
      while (!isClosing && (await writer.call('sweep', { rows: SWEPT_ROWS })));
    })()
      .catch((fault: unknown) => isClosing || onFault(fault))
      .then(() => (sweeping = undefined))
  }
  sweep()

  /** All that match: bounded by the batch's length, and in slices that let others run between. */
  async function index(batchId: string, query: RequestQuery): Promise<IndexedRequest[]> {
    const range = await rangeOf(batchId)
    if (!range) return []
    const last = await read(() => reads.last(range))
    const found: IndexedRequest[] = []
    for (let low = range.low; low <= last; low += SEARCHED_ROWS) {
      found.push(...(await read(() => reads.index({ low, high: Math.min(low + SEARCHED_ROWS, range.high) }, query))))
      await nextTurn()
    }
    return found
  }

  /** By place, a slice of the batch at a time; what is recorded meanwhile shows if its slice is still to come. */
  async function* all(batchId: string, query: RequestQuery) {
    const range = await rangeOf(batchId)
    if (!range) return
    const last = await read(() => reads.last(range))
    for (let low = range.low; low <= last; low += READ_ROWS) {
      const slice = { low, high: Math.min(low + READ_ROWS, range.high) }
      yield* await read(() => reads.all(slice, query))
    }
  }

  const requests: BatchRequests = {
    begin: async (batchId) => {
      await writer.call('begin', { batchId })
      sweep()
    },
    add: async (batchId, added) => {
      const result = await writer.call('add', { batchId, requests: added })
      if (result.kind === 'unknown') throw new RangeError(`There is no batch ${batchId} to add requests to.`)
      if (result.kind === 'duplicate') throw new DuplicateCustomId(result.customId, result.n, result.earlier)
    },
    isWhole: (batchId, total) => read(() => reads.isWhole(batchId, total)),
    replace: async (batchId, by) => {
      let answered: RequestOutcome[] = []
      for await (const { outcome } of all(batchId, {})) {
        if (outcome) answered.push(outcome)
        if (answered.length < READ_ROWS) continue
        await writer.call('record', { batchId: by, outcomes: answered })
        answered = []
      }
      await writer.call('record', { batchId: by, outcomes: answered })
      if (!(await writer.call('adopt', { batchId, by })))
        throw new RangeError(`There is nothing under ${by} to put in the place of ${batchId}.`)
      sweep()
      return await read(() => reads.counts(batchId) ?? NO_COUNTS)
    },
    pending: async (batchId, afterN, limit) => {
      const range = await rangeOf(batchId)
      return range ? await read(() => reads.pending(range, afterN, limit)) : []
    },
    record: (batchId, outcomes) => writer.call('record', { batchId, outcomes }),
    close: (batchId, state, at) => writer.call('close', { batchId, state, at }),
    counts: (batchId) => read(() => reads.counts(batchId) ?? NO_COUNTS),
    outputTokens: (batchId) => read(() => reads.outputTokens(batchId)),
    page: async (batchId, query, from, limit) => {
      const range = await rangeOf(batchId)
      if (!range) return { total: 0, requests: [] }
      if (query.text) {
        const ns = (await index(batchId, query)).map(({ n }) => n)
        return { total: ns.length, requests: await read(() => reads.at(range, ns.slice(from, from + limit))) }
      }
      return await read(() => ({ total: reads.count(range, query), requests: reads.page(range, query, from, limit) }))
    },
    all,
    index,
    one: async (batchId, n) => {
      const range = await rangeOf(batchId)
      return range && (await read(() => reads.one(range, n)))
    },
    errorGroups: async (batchId) => {
      const range = await rangeOf(batchId)
      return range ? await read(() => reads.errorGroups(range)) : []
    },
    remove: async (batchId) => {
      const isRemoved = await writer.call('remove', { batchId })
      sweep()
      return isRemoved
    },
  }

  return {
    requests,
    close: async () => {
      isClosing = true
      reader.close()
      await writer.close()
      await sweeping
    },
  }
}
