import type Database from 'better-sqlite3'
import { UnavailableError } from '../../ports/errors.ts'

/** One step each; `user_version` counts those taken. Never change one that was released: add another. */
export const contextMigrations: readonly string[] = [
  `
  create table entries (
    sequence integer primary key,
    subject text not null,
    events text not null
  ) strict;
  create index entries_by_subject on entries (subject);

  create table items (
    position integer primary key,
    queue text not null,
    id text not null,
    task_id text not null,
    body text not null,
    state text not null check (state in ('waiting', 'leased', 'done', 'parked', 'damaged')),
    ready_at integer not null,
    lease integer not null default 0,
    deliveries integer not null default 0,
    reason text not null default '',
    changed_at integer not null,
    unique (queue, id)
  ) strict;
  create index items_in_circulation on items (queue, position, ready_at) where state in ('waiting', 'leased');
  create index items_at_rest on items (queue, state, changed_at) where state not in ('waiting', 'leased');

  create table state (
    key text primary key,
    value text not null,
    revision integer not null
  ) strict, without rowid;
  create table last_revision (only_row integer primary key check (only_row = 1), revision integer not null) strict;
  insert into last_revision values (1, 0);
  `,
]

/** Brings the database to the newest schema; refuses one that a newer Signalbox wrote. */
export function migrate(db: Database.Database, file: string, migrations: readonly string[]): void {
  const taken = Number(db.pragma('user_version', { simple: true }))
  if (taken > migrations.length)
    throw new UnavailableError(
      `${file} was written by a newer Signalbox (schema ${taken}; this one knows ${migrations.length}). Update Signalbox, or choose another data directory.`,
    )
  const rest = migrations.slice(taken)
  db.transaction(() => {
    for (const statements of rest) db.exec(statements)
    db.pragma(`user_version = ${migrations.length}`)
  }).immediate()
}
