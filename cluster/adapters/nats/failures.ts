import { ErrorCode, NatsError } from 'nats.ws'

/** The connection was cut while an answer was awaited: what was asked may or may not have been done. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/** JetStream did not do what was asked. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** The server's own, such as 10071. */
  readonly code: number

  constructor(code: number, description: string) {
    super(description)
    this.code = code
  }
}

const TEMPORARILY_UNAVAILABLE = 10008
const STREAM_NOT_MADE = 10049
const WRONG_LAST_ID = 10070
const WRONG_LAST_SEQUENCE = 10071
const STORE_FAILED = 10077
const NO_MESSAGE = 10037
const NOT_FOUND = [10014, 10059, NO_MESSAGE]

const passingCodes: readonly string[] = [
  ErrorCode.Timeout,
  ErrorCode.NoResponders,
  ErrorCode.Disconnect,
  ErrorCode.Cancelled,
  ErrorCode.ConnectionRefused,
]

/** True for what may succeed when it is tried again: the server is restarting, busy or was cut off. */
export function isPassing(error: unknown): boolean {
  if (error instanceof Interrupted || apiCode(error) === TEMPORARILY_UNAVAILABLE || isBeingMade(error)) return true
  return error instanceof NatsError && !error.api_error && passingCodes.includes(error.code)
}

/** True while the server still makes the stream for an earlier request, of which no answer came in time. */
function isBeingMade(error: unknown): boolean {
  return apiCode(error) === STREAM_NOT_MADE && /creating store/.test(reasonOf(error))
}

/** The subject's last sequence if a publish was refused because another one was expected; undefined for any other error. */
export function actualSequence(error: unknown): number | undefined {
  if (apiCode(error) !== WRONG_LAST_SEQUENCE) return undefined
  return Number(/(\d+)$/.exec(reasonOf(error))?.[1])
}

/** True if a publish was refused because it expected another message id before it. */
export function isWrongLastId(error: unknown): boolean {
  return apiCode(error) === WRONG_LAST_ID
}

/** True if a stream that discards new messages has no room. */
export function isFull(error: unknown): boolean {
  return apiCode(error) === STORE_FAILED && /maximum (messages|bytes) exceeded/.test(reasonOf(error))
}

/** True if the stream, consumer or message asked for does not exist. */
export function isNotFound(error: unknown): boolean {
  const code = apiCode(error)
  return code !== undefined && NOT_FOUND.includes(code)
}

/** What the server says, in one line. */
export function reasonOf(error: unknown): string {
  if (error instanceof NatsError) return error.api_error?.description ?? (error.message || error.code)
  return error instanceof Error ? error.message : String(error)
}

function apiCode(error: unknown): number | undefined {
  if (error instanceof Refusal) return error.code
  return error instanceof NatsError ? error.api_error?.err_code : undefined
}
