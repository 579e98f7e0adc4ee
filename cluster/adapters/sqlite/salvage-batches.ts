import type Database from 'better-sqlite3'
import { batchMigrations, pageForAnswers, PLACES } from './batch-schema.ts'
import { createRows, isJson } from './readable-rows.ts'
import { replaceDamaged } from './replace-damaged.ts'
import { keepFreePagesApart } from './tidying.ts'

/** What could be saved of a damaged store of requests. */
export interface SalvagedBatches {
  readonly keptBatches: number
  readonly keptOutcomes: number
  /** Batches of which the damaged file still says that it had more than could be read. */
  readonly incomplete: readonly { readonly batchId: string; readonly requests: number; readonly outcomes: number }[]
  /** Whether anything could not be read: what lay there is not known. */
  readonly hasGaps: boolean
}

/**
 * Puts a new store with every request and every outcome that can be read whole in the place of the damaged `file`, which is kept beside
 * it. What is taken over is doubted until its batch is read again from its input file.
 */
export async function salvageBatches(options: {
  readonly file: string
  /** In the name of the copy. */
  readonly stamp: string
  /** Before the new file takes the place of the damaged one. */
  readonly onSalvaged: (salvaged: SalvagedBatches, copy: string) => Promise<void>
}): Promise<void> {
  await replaceDamaged({
    file: options.file,
    stamp: options.stamp,
    migrations: batchMigrations,
    prepare: (target) => {
      pageForAnswers(target)
      keepFreePagesApart(target)
    },
    fill: (source, target) =>
      source ? takeOver(source, target) : { keptBatches: 0, keptOutcomes: 0, incomplete: [], hasGaps: true },
    onFilled: options.onSalvaged,
  })
}

interface Batch {
  readonly number: number
  readonly batch_id: string
  /** As the damaged file says it; 0 where that cannot be read. */
  readonly total: number
  readonly closed: number
}

type Row = Readonly<Record<string, unknown>>

const REQUEST_COLUMNS = ['custom_id', 'offset', 'length', 'body_offset', 'body_length', 'tokens_in', 'max_tokens']
const OUTCOME_COLUMNS = [
  'status_code',
  'request_id',
  'body',
  'error_code',
  'error_message',
  'error_cause',
  'attempts',
  'tokens_in',
  'tokens_out',
  'cost_micro_usd',
  'started_at',
  'ended_at',
]
const SERVED_MODEL = 'served_model'

/** A file of an earlier version does not tell who answered. */
function outcomeColumnsOf(source: Database.Database): readonly string[] {
  const known = source.prepare<[], string>(`select name from pragma_table_info('outcomes')`).pluck().all()
  return [...OUTCOME_COLUMNS, known.includes(SERVED_MODEL) ? SERVED_MODEL : `null as ${SERVED_MODEL}`]
}

function takeOver(source: Database.Database, target: Database.Database): SalvagedBatches {
  const batches = batchesIn(source)
  const insertBatch = target.prepare<[number, string]>('insert into batches (number, batch_id, is_doubted) values (?, ?, 1)')
  for (const { number, batch_id } of batches.values()) insertBatch.run(number, batch_id)
  const isKnown = ({ place }: Row) => batches.has(Math.floor(Number(place) / PLACES))

  const insertRequest = insertInto(target, 'requests', REQUEST_COLUMNS)
  const hasRequestGaps = takeRows(source, 'requests', REQUEST_COLUMNS, (row) => !isKnown(row) || insertRequest(row))
  if (hasRequestGaps) takeNames(source, insertRequest, isKnown)

  const insertOutcome = insertInto(target, 'outcomes', [...OUTCOME_COLUMNS, SERVED_MODEL])
  const settle = target.prepare<[{ place: unknown; state: string }]>('update requests set state = @state where place = @place')
  const hasOutcomeGaps = takeRows(source, 'outcomes', outcomeColumnsOf(source), (row) => {
    if (!isKnown(row)) return true
    if (!isReadable(row)) return false
    const isTaken = settle.run({ place: row['place'], state: stateOf(row) }).changes === 1 && insertOutcome(row)
    if (!isTaken) settle.run({ place: row['place'], state: 'pending' })
    return isTaken
  })
  // Of what only a name is known nothing can be sent, nor told.
  target.exec(`delete from requests where state = 'pending' and length = 0`)
  target.exec(PLACE_BETWEEN)
  target.exec(COUNT_AGAIN)
  return { ...summaryOf(target, batches), hasGaps: hasRequestGaps || hasOutcomeGaps }
}

/** By the table and by the index of ids: what is damaged in one may be whole in the other. */
function batchesIn(source: Database.Database): ReadonlyMap<number, Batch> {
  const found = new Map<number, Batch>()
  const take = ({ number, batch_id, total = 0, closed = 0 }: Row) => {
    if (typeof number !== 'number' || typeof batch_id !== 'string') return
    found.set(number, { number, batch_id, total: Number(total), closed: Number(closed) })
  }
  for (const order of ['asc', 'desc']) readOn(source, `select number, batch_id from batches order by batch_id ${order}`, take)
  const columns = ['batch_id', 'total', 'completed + failed + cancelled + expired as closed']
  for (const each of createRows<Row>(source, 'batches', 'number', columns).all()) if (each.kind === 'row') take(each.row)
  return found
}

