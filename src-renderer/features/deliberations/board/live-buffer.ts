/** What is known of a call that runs now, apart from its text. */
export interface LiveView {
  readonly state: 'queued' | 'running' | 'retrying' | 'ended'
  readonly since: number
  readonly attempt: number
  readonly error: string | null
  readonly retryAt: number | null
  readonly firstTextAt: number | null
  readonly length: number
  /** Mean since this call's first character; null before there is enough of it. */
  readonly charactersPerSecond: number | null
}

/** A running call's text and state as they were last heard of. */
export interface LiveBuffer {
  text: string
  /** Characters already handed to the followers. */
  shown: number
  reset: boolean
  state: LiveView['state']
  since: number
  attempt: number
  error: string | null
  retryAt: number | null
  firstTextAt: number | null
  lastTextAt: number | null
  view: LiveView
  viewAt: number
  /** State of the view, without its numbers, is out of date. */
  stale: boolean
}

export function emptyBuffer(): LiveBuffer {
  const buffer: Omit<LiveBuffer, 'view'> = {
    text: '',
    shown: 0,
    reset: false,
    state: 'queued',
    since: 0,
    attempt: 1,
    error: null,
    retryAt: null,
    firstTextAt: null,
    lastTextAt: null,
    viewAt: 0,
    stale: true,
  }
  return { ...buffer, view: viewOf(buffer) }
}

export function viewOf(buffer: Omit<LiveBuffer, 'view'>): LiveView {
  const { state, since, attempt, error, retryAt, firstTextAt, lastTextAt } = buffer
  const spanMs = firstTextAt === null || lastTextAt === null ? 0 : lastTextAt - firstTextAt
  return {
    state,
    since,
    attempt,
    error,
    retryAt,
    firstTextAt,
    length: buffer.text.length,
    charactersPerSecond: spanMs < 500 ? null : (buffer.text.length * 1000) / spanMs,
  }
}
