/** What an answer that is a refusal says, and what no answer means, in codes that group. */
export interface RequestFailure {
  readonly code: string
  readonly message: string
  /** The upstream's own words. */
  readonly cause: string | null
}

const LONGEST_CAUSE = 500

/** A refusal by its status. */
export function failureOfStatus(status: number, body: string): RequestFailure {
  const cause = saidIn(body)
  const because = cause === null ? '' : `: ${cause}`
  return { code: codeOfStatus(status, body), message: `The engine answered ${status}${because}`, cause }
}

/** Whether a 404 says that the model is not there, rather than that the address is wrong. */
export function saysModelIsAbsent(status: number, body: string): boolean {
  return status === 404 && /model/i.test(body)
}

/** Statuses with which a gateway or a server says that there is nobody to answer. */
export function saysEngineIsAway(status: number): boolean {
  return status === 502 || status === 503 || status === 504
}

function codeOfStatus(status: number, body: string): string {
  if (status === 429) return 'rate_limited'
  if (status === 408 || status === 499) return 'request_timeout'
  if (status === 401 || status === 403) return 'unauthorized'
  if (saysModelIsAbsent(status, body)) return 'model_not_found'
  if (status >= 500) return 'server_error'
  return 'invalid_request'
}

/** The message of an error in OpenAI's shape, or the beginning of whatever it is. */
function saidIn(body: string): string | null {
  const found = /"message"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(body.slice(0, 10_000))?.[1]
  const text = found === undefined ? body.trim() : unquoted(found)
  return text === '' ? null : text.slice(0, LONGEST_CAUSE)
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}
