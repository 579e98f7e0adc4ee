import type { Database } from 'better-sqlite3'
import { listedStatus } from '../../messages/deliberation-query.ts'
import type { DeadlineRisk } from '../../messages/deliberation-risk.ts'
import type { DeliberationRow } from '../../messages/deliberation-views.ts'
import type { DeliberationReads } from '../../ports/deliberation-reads.ts'
import { splitBaseline } from './baseline.ts'
import type { PartKind, Parts } from './parts.ts'
import { expectedEnd, NO_END, pacedPhases } from './progress.ts'
import { runList, type RunList } from './run-list.ts'
import { statistics } from './statistics.ts'
import type { TableName } from '../engine/read-model.ts'

export interface DeliberationQueries extends DeliberationReads {
  readonly list: RunList
  /** Rows by their number in the order given; undefined for what retention removed. */
  rows(numbers: readonly number[], now: number): readonly (DeliberationRow | undefined)[]
  /** Runs in motion, soonest deadline first. */
  running(now: number): readonly DeliberationRow[]
  /** Output tokens a second in each of `points` steps of `stepMs` from `from`; null where nothing was generated. */
  tokenRates(from: number, stepMs: number, points: number): readonly (number | null)[]
  spendSince(at: number): { readonly runs: number; readonly costMicroUsd: number }
  notices(limit: number): readonly StoredNotice[]
  /** Ended runs that ended before `at`. */
  endedBefore(at: number): readonly string[]
}

export interface StoredNotice {
  readonly id: string
  readonly at: number
  readonly task_id: string
  readonly severity: 'good' | 'warn' | 'bad' | 'info'
  readonly title: string
  readonly body: string
}

/** Characters of a run's message that go into a list: pages stay small whatever a model or a server wrote. */
const LISTED_MESSAGE = 200

type Flag = 'partial' | 'starter' | 'archived' | 'dismissed'

type RunRow = Omit<DeliberationRow, Flag | 'models' | 'deadline_risk' | 'expected_end' | 'expected_end_p90'> & {
  readonly [F in Flag]: number
} & {
  readonly number: number
  readonly words: string
  readonly models: string
  readonly agreement: number | null
  readonly position_bias: number | null
  readonly council_id: string | null
  readonly architect: number
  readonly worst_share: number
  readonly risk: DeadlineRisk
}

const isMoving = ({ status }: Pick<RunRow, 'status'>): boolean => status === 'PENDING' || status === 'IN_PROGRESS'

