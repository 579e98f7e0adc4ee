import type { Database } from 'better-sqlite3'
import type { EventEnvelope } from '../../messages/envelope.ts'

/** Where an event stands: entry `sequence` of the log, event `index` in it. */
export interface EventPosition {
  readonly subject: string
  readonly sequence: number
  readonly index: number
}

/** Gives a table its real name, which differs between versions of a model. */
export type TableName = (table: string) => string

/**
 * Applies one event and names the keys whose rows it changed: none for a type it does not know, such as one of a newer version.
 * What it throws stops the model at this event.
 */
export type Fold = (event: EventEnvelope, position: EventPosition) => readonly string[]

/** Tables folded from the log, and the questions they answer. */
export interface ReadModel<Queries> {
  /** Lower case letters and underscores; part of the tables' names. */
  readonly name: string
  /** Raise it with every change to tables or fold: the tables are then built anew beside the old ones. */
  readonly version: number
  /** CREATE statements; every name in them starts with a name that `t` gave. */
  tables(t: TableName): string
  /** Prepares its statements once. Never reads outside its tables, so that folding again gives the same rows. */
  fold(db: Database, t: TableName): Fold
  /** Over a read-only connection. Called again when other tables serve; over tables of an older version it may throw. */
  queries(db: Database, t: TableName): Queries
}

/** Rows of a model that serve now differ from before: those of `keys`, or all because other tables took over. */
export interface ModelChange {
  readonly model: string
  readonly keys: ReadonlySet<string> | 'all'
  /** Folded up to this entry. */
  readonly sequence: number
}

/**
 *   catching-up ─▶ live ─▶ waiting (log or disk out of reach) ─▶ catching-up …
 *        └───────────┴─▶ failed (an event cannot be applied, or the log or the tables are damaged)
 */
export type ModelState = 'catching-up' | 'live' | 'waiting' | 'failed'

export interface ModelStatus {
  readonly model: string
  readonly state: ModelState
  /** Why it waits or failed, in words for people; else empty. */
  readonly detail: string
  readonly version: number
  /** Differs from `version` while the tables of an earlier version serve. */
  readonly servingVersion: number
  /** Folded up to this entry of the log. */
  readonly sequence: number
  /** Sequences between it and the end of the log; null if the log cannot be asked. */
  readonly lag: number | null
}

/** A model that stopped or has to wait. `position` is that of the event it could not apply, if that was the cause. */
export interface ModelFault {
  readonly model: string
  readonly state: 'waiting' | 'failed'
  readonly detail: string
  readonly position: EventPosition | null
  readonly cause: unknown
}

export interface ModelHandle<Queries> {
  /** The questions, over the tables that serve now: ask for them each time. */
  queries(): Queries
  /** Resolves when the serving tables hold everything up to `sequence`; rejects with UnavailableError if the model stops before. */
  caughtUpWith(sequence: number): Promise<void>
  status(): Promise<ModelStatus>
}
