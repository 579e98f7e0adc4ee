import type { EventEnvelope } from '../messages/envelope.ts'

/** One atomic append: its sequence in the log, its subject, and the events in order. A position is (sequence, index). */
export interface LogEntry {
  readonly sequence: number
  readonly subject: string
  readonly events: readonly EventEnvelope[]
}

export type AppendResult =
  | { readonly kind: 'appended'; readonly sequence: number }
  /** Another writer was first; `actual` is the subject's last sequence now. */
  | { readonly kind: 'conflict'; readonly actual: number }

/** What an entry may take as JSON; larger things go to the blob store and travel as references. */
export const MAX_ENTRY_BYTES = 1024 * 1024

/** The append-only log: the truth of the system. */
export interface EventLog {
  /**
   * Stores `events` (at least one) as one entry on `subject` if the subject's last entry has sequence `expected` (0 = none).
   * Durable when the promise resolves. Rejects with UnavailableError if the store cannot be written, and with RangeError if
   * `events` is empty or longer than MAX_ENTRY_BYTES as JSON.
   */
  append(subject: string, expected: number, events: readonly EventEnvelope[]): Promise<AppendResult>
  /** All entries of one subject, oldest first; empty for a subject never written. */
  readSubject(subject: string): Promise<readonly LogEntry[]>
  /** Up to `limit` entries after `sequence` over all subjects, oldest first. */
  readAfter(sequence: number, limit: number): Promise<readonly LogEntry[]>
  /** Sequence of the newest entry, 0 for an empty log. */
  lastSequence(): Promise<number>
  /** Every entry after `sequence`, those stored and then those to come, in order, until `signal` aborts. */
  follow(sequence: number, signal: AbortSignal): AsyncIterable<LogEntry>
  /** Removes the subject's entries and appends `tombstone` as its only entry, at the sequence it resolves to. The only deletion there is. */
  purge(subject: string, tombstone: EventEnvelope): Promise<number>
}
