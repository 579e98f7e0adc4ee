import type { Database } from 'better-sqlite3'
import type { ListedStatus, RunFilter, RunOrder, RunQuery, RunSortKey } from '../../messages/deliberation-query.ts'
import type { TableName } from '../engine/read-model.ts'

export type StatusCounts = Readonly<Record<ListedStatus, number>>

export interface RunBrief {
  readonly task_id: string
  readonly status: ListedStatus
  readonly archived: boolean
}

/** Which runs a query means, as numbers of rows: they stand for a run as long as the tables that serve are the same. */
export interface RunList {
  /** The first `limit`, or those that come after the run `after`. Undefined: there is no such run. */
  page(query: RunQuery, limit: number, after?: string): readonly number[] | undefined
  /** All of them, in order. */
  all(query: RunQuery): readonly number[]
  /** How many match, by status; of the filter everything but its status counts. */
  counts(filter: RunFilter): StatusCounts
  /** All that match, or those of `taskIds` that are there, with what decides what can be done with them. */
  briefs(runs: RunFilter | readonly string[]): readonly RunBrief[]
  /** Every model that ever took part in a run, by name. */
  models(): readonly string[]
  /** Those of `taskIds` that match. */
  matching(filter: RunFilter, taskIds: readonly string[]): readonly { readonly number: number; readonly task_id: string }[]
}

const STATUS_ORDER = `CASE status WHEN 'IN_PROGRESS' THEN 0 WHEN 'PENDING' THEN 1 WHEN 'FAILED' THEN 2 WHEN 'TIMEOUT' THEN 3
  WHEN 'CANCELLED' THEN 4 ELSE 5 END`

/** What each order goes by; `nullable` ones have runs without the value, which come last. */
const keys: Readonly<Record<RunSortKey, { readonly sql: string; readonly nullable?: true }>> = {
  created: { sql: 'created_at' },
  title: { sql: 'words' },
  id: { sql: 'task_id' },
  status: { sql: STATUS_ORDER },
  role: { sql: 'role' },
  agents: { sql: 'num_agents' },
  progress: { sql: '(1.0 * steps_done / steps_total)' },
  leader: { sql: 'leader_id', nullable: true },
  score: { sql: 'score', nullable: true },
  tokens_in: { sql: 'tokens_in' },
  tokens_out: { sql: 'tokens_out' },
  cost: { sql: 'cost_micro_usd' },
  took: { sql: '(ended_at - created_at)', nullable: true },
  ended: { sql: 'ended_at', nullable: true },
  deadline: { sql: 'deadline' },
  outcome: { sql: 'outcome', nullable: true },
}

type Value = string | number | null

interface Condition {
  readonly sql: string
  readonly values: Readonly<Record<string, Value>>
}

