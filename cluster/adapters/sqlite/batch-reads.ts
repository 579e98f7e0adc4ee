import type Database from 'better-sqlite3'
import type { BatchCounts } from '../../messages/batch.ts'
import type { ErrorGroup } from '../../messages/batch-views.ts'
import type { IndexedRequest, NewRequest, RequestOutcome, RequestQuery, StoredRequest } from '../../ports/batch-requests.ts'
import { meanAndVariance, retryHelps } from '../local/batch-outcomes.ts'
import { PLACES } from './batch-schema.ts'
import { selectCounts } from './batch-steps.ts'

/** Places of a batch: from `low` to below `high`. */
interface Range {
  readonly low: number
  readonly high: number
}

interface RequestColumns {
  readonly place: number
  readonly customId: string
  readonly offset: number
  readonly length: number
  readonly bodyOffset: number
  readonly bodyLength: number
  readonly tokensIn: number
  readonly maxTokens: number | null
}

interface StoredColumns extends RequestColumns {
  readonly state: 'pending' | RequestOutcome['state']
  readonly statusCode: number | null
  readonly requestId: string | null
  readonly body: string | null
  readonly servedModel: string | null
  readonly code: string | null
  readonly message: string | null
  readonly cause: string | null
  readonly attempts: number
  readonly usedIn: number
  readonly tokensOut: number
  readonly costMicroUsd: number
  readonly startedAt: number
  readonly endedAt: number
}

interface GroupColumns {
  readonly code: string
  readonly status_code: number | null
  readonly count: number
  readonly first_at: number
  readonly last_at: number
  readonly place: number
}

const requestColumns = `r.place, r.custom_id as customId, r.offset, r.length, r.body_offset as bodyOffset,
  r.body_length as bodyLength, r.tokens_in as tokensIn, r.max_tokens as maxTokens`
const storedColumns = `${requestColumns}, r.state, o.status_code as statusCode, o.request_id as requestId, o.body, o.served_model as servedModel,
  o.error_code as code, o.error_message as message, o.error_cause as cause, o.attempts, o.tokens_in as usedIn,
  o.tokens_out as tokensOut, o.cost_micro_usd as costMicroUsd, o.started_at as startedAt, o.ended_at as endedAt`

