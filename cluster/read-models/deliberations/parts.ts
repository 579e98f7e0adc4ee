import type { Database, Statement } from 'better-sqlite3'
import type {
  BoardCall,
  BoardCritique,
  BoardOutcome,
  BoardPhase,
  BoardScores,
  BoardVersion,
  DeliberationBoard,
} from '../../messages/deliberation-views.ts'
import type { RunSpec } from '../../messages/deliberation.ts'
import type { ModelReference } from '../../domain/deliberation/index.ts'
import type { CallPhase } from '../../messages/work.ts'
import type { TableName } from '../engine/read-model.ts'

/** The pieces of a board by kind, as they are stored. */
export interface Parts {
  readonly spec: RunSpec
  readonly phase: BoardPhase
  readonly call: BoardCall
  readonly version: BoardVersion
  readonly critique: BoardCritique
  readonly scores: BoardScores
  readonly checks: DeliberationBoard['checks']
  readonly ranking: DeliberationBoard['ranking']
  readonly samples: DeliberationBoard['ranking']
  readonly baseline_skipped: string
  readonly rounds_stopped: NonNullable<DeliberationBoard['rounds_stopped']>
  readonly measures: NonNullable<DeliberationBoard['measures']>
  readonly selection: NonNullable<DeliberationBoard['selection']>
  readonly outcome: BoardOutcome
}
export type PartKind = keyof Parts

type Column = string | number | null

/** How many answers of a model in a phase say how long they are. */
const ANSWERS_KEPT = 200

export interface PartStore {
  /** `models`: names of those that take part. */
  insertRun(row: Readonly<Record<string, Column>>, models: readonly string[]): void
  update(taskId: string, columns: Readonly<Record<string, Column>>): void
  /** Adds to numeric columns. */
  add(taskId: string, columns: Readonly<Record<string, number>>): void
  title(taskId: string): string
  hasEnded(taskId: string): boolean
  put<K extends PartKind>(taskId: string, kind: K, key: string, value: Parts[K]): void
  get<K extends PartKind>(taskId: string, kind: K, key: string): Parts[K] | undefined
  /** In the order in which the parts were first put. */
  all<K extends PartKind>(taskId: string, kind: K): readonly Parts[K][]
  recordCall(id: string, startedAt: number, endedAt: number, tokensOut: number, costMicroUsd: number): void
  /** Remembers how long an answer was; of each model and phase the newest are kept. */
  recordAnswer(model: ModelReference, phase: CallPhase, tokensOut: number): void
  recordNotice(notice: { id: string; at: number; task_id: string; severity: string; title: string; body: string }): void
  /** Leaves the row as a tombstone and drops everything else. */
  expire(taskId: string, at: number): void
}

