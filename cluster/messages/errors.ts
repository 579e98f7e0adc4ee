import * as z from 'zod'

/** Why a command was not done: one set of codes on the bridge, in commands and over HTTP. */
export const errorCode = z.enum([
  'invalid-input',
  'unauthorized',
  'forbidden',
  'not-found',
  'expired',
  'conflict',
  'overloaded',
  'over-budget',
  'unavailable',
  'internal',
])
export type ErrorCode = z.infer<typeof errorCode>

export const errorDetails = z.object({
  /** The input field that was refused, as a dotted path. */
  field: z.string().optional(),
  retry_after_ms: z.int().nonnegative().optional(),
})
export type ErrorDetails = Readonly<z.infer<typeof errorDetails>>

/** A "no" as it travels. */
export const commandError = z.object({ code: errorCode, message: z.string(), ...errorDetails.shape })
export type CommandError = z.infer<typeof commandError>
