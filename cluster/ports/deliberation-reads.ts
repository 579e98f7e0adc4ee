import type { AnswerSize, ModelReference } from '../domain/deliberation/index.ts'
import type { RunQuery } from '../messages/deliberation-query.ts'
import type { DeliberationBoard, DeliberationRow } from '../messages/deliberation-views.ts'

export type FoundBoard =
  { readonly kind: 'board'; readonly board: DeliberationBoard } | { readonly kind: 'expired' } | { readonly kind: 'unknown' }

export interface RunTotals {
  readonly byStatus: Readonly<Record<string, number>>
  readonly byRole: Readonly<Record<string, number>>
  /** Runs whose winner an architect chooses. */
  readonly orchestrations: number
  /** Of completed runs; null while there is none. */
  readonly avgDurationMs: number | null
}

/** Of completed runs, in milliseconds; null where there is none. `count`: how many the figures rest on. */
export interface Durations {
  readonly count: number
  readonly avg_ms: number | null
  readonly p50_ms: number | null
  readonly p95_ms: number | null
  readonly p99_ms: number | null
}

/** Runs that ended in a window. */
export interface RunPerformance {
  readonly endedByStatus: Readonly<Record<string, number>>
  /** The same for each council that any of them had its agents from. */
  readonly endedByCouncil: ReadonlyMap<string, Readonly<Record<string, number>>>
  readonly durations: Durations
  readonly calls: { readonly count: number; readonly tokens_out: number; readonly cost_micro_usd: number }
}

/** A call of a run in motion that has not been answered. */
export interface OpenCall {
  readonly task_id: string
  readonly agent_id: string
  readonly council_id: string | null
}

/** What commands ask of the read models. Times are milliseconds since the epoch. */
export interface DeliberationReads {
  board(taskId: string, now: number): FoundBoard
  row(taskId: string, now: number): DeliberationRow | undefined
  /** The first `limit`, or those behind the run `after`, and how many match on all pages. Undefined: there is no such run. */
  page(
    query: RunQuery,
    limit: number,
    after: string | undefined,
    now: number,
  ): { readonly rows: readonly DeliberationRow[]; readonly total: number } | undefined
  totals(): RunTotals
  performance(from: number, to: number): RunPerformance
  openCalls(): readonly OpenCall[]
  /** How long the newest answers of a model were in each phase that it was asked in. */
  answerSizes(model: ModelReference): readonly AnswerSize[]
}

/** A run as a file; `now` is milliseconds since the epoch. */
export type ExportRun = (
  board: DeliberationBoard,
  format: 'markdown' | 'json',
  now: number,
) => { readonly file_name: string; readonly media_type: string; readonly text: string }

/** The read models of one plane, as far as commands need them. */
export interface PlaneReads {
  /** Over the tables that serve now; ask again after every wait. */
  readonly queries: () => DeliberationReads
  /** Ids of runs whose rows changed. Returns the function that ends it. */
  readonly runsChanged: (listener: (taskIds: Iterable<string>) => void) => () => void
  /** Resolves when the read models have everything the log holds now. */
  readonly caughtUp: () => Promise<void>
}
