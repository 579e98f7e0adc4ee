import type { Database } from 'better-sqlite3'
import type { DeliberationReads, Durations, OpenCall } from '../../ports/deliberation-reads.ts'
import type { CallPhase } from '../../messages/work.ts'
import type { TableName } from '../engine/read-model.ts'

/** Totals and times over the runs in the tables. */
export function statistics(
  db: Database,
  t: TableName,
): Pick<DeliberationReads, 'totals' | 'performance' | 'openCalls' | 'answerSizes'> {
  const counted = (column: string, where: string, values: Readonly<Record<string, number>> = {}): Record<string, number> => {
    const rows = db
      .prepare(`SELECT ${column} AS name, COUNT(*) AS count FROM ${t('run')} WHERE ${where} GROUP BY ${column}`)
      .all(values) as { name: string; count: number }[]
    return Object.fromEntries(rows.map(({ name, count }) => [name, count]))
  }

  return {
    totals() {
      const { avg } = db
        .prepare(`SELECT AVG(ended_at - created_at) AS avg FROM ${t('run')} WHERE status = 'COMPLETED'`)
        .get() as { avg: number | null }
      const { orchestrations } = db
        .prepare(`SELECT COUNT(*) AS orchestrations FROM ${t('run')} WHERE architect = 1 AND status <> 'EXPIRED'`)
        .get() as { orchestrations: number }
      return {
        byStatus: counted('status', `status <> 'EXPIRED'`),
        byRole: counted('role', `status <> 'EXPIRED'`),
        orchestrations,
        avgDurationMs: avg,
      }
    },

    performance(from, to) {
      const window = { from, to }
      const calls = db
        .prepare(
          `SELECT COUNT(*) AS count, COALESCE(SUM(tokens_out), 0) AS tokens_out, COALESCE(SUM(cost_micro_usd), 0) AS cost_micro_usd
           FROM ${t('call_time')} WHERE ended_at >= @from AND ended_at < @to`,
        )
        .get(window) as { count: number; tokens_out: number; cost_micro_usd: number }
      return {
        endedByStatus: counted('status', `ended_at >= @from AND ended_at < @to AND status <> 'EXPIRED'`, window),
        endedByCouncil: endedByCouncil(db, t, window),
        durations: durations(db, t, window),
        calls,
      }
    },

    openCalls: () =>
      db
        .prepare(
          `SELECT task_id, json_extract(part.value, '$.agent_id') AS agent_id, council_id
           FROM ${t('run')} AS run JOIN ${t('part')} AS part USING (task_id)
           WHERE archived = 0 AND status IN ('PENDING', 'IN_PROGRESS')
             AND kind = 'call' AND json_extract(part.value, '$.status') = 'open'`,
        )
        .all() as OpenCall[],

    answerSizes({ engine_id, model }) {
      // Tables of an earlier version, which serve while new ones are built, do not have it.
      if (!db.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?`).get(t('answer_size'))) return []
      const rows = db
        .prepare(`SELECT phase, tokens_out FROM ${t('answer_size')} WHERE engine_id = ? AND model = ?`)
        .all(engine_id, model) as { phase: CallPhase; tokens_out: number }[]
      return [...Map.groupBy(rows, ({ phase }) => phase)].map(([phase, answers]) => {
        const tokens = answers.map(({ tokens_out }) => tokens_out).sort((a, b) => a - b)
        return {
          phase,
          calls: tokens.length,
          mean: tokens.reduce((sum, each) => sum + each, 0) / tokens.length,
          p90: tokens[Math.ceil(0.9 * tokens.length) - 1] ?? 0,
        }
      })
    },
  }
}

function endedByCouncil(db: Database, t: TableName, window: { from: number; to: number }): Map<string, Record<string, number>> {
  const rows = db
    .prepare(
      `SELECT council_id, status, COUNT(*) AS count FROM ${t('run')}
       WHERE ended_at >= @from AND ended_at < @to AND status <> 'EXPIRED' AND council_id IS NOT NULL GROUP BY council_id, status`,
    )
    .all(window) as { council_id: string; status: string; count: number }[]
  const councils = new Map<string, Record<string, number>>()
  for (const { council_id, status, count } of rows) councils.set(council_id, { ...councils.get(council_id), [status]: count })
  return councils
}

/** A percentile is the smallest duration that at least that share of the runs does not exceed. */
function durations(db: Database, t: TableName, window: { from: number; to: number }): Durations {
  const completed = `FROM ${t('run')} WHERE status = 'COMPLETED' AND ended_at >= @from AND ended_at < @to`
  const { count, avg_ms } = db
    .prepare(`SELECT COUNT(*) AS count, AVG(ended_at - created_at) AS avg_ms ${completed}`)
    .get(window) as { count: number; avg_ms: number | null }
  const nth = db.prepare(`SELECT ended_at - created_at AS ms ${completed} ORDER BY ms LIMIT 1 OFFSET @skip`)
  const at = (share: number): number | null => {
    const row = nth.get({ ...window, skip: Math.max(0, Math.ceil(share * count) - 1) }) as { ms: number } | undefined
    return row?.ms ?? null
  }
  return { count, avg_ms, p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99) }
}
