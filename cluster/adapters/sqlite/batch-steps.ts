import type Database from 'better-sqlite3'
import { batchCounts } from '../../messages/batch.ts'
import type { BatchCounts } from '../../messages/batch.ts'
import type { NewRequest, RequestOutcome } from '../../ports/batch-requests.ts'
import { NO_COUNTS } from '../../domain/batch/state.ts'
import { unanswered } from '../local/batch-outcomes.ts'
import { PLACES } from './batch-schema.ts'
import type { Handlers } from './writer-protocol.ts'

/** All that the writer thread does to the requests of batches. */
export interface BatchSteps {
  begin: { input: { batchId: string }; output: null }
  add: {
    input: { batchId: string; requests: readonly NewRequest[] }
    output: { kind: 'added' } | { kind: 'unknown' } | { kind: 'duplicate'; customId: string; n: number; earlier: number }
  }
  record: { input: { batchId: string; outcomes: readonly RequestOutcome[] }; output: BatchCounts }
  close: { input: { batchId: string; state: 'cancelled' | 'expired'; at: number }; output: BatchCounts }
  /** The rows under `by` are the batch's from now on; false if there are none. */
  adopt: { input: { batchId: string; by: string }; output: boolean }
  remove: { input: { batchId: string }; output: boolean }
  /** Deletes some rows of what was removed or replaced; true if there is more. */
  sweep: { input: { rows: number }; output: boolean }
}

const countColumns = Object.keys(batchCounts.shape) as (keyof BatchCounts)[]

/** The counts of one batch by its id. */
export const selectCounts = `select ${countColumns.join(', ')} from batches where batch_id = ?`

/** What one outcome, or several in one step, add to a batch. */
type Sums = Record<Exclude<keyof BatchCounts, 'total'> | 'output_tokens' | 'output_tokens_squared', number>
const noSums = (): Sums => ({
  completed: 0,
  failed: 0,
  cancelled: 0,
  expired: 0,
  retries: 0,
  tokens_in: 0,
  tokens_out: 0,
  cost_micro_usd: 0,
  output_tokens: 0,
  output_tokens_squared: 0,
})