/** True where something could not be read, or not be taken. */
function takeRows(source: Database.Database, table: string, columns: readonly string[], take: (row: Row) => boolean): boolean {
  let hasGaps = false
  for (const found of createRows<Row>(source, table, 'place', columns).all())
    if (found.kind === 'gap' || !take(found.row)) hasGaps = true
  return hasGaps
}

/** Requests whose rows are damaged by their names in the index, so that their outcomes can still be told apart. */
function takeNames(source: Database.Database, insert: (row: Row) => boolean, isKnown: (row: Row) => boolean): void {
  const nowhere = { offset: 0, length: 0, body_offset: 0, body_length: 0, tokens_in: 0, max_tokens: null }
  for (const order of ['asc', 'desc'])
    readOn(
      source,
      `select place, custom_id from requests indexed by requests_by_custom_id order by place >> 24 ${order}, custom_id ${order}`,
      (row) => isKnown(row) && insert({ ...nowhere, ...row }),
    )
}

/** Rows up to the first damage. */
function readOn(source: Database.Database, sql: string, take: (row: Row) => unknown): void {
  try {
    for (const row of source.prepare<[], Row>(sql).iterate()) take(row)
  } catch {
    return
  }
}

/** Gives a function that inserts a row by its place; false where there is one, or its values do not fit into the table. */
function insertInto(target: Database.Database, table: string, columns: readonly string[]): (row: Row) => boolean {
  const all = ['place', ...columns]
  const insert = target.prepare<[Row]>(
    `insert into ${table} (${all.join(', ')}) values (${all.map((column) => `@${column}`).join(', ')})`,
  )
  return (row) => {
    try {
      insert.run(row)
      return true
    } catch {
      return false
    }
  }
}

/** Only JSON is ever stored as an answer. */
function isReadable({ error_code, body }: Row): boolean {
  return error_code !== null || (typeof body === 'string' && isJson(body))
}

/** A request's row may be lost while its outcome is whole: that says by itself what it is. */
function stateOf({ error_code }: Row): string {
  if (error_code === null) return 'completed'
  if (error_code === 'batch_cancelled') return 'cancelled'
  return error_code === 'batch_expired' ? 'expired' : 'failed'
}

/** Requests are read from the file in its order: one whose line is not known stands, empty, behind the one before it. */
const PLACE_BETWEEN = `
  with known as (
    select r.place, coalesce((select offset + length from requests p where p.place < r.place and p.place >= (r.place >> 24) << 24
      and p.length > 0 order by p.place desc limit 1), 0) as behind
    from requests r where r.length = 0)
  update requests set offset = k.behind, body_offset = k.behind from known k where k.place = requests.place`

const COUNT_AGAIN = `
  with sums as (
    select r.place >> 24 as number, count(*) as total,
      sum(r.state = 'completed') as completed, sum(r.state = 'failed') as failed,
      sum(r.state = 'cancelled') as cancelled, sum(r.state = 'expired') as expired,
      coalesce(sum(max(0, o.attempts - 1)), 0) as retries, coalesce(sum(o.tokens_in), 0) as tokens_in,
      coalesce(sum(o.tokens_out), 0) as tokens_out, coalesce(sum(o.cost_micro_usd), 0) as cost_micro_usd,
      coalesce(sum(o.tokens_out) filter (where r.state = 'completed'), 0) as output_tokens,
      coalesce(sum(1.0 * o.tokens_out * o.tokens_out) filter (where r.state = 'completed'), 0.0) as output_tokens_squared
    from requests r left join outcomes o using (place) group by r.place >> 24)
  update batches set total = s.total, completed = s.completed, failed = s.failed, cancelled = s.cancelled, expired = s.expired,
    retries = s.retries, tokens_in = s.tokens_in, tokens_out = s.tokens_out, cost_micro_usd = s.cost_micro_usd,
    output_tokens = s.output_tokens, output_tokens_squared = s.output_tokens_squared
  from sums s where s.number = batches.number`

function summaryOf(target: Database.Database, batches: ReadonlyMap<number, Batch>): Omit<SalvagedBatches, 'hasGaps'> {
  const kept = target
    .prepare<[], { number: number; batch_id: string; total: number; closed: number }>(
      `select number, batch_id, completed + failed + cancelled + expired as closed,
         (select count(*) from requests where place >> 24 = number and length > 0) as total
       from batches order by number`,
    )
    .all()
  return {
    keptBatches: kept.length,
    keptOutcomes: kept.reduce((sum, { closed }) => sum + closed, 0),
    incomplete: kept.flatMap(({ number, batch_id, total, closed }) => {
      const before = batches.get(number)
      const requests = Math.max(0, (before?.total ?? 0) - total)
      const outcomes = Math.max(0, (before?.closed ?? 0) - closed)
      return requests > 0 || outcomes > 0 ? [{ batchId: batch_id, requests, outcomes }] : []
    }),
  }
}
