/** What a value may take as JSON. */
export const MAX_VALUE_BYTES = 1024 * 1024

export interface StateEntry {
  readonly key: string
  /** JSON value; parsed by whoever owns the key. */
  readonly value: unknown
  /** Grows with every write of this key, also after a removal; 0 never occurs. */
  readonly revision: number
}

export type PutResult =
  { readonly kind: 'stored'; readonly revision: number } | { readonly kind: 'conflict'; readonly actual: number }

export type StateChange =
  { readonly kind: 'put'; readonly entry: StateEntry } | { readonly kind: 'removed'; readonly key: string }

/** Small settings and registries: JSON values up to 1 MiB under dotted keys. */
export interface SmallState {
  get(key: string): Promise<StateEntry | undefined>
  /** All entries whose key starts with `prefix`, by key. */
  list(prefix: string): Promise<readonly StateEntry[]>
  /**
   * `expected`: the revision last seen, 0 = must not exist, 'any' = overwrite. Rejects with RangeError if `value` is no JSON or
   * longer than MAX_VALUE_BYTES.
   */
  put(key: string, value: unknown, expected: number | 'any'): Promise<PutResult>
  /** False if there was nothing to remove. */
  remove(key: string): Promise<boolean>
  /** Changes under `prefix` from this call on, until `signal` aborts. A slow reader gets the latest of each key. */
  watch(prefix: string, signal: AbortSignal): AsyncIterable<StateChange>
}
