import * as z from 'zod'

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

/** An expected failure: code, message and details cross the bridge as they are. Anything else arrives as `internal`. */
export class ConsoleError extends Error {
  override readonly name = 'ConsoleError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.details = details
  }
}