/** Questions over the tables that serve now; `t` gives their names. */
export function deliberationQueries(db: Database, t: TableName): DeliberationQueries {
  const parts = <K extends PartKind>(taskId: string, kind: K): Parts[K][] =>
    (
      db.prepare(`SELECT value FROM ${t('part')} WHERE task_id = ? AND kind = ? ORDER BY place`).all(taskId, kind) as {
        value: string
      }[]
    ).map((row) => JSON.parse(row.value) as Parts[K])
  const part = <K extends PartKind>(taskId: string, kind: K): Parts[K] | undefined => parts(taskId, kind)[0]

  function view(row: RunRow, now: number): DeliberationRow {
    const {
      number: _,
      words: __,
      agreement: ___,
      position_bias: ____,
      council_id: _____,
      architect: ______,
      worst_share,
      risk,
      risk_why,
      risk_since,
      partial,
      starter,
      archived,
      dismissed,
      models,
      ...rest
    } = row
    const moving = isMoving(row)
    return {
      ...rest,
      partial: partial === 1,
      starter: starter === 1,
      archived: archived === 1,
      dismissed: dismissed === 1,
      models: JSON.parse(models) as string[],
      deadline_risk: !moving ? null : now >= row.deadline ? 'breaching' : risk,
      risk_why: moving ? risk_why : null,
      risk_since: moving ? risk_since : null,
      ...(moving ? expectedEnd(parts(row.task_id, 'phase'), worst_share, row.deadline, now) : NO_END),
    }
  }

  const listed = (row: RunRow, now: number): DeliberationRow =>
    view({ ...row, message: row.message.slice(0, LISTED_MESSAGE) }, now)

  const find = (taskId: string): RunRow | undefined =>
    db.prepare(`SELECT * FROM ${t('run')} WHERE task_id = ?`).get(taskId) as RunRow | undefined

  const rerunsOf = (taskId: string): string[] =>
    (
      db
        .prepare(`SELECT task_id FROM ${t('run')} WHERE rerun_of = ? AND status <> 'EXPIRED' ORDER BY created_at LIMIT 100`)
        .all(taskId) as { task_id: string }[]
    ).map((row) => row.task_id)

  const list = runList(db, t)

  function rows(numbers: readonly number[], now: number): (DeliberationRow | undefined)[] {
    const found = db
      .prepare(`SELECT * FROM ${t('run')} WHERE number IN (SELECT value FROM json_each(?)) AND status <> 'EXPIRED'`)
      .all(JSON.stringify(numbers)) as RunRow[]
    const views = new Map(found.map((row) => [row.number, listed(row, now)]))
    return numbers.map((number) => views.get(number))
  }

  return {
    list,
    rows,

    page(query, limit, after, now) {
      const numbers = list.page(query, limit, after)
      if (!numbers) return undefined
      const { status } = query.filter
      const counts = list.counts(query.filter)
      const total = (status.length === 0 ? listedStatus.options : status).reduce((sum, each) => sum + counts[each], 0)
      return { rows: rows(numbers, now).filter((row) => row !== undefined), total }
    },

    ...statistics(db, t),

    row(taskId, now) {
      const row = find(taskId)
      return row && row.status !== 'EXPIRED' ? view(row, now) : undefined
    },

    board(taskId, now) {
      const row = find(taskId)
      const spec = row && part(taskId, 'spec')
      if (row?.status === 'EXPIRED') return { kind: 'expired' }
      if (!row || !spec) return { kind: 'unknown' }
      const ranking = part(taskId, 'ranking') ?? []
      const selection = part(taskId, 'selection') ?? null
      const split = splitBaseline({
        spec,
        calls: parts(taskId, 'call'),
        versions: parts(taskId, 'version'),
        scores: parts(taskId, 'scores'),
        checks: part(taskId, 'checks') ?? [],
        ranking,
        selection,
        samples: part(taskId, 'samples') ?? [],
        skipped: part(taskId, 'baseline_skipped') ?? null,
      })
      return {
        kind: 'board',
        board: {
          row: view(row, now),
          spec,
          phases: isMoving(row) ? pacedPhases(parts(taskId, 'phase'), row.worst_share, now) : parts(taskId, 'phase'),
          ...split,
          critiques: parts(taskId, 'critique'),
          ranking,
          agreement: row.agreement,
          position_bias: row.position_bias,
          rounds_stopped: part(taskId, 'rounds_stopped') ?? null,
          measures: part(taskId, 'measures') ?? null,
          selection,
          outcomes: parts(taskId, 'outcome'),
          reruns: rerunsOf(taskId),
        },
      }
    },

    running: (now) =>
      (
        db
          .prepare(`SELECT * FROM ${t('run')} WHERE status IN ('PENDING', 'IN_PROGRESS') AND archived = 0 ORDER BY deadline`)
          .all() as RunRow[]
      ).map((row) => view(row, now)),

    tokenRates(from, stepMs, points) {
      const calls = db
        .prepare(`SELECT started_at, ended_at, tokens_out FROM ${t('call_time')} WHERE ended_at > ? AND started_at < ?`)
        .all(from, from + stepMs * points) as {
        started_at: number
        ended_at: number
        tokens_out: number
      }[]
      return spread(calls, from, stepMs, points)
    },

    spendSince(at) {
      const spent = db
        .prepare(`SELECT COALESCE(SUM(cost_micro_usd), 0) AS cost FROM ${t('call_time')} WHERE ended_at >= ?`)
        .get(at) as { cost: number }
      const runs = db
        .prepare(`SELECT COUNT(*) AS runs FROM ${t('run')} WHERE created_at >= ? AND status <> 'EXPIRED'`)
        .get(at) as { runs: number }
      return { runs: runs.runs, costMicroUsd: spent.cost }
    },

    notices: (limit) => db.prepare(`SELECT * FROM ${t('notice')} ORDER BY at DESC LIMIT ?`).all(limit) as StoredNotice[],

    endedBefore: (at) =>
      (
        db
          .prepare(`SELECT task_id FROM ${t('run')} WHERE ended_at < ? AND status NOT IN ('PENDING', 'IN_PROGRESS', 'EXPIRED')`)
          .all(at) as { task_id: string }[]
      ).map((row) => row.task_id),
  }
}

/** Tokens of each call laid evenly over the time from its first token to its end, summed by step. */
function spread(
  calls: readonly { started_at: number; ended_at: number; tokens_out: number }[],
  from: number,
  stepMs: number,
  points: number,
): (number | null)[] {
  const tokens = new Array<number | null>(points).fill(null)
  for (const { started_at, ended_at, tokens_out } of calls) {
    const length = Math.max(1, ended_at - started_at)
    const first = Math.max(0, Math.floor((started_at - from) / stepMs))
    const last = Math.min(points - 1, Math.floor((ended_at - from) / stepMs))
    for (let step = first; step <= last; step++) {
      const begin = Math.max(started_at, from + step * stepMs)
      const end = Math.min(started_at + length, from + (step + 1) * stepMs)
      if (end > begin) tokens[step] = (tokens[step] ?? 0) + (tokens_out * (end - begin)) / length
    }
  }
  return tokens.map((sum) => (sum === null ? null : Math.round((sum / stepMs) * 10_000) / 10))
}
