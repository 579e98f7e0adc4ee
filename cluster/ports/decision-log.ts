/** What the gateway did with one request that it passed on. `caller`: `owner` or the id of a key. `latency_ms` until the last byte. */
export interface Decision {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly caller: string
  readonly endpoint: string
  readonly model: string
  readonly engine: string
  readonly status: number
  readonly stream: boolean
  readonly tokens_in: number
  readonly tokens_out: number
  readonly latency_ms: number
}

/** Takes records at once and writes them later, in batches; more than it can hold are counted and left out. */
export interface DecisionLog {
  add(decision: Decision): void
  /** The last ones, newest first. */
  recent(limit: number): readonly Decision[]
  /** Writes what is left. */
  stop(): Promise<void>
}
