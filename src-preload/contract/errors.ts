import type { ErrorCode, ErrorDetails } from '../../cluster/messages/errors.ts'

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
