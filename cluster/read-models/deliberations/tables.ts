import type { TableName } from '../engine/read-model.ts'

/**
 * run: one row a run, as lists show it; `words` is what a search looks at, in lower case, title first. run_model: who takes part in
 * which run; model: every name ever seen. part: everything else on its board, one row a piece, as JSON of the view's shape.
 * call_time: ended calls by time, for rates and spend. answer_size: the newest answers of each model in each phase, by `n`. notice: what an operator should hear of once.
 */
export const deliberationTables = (t: TableName): string => `
  CREATE TABLE ${t('run')} (
    number INTEGER PRIMARY KEY, task_id TEXT NOT NULL UNIQUE, status TEXT NOT NULL,
    created_at INTEGER NOT NULL, ended_at INTEGER, deadline INTEGER NOT NULL,
    words TEXT NOT NULL DEFAULT '', title TEXT NOT NULL DEFAULT '', role TEXT NOT NULL DEFAULT '', phase TEXT,
    round INTEGER NOT NULL DEFAULT 0, rounds INTEGER NOT NULL DEFAULT 0,
    num_agents INTEGER NOT NULL DEFAULT 1, failed_agents INTEGER NOT NULL DEFAULT 0,
    steps_done INTEGER NOT NULL DEFAULT 0, steps_total INTEGER NOT NULL DEFAULT 1, leader_id TEXT, score REAL,
    tokens_in INTEGER NOT NULL DEFAULT 0, tokens_out INTEGER NOT NULL DEFAULT 0, cost_micro_usd INTEGER NOT NULL DEFAULT 0,
    partial INTEGER NOT NULL DEFAULT 0, starter INTEGER NOT NULL DEFAULT 0, models TEXT NOT NULL DEFAULT '[]',
    end_reason TEXT, message TEXT NOT NULL DEFAULT '', agreement REAL, position_bias REAL,
    outcome TEXT, archived INTEGER NOT NULL DEFAULT 0, dismissed INTEGER NOT NULL DEFAULT 0, rerun_of TEXT,
    council_id TEXT, architect INTEGER NOT NULL DEFAULT 0, risk TEXT NOT NULL DEFAULT 'on_track', risk_why TEXT,
    risk_since INTEGER, worst_share REAL NOT NULL DEFAULT 1
  ) STRICT;
  CREATE INDEX ${t('run')}_created ON ${t('run')} (created_at);
  CREATE INDEX ${t('run')}_status ON ${t('run')} (archived, status, created_at);
  -- Holds all that lists are filtered and sorted by: a list is one pass over it, and never touches the wide rows of runs it leaves out.
  CREATE INDEX ${t('run')}_list ON ${t('run')} (
    archived, created_at, number, status, role, outcome, num_agents, steps_done, steps_total, leader_id, score, tokens_in, tokens_out,
    cost_micro_usd, ended_at, deadline, words, task_id
  );
  CREATE TABLE ${t('run_model')} (number INTEGER NOT NULL, model TEXT NOT NULL, PRIMARY KEY (number, model)) STRICT, WITHOUT ROWID;
  CREATE TABLE ${t('model')} (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE INDEX ${t('run')}_rerun ON ${t('run')} (rerun_of) WHERE rerun_of IS NOT NULL;
  CREATE TABLE ${t('part')} (
    task_id TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, place INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (task_id, kind, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ${t('call_time')} (
    id TEXT PRIMARY KEY, started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, tokens_out INTEGER NOT NULL, cost_micro_usd INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX ${t('call_time')}_ended ON ${t('call_time')} (ended_at);
  CREATE TABLE ${t('answer_size')} (
    engine_id TEXT NOT NULL, model TEXT NOT NULL, phase TEXT NOT NULL, n INTEGER NOT NULL, tokens_out INTEGER NOT NULL,
    PRIMARY KEY (engine_id, model, phase, n)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ${t('notice')} (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, task_id TEXT NOT NULL, severity TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX ${t('notice')}_at ON ${t('notice')} (at DESC);
`
