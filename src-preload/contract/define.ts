import type * as z from 'zod'

/** One question, one answer. */
export interface Call<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly kind: 'call'
  readonly input: I
  readonly output: O
  /** Whether a call with this input changes anything beyond what the operator sees; absent: none does. */
  changes?(input: z.output<I>): boolean
}

/** One question, many answers until either side stops. The first item is always a snapshot, so a stream can start again at any time. */
export interface Stream<I extends z.ZodType = z.ZodType, T extends z.ZodType = z.ZodType> {
  readonly kind: 'stream'
  readonly input: I
  readonly item: T
}

/** Feature → method → shape. */
export type Contract = Readonly<Record<string, Readonly<Record<string, Call | Stream>>>>

export function call<I extends z.ZodType, O extends z.ZodType>(input: I, output: O): Call<I, O> {
  return { kind: 'call', input, output }
}

/** A call that changes something, with every input or those that `changes` tells: read-only mode refuses it. */
export function command<I extends z.ZodType, O extends z.ZodType>(
  input: I,
  output: O,
  changes: (input: z.output<I>) => boolean = () => true,
): Call<I, O> {
  return { kind: 'call', input, output, changes }
}

export function stream<I extends z.ZodType, T extends z.ZodType>(input: I, item: T): Stream<I, T> {
  return { kind: 'stream', input, item }
}

/**
 * What the page sees. Failures are `ConsoleError`s. Aborting the signal rejects a call with the signal's reason and ends a
 * stream quietly.
 */
export type Client<C extends Contract> = {
  readonly [F in keyof C]: {
    readonly [M in keyof C[F]]: C[F][M] extends Call<infer I, infer O>
      ? (input: z.input<I>, signal?: AbortSignal) => Promise<z.output<O>>
      : C[F][M] extends Stream<infer I, infer T>
        ? (input: z.input<I>, signal?: AbortSignal) => AsyncIterable<z.output<T>>
        : never
  }
}

/** What the host implements. The signal aborts when the page cancels or goes away; a handler must then stop. */
export type Handlers<C extends Contract> = {
  readonly [F in keyof C]: {
    readonly [M in keyof C[F]]: C[F][M] extends Call<infer I, infer O>
      ? (input: z.output<I>, signal: AbortSignal) => Promise<z.input<O>>
      : C[F][M] extends Stream<infer I, infer T>
        ? (input: z.output<I>, signal: AbortSignal) => AsyncIterable<z.input<T>>
        : never
  }
}