export function runList(db: Database, t: TableName): RunList {
  const run = t('run')
  // Left to itself SQLite follows an index that saves the sorting, and pays with a wide row for each run that the filter leaves out.
  const indexed = `${run} AS run INDEXED BY ${run}_list`
  const modelNames = db.prepare<[], string>(`SELECT name FROM ${t('model')}`).pluck()
  const numberOf = db.prepare<[string], number>(`SELECT number FROM ${run} WHERE task_id = ?`).pluck()

  function conditionOf(filter: RunFilter, status: readonly ListedStatus[] = filter.status): Condition {
    const parts = [`status <> 'EXPIRED'`]
    const values: Record<string, Value> = {}
    const hold = (sql: string, name: string, value: Value) => {
      parts.push(sql)
      values[name] = value
    }
    const among = (column: string, name: string, members: readonly string[]) => {
      if (members.length > 0) hold(`${column} IN (SELECT value FROM json_each(@${name}))`, name, JSON.stringify(members))
    }
    if (filter.archived !== 'any') hold('archived = @archived', 'archived', filter.archived === 'yes' ? 1 : 0)
    among('status', 'status', status)
    among('role', 'role', filter.role)
    among(`COALESCE(outcome, 'none')`, 'outcome', filter.outcome)
    if (filter.model.length > 0) {
      const wanted = filter.model.map((part) => part.toLowerCase())
      const names = modelNames.all().filter((name) => wanted.some((part) => name.toLowerCase().includes(part)))
      const takesPart = `SELECT 1 FROM ${t('run_model')} AS m WHERE m.number = run.number AND m.model IN (SELECT value FROM json_each(@model))`
      hold(`EXISTS (${takesPart})`, 'model', JSON.stringify(names))
    }
    if (filter.created_from !== null) hold('created_at >= @from', 'from', filter.created_from)
    if (filter.created_to !== null) hold('created_at < @to', 'to', filter.created_to)
    const text = filter.text.trim().toLowerCase()
    if (text !== '') hold('instr(words, @text) > 0', 'text', text)
    return { sql: parts.join(' AND '), values }
  }

  function numbers({ filter, order }: RunQuery, more: Condition, limit: number): number[] {
    const { sql, values } = conditionOf(filter)
    return db
      .prepare<[Readonly<Record<string, Value>>], number>(
        `SELECT number FROM ${indexed} WHERE ${sql} AND ${more.sql} ORDER BY ${orderOf(order)} LIMIT @limit`,
      )
      .pluck()
      .all({ ...values, ...more.values, limit })
  }

  /** What comes after a run in the order: a seek, so that a page costs the same wherever it is. */
  function afterRun({ by, descending }: RunOrder, number: number): Condition {
    const { sql, nullable } = keys[by]
    const key = db.prepare<[number], Value>(`SELECT ${sql} FROM ${run} WHERE number = ?`).pluck().get(number) ?? null
    if (key === null) return { sql: `${sql} IS NULL AND number < @number`, values: { number } }
    const beyond = `${sql} ${descending ? '<' : '>'} @key OR (${sql} = @key AND number < @number)`
    return { sql: nullable === true ? `(${beyond} OR ${sql} IS NULL)` : `(${beyond})`, values: { key, number } }
  }

  return {
    page(query, limit, after) {
      if (after === undefined) return numbers(query, { sql: 'TRUE', values: {} }, limit)
      const number = numberOf.get(after)
      return number === undefined ? undefined : numbers(query, afterRun(query.order, number), limit)
    },

    all: (query) => numbers(query, { sql: 'TRUE', values: {} }, -1),

    counts(filter) {
      const { sql, values } = conditionOf(filter, [])
      const counted = db
        .prepare<[Readonly<Record<string, Value>>], { status: ListedStatus; runs: number }>(
          `SELECT status, COUNT(*) AS runs FROM ${isPlain(filter) ? `${run} AS run` : indexed} WHERE ${sql} GROUP BY status`,
        )
        .all(values)
      const none: StatusCounts = { PENDING: 0, IN_PROGRESS: 0, COMPLETED: 0, FAILED: 0, TIMEOUT: 0, CANCELLED: 0 }
      return { ...none, ...Object.fromEntries(counted.map(({ status, runs }) => [status, runs])) }
    },

    briefs(runs) {
      const { sql, values }: Condition = isIds(runs)
        ? { sql: `status <> 'EXPIRED' AND task_id IN (SELECT value FROM json_each(@ids))`, values: { ids: JSON.stringify(runs) } }
        : conditionOf(runs)
      return db
        .prepare<[Readonly<Record<string, Value>>], Omit<RunBrief, 'archived'> & { archived: number }>(
          `SELECT task_id, status, archived FROM ${isIds(runs) ? `${run} AS run` : indexed} WHERE ${sql}`,
        )
        .all(values)
        .map((brief) => ({ ...brief, archived: brief.archived === 1 }))
    },

    models: () => modelNames.all(),

    matching(filter, taskIds) {
      const { sql, values } = conditionOf(filter)
      return db
        .prepare<[Readonly<Record<string, Value>>], { number: number; task_id: string }>(
          `SELECT number, task_id FROM ${run} AS run WHERE task_id IN (SELECT value FROM json_each(@ids)) AND ${sql}`,
        )
        .all({ ...values, ids: JSON.stringify(taskIds) })
    },
  }
}

const isIds = (runs: RunFilter | readonly string[]): runs is readonly string[] => Array.isArray(runs)

function orderOf({ by, descending }: RunOrder): string {
  const { sql, nullable } = keys[by]
  const direction = descending ? 'DESC' : 'ASC'
  return `${sql} ${direction}${nullable === true ? ' NULLS LAST' : ''}, number DESC`
}

/** Nothing is asked but where: the index by status alone answers it. */
function isPlain({ role, model, outcome, created_from, created_to, text }: RunFilter): boolean {
  return role.length + model.length + outcome.length + text.trim().length === 0 && created_from === null && created_to === null
}
