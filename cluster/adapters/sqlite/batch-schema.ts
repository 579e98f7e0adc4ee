import type Database from 'better-sqlite3'

/**
 * The requests of batches. A batch has a number of its own, and a request the place number × 2^24 + n: what belongs together lies
 * together. One step each; `user_version` counts those taken. Never change one that was released: add another.
 */
export const batchMigrations: readonly string[] = [
  `
  create table batches (
    number integer primary key autoincrement,
    batch_id text not null unique,
    total integer not null default 0,
    completed integer not null default 0,
    failed integer not null default 0,
    cancelled integer not null default 0,
    expired integer not null default 0,
    retries integer not null default 0,
    tokens_in integer not null default 0,
    tokens_out integer not null default 0,
    cost_micro_usd integer not null default 0,
    -- Of completed requests: for the mean and variance of their output tokens.
    output_tokens integer not null default 0,
    output_tokens_squared real not null default 0
  ) strict;
  -- Numbers of batches that were removed or replaced; their rows go in small steps.
  create table discarded (number integer primary key) strict;

  create table requests (
    place integer primary key,
    custom_id text not null,
    state text not null default 'pending' check (state in ('pending', 'completed', 'failed', 'cancelled', 'expired')),
    offset integer not null,
    length integer not null,
    body_offset integer not null,
    body_length integer not null,
    tokens_in integer not null,
    max_tokens integer
  ) strict;
  create unique index requests_by_custom_id on requests (place >> 24, custom_id);

  create table outcomes (
    place integer primary key,
    status_code integer,
    request_id text,
    body text,
    error_code text,
    error_message text,
    error_cause text,
    attempts integer not null,
    tokens_in integer not null,
    tokens_out integer not null,
    cost_micro_usd integer not null,
    started_at integer not null,
    ended_at integer not null
  ) strict;
  create index failures_by_cause on outcomes (place >> 24, error_code, status_code, ended_at) where error_code is not null;
  `,
  `
  -- Taken over from a damaged file: rows may be missing, until the batch is read again from its input file.
  alter table batches add column is_doubted integer not null default 0;
  `,
  // The model that answered, as engine/model; null where only the batch's own could.
  `alter table outcomes add column served_model text`,
]

/** Only a new file takes it. Answers of 2 kB would leave half of each page of the usual 4 kB empty. */
export function pageForAnswers(db: Database.Database): void {
  db.pragma('page_size = 16384')
}

/** Requests of one batch that the numbering of places has room for. */
export const PLACES = 2 ** 24
