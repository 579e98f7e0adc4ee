import type { TableName } from '../engine/read-model.ts'

/**
 * run: one row a run, as lists show it. part: everything else on its board, one row a piece, as JSON of the view's shape.
 * call_time: ended calls by time, for rates and spend. notice: what an operator should hear of once.
 */
export const deliberationTables = (t: TableName): string => `
  CREATE TABLE ${t('run')} (
    task_id TEXT PRIMARY KEY, title TEXT NOT NULL, role TEXT NOT NULL, status TEXT NOT NULL,
    phase TEXT, round INTEGER NOT NULL, rounds INTEGER NOT NULL, num_agents INTEGER NOT NULL, failed_agents INTEGER NOT NULL,
    steps_done INTEGER NOT NULL, steps_total INTEGER NOT NULL, leader_id TEXT, score REAL,
    tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, cost_micro_usd INTEGER NOT NULL,
    created_at INTEGER NOT NULL, ended_at INTEGER, deadline INTEGER NOT NULL, partial INTEGER NOT NULL, starter INTEGER NOT NULL,
    models TEXT NOT NULL, end_reason TEXT, message TEXT NOT NULL, agreement REAL, position_bias REAL,
    outcome TEXT, archived INTEGER NOT NULL, dismissed INTEGER NOT NULL, rerun_of TEXT
  ) STRICT;
  CREATE INDEX ${t('run')}_created ON ${t('run')} (created_at DESC);
  CREATE INDEX ${t('run')}_status ON ${t('run')} (status, created_at DESC);
  CREATE INDEX ${t('run')}_rerun ON ${t('run')} (rerun_of) WHERE rerun_of IS NOT NULL;
  CREATE TABLE ${t('part')} (
    task_id TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, place INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (task_id, kind, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ${t('call_time')} (
    id TEXT PRIMARY KEY, started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, tokens_out INTEGER NOT NULL, cost_micro_usd INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX ${t('call_time')}_ended ON ${t('call_time')} (ended_at);
  CREATE TABLE ${t('notice')} (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, task_id TEXT NOT NULL, severity TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX ${t('notice')}_at ON ${t('notice')} (at DESC);
`
