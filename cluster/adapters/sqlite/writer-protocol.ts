import type { AppendResult } from '../../ports/event-log.ts'
import type { PutResult } from '../../ports/small-state.ts'
import type { QueueSteps } from '../local/queue-steps.ts'
import type { Failure } from './failures.ts'

export interface LogSteps {
  append: { input: { subject: string; expected: number; events: string }; output: AppendResult }
  purge: { input: { subject: string; tombstone: string }; output: number }
  /** Everything that is wrong with the file; writes wait meanwhile. */
  check: { input: object; output: readonly string[] }
}

export interface StateSteps {
  put: { input: { key: string; value: string; expected: number | 'any' }; output: PutResult }
  remove: { input: { key: string }; output: boolean }
}

/** All that the writer thread does to a context's database. */
export interface ContextSteps extends LogSteps, StateSteps, QueueSteps {}

/** Steps by name, with what each takes and gives. */
export type StepsOf<S> = { readonly [Name in keyof S]: { readonly input: unknown; readonly output: unknown } }

/** The steps as functions over an open database. */
export type Handlers<S extends StepsOf<S>> = { readonly [Name in keyof S]: (input: S[Name]['input']) => S[Name]['output'] }

export interface StepRequest {
  readonly step: string
  readonly input: unknown
}

interface Opening {
  readonly file: string
  readonly busyTimeoutMs: number
  /** The file never grows beyond this. */
  readonly databaseBytes: number | null
  /** An earlier thread of this process had the file open: leases are still held, by readers that live. */
  readonly isRestart?: boolean
}

/** What a thread is started with: which database it writes. */
export type WriterData =
  | (Opening & {
      readonly store: 'context'
      readonly queueBounds: Readonly<Record<string, { readonly items: number; readonly deadLetters: number }>>
      /** Milliseconds since the epoch. */
      readonly startedAt: number
    })
  | (Opening & { readonly store: 'batches' })

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