/** Statements over one set of tables. Parts are written by this build only, so they are read without checking their shape again. */
export function createPartStore(db: Database, t: TableName): PartStore {
  const putPart = db.prepare(
    `INSERT INTO ${t('part')} (task_id, kind, key, place, value)
     VALUES (@taskId, @kind, @key, (SELECT COUNT(*) FROM ${t('part')} WHERE task_id = @taskId AND kind = @kind), @value)
     ON CONFLICT (task_id, kind, key) DO UPDATE SET value = excluded.value`,
  )
  const getPart = db.prepare<[string, string, string], { value: string }>(
    `SELECT value FROM ${t('part')} WHERE task_id = ? AND kind = ? AND key = ?`,
  )
  const allParts = db.prepare<[string, string], { value: string }>(
    `SELECT value FROM ${t('part')} WHERE task_id = ? AND kind = ? ORDER BY place`,
  )
  const putCall = db.prepare(`INSERT OR REPLACE INTO ${t('call_time')} VALUES (?, ?, ?, ?, ?)`)
  const whose = 'engine_id = @engine_id AND model = @model AND phase = @phase'
  const putAnswer = db.prepare(
    `INSERT INTO ${t('answer_size')} VALUES (
       @engine_id, @model, @phase, 1 + COALESCE((SELECT MAX(n) FROM ${t('answer_size')} WHERE ${whose}), 0), @tokensOut
     )`,
  )
  const dropAnswers = db.prepare(
    `DELETE FROM ${t('answer_size')} WHERE ${whose} AND n <= (SELECT MAX(n) FROM ${t('answer_size')} WHERE ${whose}) - ${ANSWERS_KEPT}`,
  )
  const putNotice = db.prepare(`INSERT OR REPLACE INTO ${t('notice')} VALUES (@id, @at, @task_id, @severity, @title, @body)`)
  const prepared = new Map<string, Statement>()
  const statement = (sql: string): Statement => {
    let found = prepared.get(sql)
    if (!found) prepared.set(sql, (found = db.prepare(sql)))
    return found
  }

  return {
    insertRun(row, models) {
      const names = Object.keys(row)
      const { lastInsertRowid } = statement(
        `INSERT OR REPLACE INTO ${t('run')} (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`,
      ).run(row)
      for (const model of models) {
        statement(`INSERT OR IGNORE INTO ${t('run_model')} VALUES (?, ?)`).run(lastInsertRowid, model)
        statement(`INSERT OR IGNORE INTO ${t('model')} VALUES (?)`).run(model)
      }
    },
    update(taskId, columns) {
      const names = Object.keys(columns)
      statement(`UPDATE ${t('run')} SET ${names.map((name) => `${name} = @${name}`).join(', ')} WHERE task_id = @task_id`).run({
        ...columns,
        task_id: taskId,
      })
    },
    add(taskId, columns) {
      const names = Object.keys(columns)
      statement(
        `UPDATE ${t('run')} SET ${names.map((name) => `${name} = ${name} + @${name}`).join(', ')} WHERE task_id = @task_id`,
      ).run({ ...columns, task_id: taskId })
    },
    title: (taskId) =>
      (statement(`SELECT title FROM ${t('run')} WHERE task_id = ?`).get(taskId) as { title: string } | undefined)?.title ??
      taskId,
    hasEnded: (taskId) =>
      statement(`SELECT 1 FROM ${t('run')} WHERE task_id = ? AND ended_at IS NOT NULL`).get(taskId) !== undefined,
    put: (taskId, kind, key, value) => void putPart.run({ taskId, kind, key, value: JSON.stringify(value) }),
    get: <K extends PartKind>(taskId: string, kind: K, key: string) => {
      const row = getPart.get(taskId, kind, key)
      return row && (JSON.parse(row.value) as Parts[K])
    },
    all: <K extends PartKind>(taskId: string, kind: K) =>
      allParts.all(taskId, kind).map((row) => JSON.parse(row.value) as Parts[K]),
    recordCall: (id, startedAt, endedAt, tokensOut, costMicroUsd) =>
      void putCall.run(id, startedAt, endedAt, tokensOut, costMicroUsd),
    recordAnswer: ({ engine_id, model }, phase, tokensOut) => {
      putAnswer.run({ engine_id, model, phase, tokensOut })
      dropAnswers.run({ engine_id, model, phase })
    },
    recordNotice: (notice) => void putNotice.run(notice),
    expire(taskId, at) {
      statement(`DELETE FROM ${t('part')} WHERE task_id = ?`).run(taskId)
      statement(`DELETE FROM ${t('notice')} WHERE task_id = ?`).run(taskId)
      const kept = statement(
        `UPDATE ${t('run')} SET status = 'EXPIRED', title = '', words = '', message = '', leader_id = NULL WHERE task_id = ?`,
      ).run(taskId)
      if (kept.changes > 0) return
      statement(
        `INSERT INTO ${t('run')} (task_id, status, created_at, ended_at, deadline) VALUES (@taskId, 'EXPIRED', @at, @at, @at)`,
      ).run({ taskId, at })
    },
  }
}
