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

/** What is wrong with a message, and with which of its fields. */
export function invalidInput(error: z.ZodError): CommandError {
  const [issue] = error.issues
  const path = [...(issue?.path ?? []), ...(issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])]
  return { code: 'invalid-input', message: z.prettifyError(error), ...(path.length > 0 && { field: path.map(String).join('.') }) }
}