/** Queries of the requests of batches over a read-only connection, each short: what may take long is asked for in slices. */
export function createBatchReads(db: Database.Database) {
  const numberOf = db.prepare<[string], number>('select number from batches where batch_id = ?').pluck()
  const counts = db.prepare<[string], BatchCounts>(selectCounts)
  const isWhole = db
    .prepare<[{ batchId: string; total: number }], number>(
      'select total = @total and not is_doubted from batches where batch_id = @batchId',
    )
    .pluck()
  const lengths = db.prepare<[string], { count: number; sum: number; squared: number }>(
    'select completed as count, output_tokens as sum, output_tokens_squared as squared from batches where batch_id = ?',
  )
  const pending = db.prepare<[Range & { limit: number }], RequestColumns>(
    `select ${requestColumns} from requests r where place >= @low and place < @high and state = 'pending' order by place limit @limit`,
  )
  const joined = 'from requests r left join outcomes o using (place)'
  const one = db.prepare<[number], StoredColumns>(`select ${storedColumns} ${joined} where r.place = ?`)
  // One statement for all: each reads a snapshot of its own, and what that takes is more than the rows.
  const at = db.prepare<[string], StoredColumns>(
    `select ${storedColumns} ${joined} where r.place in (select value from json_each(?)) order by r.place`,
  )
  const last = db
    .prepare<[Range], number>('select coalesce(max(place), @low) from requests where place >= @low and place < @high')
    .pluck()
  // Answered by the index of failures alone.
  const groups = db.prepare<[number], GroupColumns>(
    `select error_code as code, status_code, count(*) as count, min(ended_at) as first_at, max(ended_at) as last_at,
       min(place) as place
     from outcomes where place >> 24 = ? and error_code is not null group by error_code, status_code order by count desc, code`,
  )
  const example = db.prepare<[number], string>('select error_message from outcomes where place = ?').pluck()
  const prepared = new Map<string, Database.Statement<[object]>>()

  function statement(sql: string): Database.Statement<[object]> {
    const known = prepared.get(sql) ?? db.prepare<[object]>(sql)
    prepared.set(sql, known)
    return known
  }

  return {
    /** Where a batch lies; undefined if it is not there. */
    rangeOf(batchId: string): Range | undefined {
      const number = numberOf.get(batchId)
      return number === undefined ? undefined : { low: number * PLACES, high: (number + 1) * PLACES }
    },
    counts: (batchId: string) => counts.get(batchId),
    isWhole: (batchId: string, total: number) => (isWhole.get({ batchId, total }) ?? Number(total === 0)) === 1,
    outputTokens(batchId: string) {
      const { count, sum, squared } = lengths.get(batchId) ?? { count: 0, sum: 0, squared: 0 }
      return meanAndVariance(count, sum, squared)
    },
    pending: (range: Range, afterN: number, limit: number): NewRequest[] =>
      pending.all({ ...range, low: range.low + afterN + 1, limit }).map(requestOf),
    one(range: Range, n: number): StoredRequest | undefined {
      const row = one.get(range.low + n)
      return row && storedOf(row)
    },
    /** The greatest place of a batch. */
    last: (range: Range) => last.get(range) ?? range.low,
    /** How many match; for queries without a text. */
    count(range: Range, query: RequestQuery): number {
      const { where, values } = conditions(query)
      const sql = `select count(*) as count from requests r where r.place >= @low and r.place < @high${where}`
      return (statement(sql).get({ ...range, ...values }) as { count: number }).count
    },
    /** A page of matches by place. */
    page(range: Range, query: RequestQuery, offset: number, limit: number): StoredRequest[] {
      const { where, values } = conditions(query)
      // The places first: a skipped row costs no look at its answer.
      const sql = `with hit as materialized (select r.place from requests r where r.place >= @low and r.place < @high${where}
          order by r.place limit @limit offset @offset)
        select ${storedColumns} from hit join requests r using (place) left join outcomes o using (place) order by r.place`
      return (statement(sql).all({ ...range, ...values, offset, limit }) as StoredColumns[]).map(storedOf)
    },
    /** All matches without what was asked and answered; for short ranges. */
    index(range: Range, query: RequestQuery): IndexedRequest[] {
      const { where, values } = conditions(query)
      // Answers are looked at only where a text is sought.
      const from = query.text ? joined : 'from requests r'
      const sql = `select r.place, r.custom_id as customId, r.state ${from} where r.place >= @low and r.place < @high${where} order by r.place`
      const rows = statement(sql).all({ ...range, ...values }) as (Omit<IndexedRequest, 'n'> & { readonly place: number })[]
      return rows.map(({ place, customId, state }) => ({ n: place % PLACES, customId, state }))
    },
    /** All matches; for short ranges. */
    all(range: Range, query: RequestQuery): StoredRequest[] {
      const { where, values } = conditions(query)
      const sql = `select ${storedColumns} ${joined} where r.place >= @low and r.place < @high${where} order by r.place`
      return (statement(sql).all({ ...range, ...values }) as StoredColumns[]).map(storedOf)
    },
    at: (range: Range, ns: readonly number[]): StoredRequest[] =>
      at.all(JSON.stringify(ns.map((n) => range.low + n))).map(storedOf),
    errorGroups: (range: Range): ErrorGroup[] =>
      groups.all(range.low / PLACES).map(({ place, ...group }) => ({
        ...group,
        retry_helps: retryHelps(group.status_code),
        example: example.get(place) ?? '',
      })),
  }
}

/** More of a `where`, over `r` and, for a text, `o`. */
function conditions({ states, errorCodes, text }: RequestQuery): { where: string; values: object } {
  const parts = [
    // As JSON, so that one statement serves every list.
    states && 'r.state in (select value from json_each(@states))',
    errorCodes &&
      `r.place in (select place from outcomes where place >> 24 = @low >> 24 and error_code is not null
        and error_code in (select value from json_each(@errorCodes)))`,
    text && `(r.custom_id like @text escape '\\' or o.body like @text escape '\\' or o.error_message like @text escape '\\')`,
  ]
  const where = parts
    .filter(Boolean)
    .map((part) => ` and ${part}`)
    .join('')
  return {
    where,
    values: {
      ...(states && { states: JSON.stringify(states) }),
      ...(errorCodes && { errorCodes: JSON.stringify(errorCodes) }),
      ...(text && { text: `%${text.replaceAll(/[\\%_]/g, '\\$&')}%` }),
    },
  }
}

function requestOf({ place, customId, offset, length, bodyOffset, bodyLength, tokensIn, maxTokens }: RequestColumns): NewRequest {
  return { n: place % PLACES, customId, offset, length, bodyOffset, bodyLength, tokensIn, maxTokens }
}

function storedOf(row: StoredColumns): StoredRequest {
  return { ...requestOf(row), outcome: row.state === 'pending' ? null : outcomeOf(row, row.state) }
}

function outcomeOf(row: StoredColumns, state: RequestOutcome['state']): RequestOutcome {
  const { place, statusCode, requestId, body, code, message, cause, attempts, usedIn, tokensOut, costMicroUsd } = row
  const error = code === null ? null : { code, message: message ?? '', cause }
  const times = { startedAt: row.startedAt, endedAt: row.endedAt }
  return {
    n: place % PLACES,
    state,
    statusCode,
    requestId,
    body,
    servedModel: row.servedModel ?? undefined,
    error,
    attempts,
    tokensIn: usedIn,
    tokensOut,
    costMicroUsd,
    ...times,
  }
}
