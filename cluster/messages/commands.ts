import * as z from 'zod'
import { commandError, type ErrorCode } from './errors.ts'

/** One thing that can be asked of a plane: what goes in, what comes back, and which refusals to expect beside the general ones. */
export interface Command<I extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly summary: string
  readonly input: I
  readonly reply: R
  /** Its reply is kept for a day and given again to a repeated id. A submit needs no keeping: the command's id names its run. */
  readonly remembered: boolean
  readonly errors: readonly ErrorCode[]
}

export type Commands = Readonly<Record<string, Command>>

export function command<I extends z.ZodType, R extends z.ZodType>(shape: Command<I, R>): Command<I, R> {
  return shape
}

/** Refusals that any command may get. */
export const GENERAL_ERRORS: readonly ErrorCode[] = [
  'invalid-input',
  'unauthorized',
  'forbidden',
  'conflict',
  'unavailable',
  'internal',
]

/** Visible ASCII, long enough not to be used twice by chance. */
export const commandId = z.string().regex(/^[\x21-\x7e]{8,100}$/, '8 to 100 visible ASCII characters')

/** What travels on `signalbox.cmd.<capability>.<verb>`. */
export const commandRequest = z.strictObject({ command_id: commandId, input: z.unknown() })

/** The answer to it: one of the two. */
export type Answered<R = unknown> = { readonly ok: R } | { readonly error: CommandErrorShape }
type CommandErrorShape = z.infer<typeof commandError>

/** The same on the wire. */
export const commandReply = z.union([z.strictObject({ ok: z.unknown() }), z.strictObject({ error: commandError })])

/** Where the command called `capability.verb` is asked for. */
export function commandSubject(name: string): string {
  return `signalbox.cmd.${name}`
}
