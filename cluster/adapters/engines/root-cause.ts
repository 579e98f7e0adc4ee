/** The innermost code or message of an error, such as ECONNREFUSED. */
export function rootCause(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  if (cause.cause !== undefined) return rootCause(cause.cause)
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}
