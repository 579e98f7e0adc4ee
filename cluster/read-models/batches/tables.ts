import type { TableName } from '../engine/read-model.ts'

/**
 * batch: one row a batch as JSON of the view's shape, with the columns that lists are filtered and sorted by; `words` is what a search
 * looks at, in lower case. part: what only its own page shows. point: its progress by time. moment: alerts, changes of the SLA state and
 * what people did.
 */
export const batchTables = (t: TableName): string => `
  CREATE TABLE ${t('batch')} (
    batch_id TEXT PRIMARY KEY, status TEXT NOT NULL, created_at INTEGER NOT NULL, ended_at INTEGER, deadline INTEGER NOT NULL,
    model TEXT NOT NULL DEFAULT '', sla TEXT NOT NULL, tenant TEXT NOT NULL, retry_of TEXT, words TEXT NOT NULL, value TEXT NOT NULL
  ) STRICT;
  CREATE INDEX ${t('batch')}_created ON ${t('batch')} (created_at DESC, batch_id);
  CREATE INDEX ${t('batch')}_retry ON ${t('batch')} (retry_of) WHERE retry_of IS NOT NULL;
  CREATE TABLE ${t('part')} (batch_id TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (batch_id, kind)) STRICT, WITHOUT ROWID;
  CREATE TABLE ${t('point')} (
    batch_id TEXT NOT NULL, at INTEGER NOT NULL, completed INTEGER NOT NULL, failed INTEGER NOT NULL, tokens_out INTEGER NOT NULL,
    rate REAL, concurrency INTEGER NOT NULL, PRIMARY KEY (batch_id, at)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ${t('moment')} (
    id TEXT PRIMARY KEY, batch_id TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL, message TEXT NOT NULL,
    is_notice INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX ${t('moment')}_batch ON ${t('moment')} (batch_id, at);
  CREATE INDEX ${t('moment')}_notice ON ${t('moment')} (at DESC) WHERE is_notice = 1;
`
