import type { AppendResult } from '../../ports/event-log.ts'
import type { PutResult } from '../../ports/small-state.ts'
import type { QueueSteps } from '../local/queue-steps.ts'
import type { Failure } from './failures.ts'

export interface LogSteps {
  append: { input: { subject: string; expected: number; events: string }; output: AppendResult }
  purge: { input: { subject: string; tombstone: string }; output: number }
}

export interface StateSteps {
  put: { input: { key: string; value: string; expected: number | 'any' }; output: PutResult }
  remove: { input: { key: string }; output: boolean }
}

/** All that the writer thread does to the database. */
export interface WriterSteps extends LogSteps, StateSteps, QueueSteps {}

export type StepName = keyof WriterSteps

/** The steps as functions over an open database. */
export type Handlers<Steps extends Partial<WriterSteps>> = {
  readonly [S in keyof Steps & StepName]: (input: WriterSteps[S]['input']) => WriterSteps[S]['output']
}

export type StepRequest<S extends StepName = StepName> = {
  [Name in S]: { readonly step: Name; readonly input: WriterSteps[Name]['input'] }
}[S]

/** What the thread is started with. */
export interface WriterData {
  readonly file: string
  readonly busyTimeoutMs: number
  /** The file never grows beyond this. */
  readonly databaseBytes: number | null
  readonly queueBounds: Readonly<Record<string, { readonly items: number; readonly deadLetters: number }>>
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

/** To the thread: a batch to run in one transaction, or the end. */
export type ToWriter = { readonly kind: 'batch'; readonly requests: readonly StepRequest[] } | { readonly kind: 'close' }

/**
 * From the thread: `opened` or `refused` first, then a reply to each batch in order. `outputs` are in the order of the requests;
 * `failures` maps the index of a request that failed to the reason (its output means nothing).
 */
export type FromWriter =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'batch'; readonly outputs: readonly unknown[]; readonly failures: ReadonlyMap<number, Failure> }