/** The writes of the requests of batches over an open database. */
export function createBatchSteps(db: Database.Database): Handlers<BatchSteps> {
  const numberOf = db.prepare<[string], number>('select number from batches where batch_id = ?').pluck()
  const counts = db.prepare<[string], BatchCounts>(selectCounts)
  const insertBatch = db.prepare<[string]>('insert into batches (batch_id) values (?)')
  const deleteBatch = db.prepare<[string]>('delete from batches where batch_id = ?')
  const rename = db.prepare<[string, string]>('update batches set batch_id = ? where batch_id = ?')
  const discard = db.prepare<[number]>('insert into discarded (number) values (?)')
  const insertRequest = db.prepare(
    `insert into requests (place, custom_id, offset, length, body_offset, body_length, tokens_in, max_tokens)
     values (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const placeOf = db
    .prepare<[number, string], number>('select place from requests where place >> 24 = ? and custom_id = ?')
    .pluck()
  const grow = db.prepare<[number, number]>('update batches set total = total + ? where number = ?')
  const settle = db.prepare<[string, number]>(`update requests set state = ? where place = ? and state = 'pending'`)
  const insertOutcome = db.prepare(`insert into outcomes values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const addSums = db.prepare<[Sums & { number: number }]>(
    `update batches set ${Object.keys(noSums())
      .map((column) => `${column} = ${column} + @${column}`)
      .join(', ')} where number = @number`,
  )
  const pending = db.prepare<[number, number], number>(
    `select place from requests where place >= ? and place < ? and state = 'pending'`,
  )
  const firstDiscarded = db.prepare<[], number>('select number from discarded limit 1').pluck()
  const sweeps = ['outcomes', 'requests'].map((table) =>
    db.prepare<[number, number, number]>(
      `delete from ${table} where place in (select place from ${table} where place >= ? and place < ? limit ?)`,
    ),
  )
  const forget = db.prepare<[number]>('delete from discarded where number = ?')

  function remove(batchId: string): boolean {
    const number = numberOf.get(batchId)
    if (number === undefined) return false
    deleteBatch.run(batchId)
    discard.run(number)
    return true
  }

  const insertAll = db.transaction((number: number, requests: readonly NewRequest[]) => {
    for (const request of requests) {
      const { n, customId, offset, length, bodyOffset, bodyLength, tokensIn, maxTokens } = request
      try {
        insertRequest.run(number * PLACES + n, customId, offset, length, bodyOffset, bodyLength, tokensIn, maxTokens)
      } catch (cause) {
        throw isTaken(cause) ? new Taken(request, cause) : cause
      }
    }
    grow.run(requests.length, number)
  })

  /** Stores one outcome unless the request has one, and adds it up. */
  function store(number: number, outcome: RequestOutcome, sums: Sums): void {
    const { n, state, statusCode, requestId, body, error, attempts, tokensIn, tokensOut, costMicroUsd } = outcome
    const place = number * PLACES + n
    if (settle.run(state, place).changes === 0) return
    const failure = [error?.code ?? null, error?.message ?? null, error?.cause ?? null]
    const { startedAt, endedAt } = outcome
    insertOutcome.run(
      place,
      statusCode,
      requestId,
      body,
      ...failure,
      attempts,
      tokensIn,
      tokensOut,
      costMicroUsd,
      startedAt,
      endedAt,
      outcome.servedModel ?? null,
    )
    sums[state] += 1
    sums.retries += Math.max(0, attempts - 1)
    sums.tokens_in += tokensIn
    sums.tokens_out += tokensOut
    sums.cost_micro_usd += costMicroUsd
    if (state !== 'completed') return
    sums.output_tokens += tokensOut
    sums.output_tokens_squared += tokensOut * tokensOut
  }

  function record(batchId: string, outcomes: Iterable<RequestOutcome>): BatchCounts {
    const number = numberOf.get(batchId)
    if (number === undefined) return NO_COUNTS
    const sums = noSums()
    for (const outcome of outcomes) store(number, outcome, sums)
    addSums.run({ ...sums, number })
    return counts.get(batchId) ?? NO_COUNTS
  }

  return {
    begin: ({ batchId }) => {
      remove(batchId)
      insertBatch.run(batchId)
      return null
    },
    add: ({ batchId, requests }) => {
      const number = numberOf.get(batchId)
      if (number === undefined) return { kind: 'unknown' }
      try {
        insertAll(number, requests)
        return { kind: 'added' }
      } catch (error) {
        if (!(error instanceof Taken)) throw error
        const { customId, n } = error.request
        const earlier = placeOf.get(number, customId) ?? requests.find((request) => request.customId === customId)?.n ?? n
        return { kind: 'duplicate', customId, n, earlier: earlier % PLACES }
      }
    },
    record: ({ batchId, outcomes }) => record(batchId, outcomes),
    close: ({ batchId, state, at }) => {
      const number = numberOf.get(batchId)
      if (number === undefined) return NO_COUNTS
      const open = pending.pluck().all(number * PLACES, (number + 1) * PLACES)
      return record(
        batchId,
        open.map((place) => unanswered(place % PLACES, state, at)),
      )
    },
    adopt: ({ batchId, by }) => {
      if (numberOf.get(by) === undefined) return false
      remove(batchId)
      rename.run(batchId, by)
      return true
    },
    remove: ({ batchId }) => remove(batchId),
    sweep: ({ rows }) => {
      const number = firstDiscarded.get()
      if (number === undefined) return false
      const deleted = sweeps.map((sweep) => sweep.run(number * PLACES, (number + 1) * PLACES, rows).changes)
      if (deleted.every((count) => count < rows)) forget.run(number)
      return firstDiscarded.get() !== undefined
    },
  }
}

/** A request whose custom_id or place the batch has already. */
class Taken extends Error {
  readonly request: NewRequest

  constructor(request: NewRequest, cause: unknown) {
    super(`${request.customId} is there already`, { cause })
    this.request = request
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_CONSTRAINT_')
}
