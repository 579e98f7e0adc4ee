/** Makes secrets that are told once, and what is kept of them. */
export interface KeyMaker {
  make(): { readonly id: string; readonly key: string; readonly sha256: string }
  /** The SHA-256 of a key, in hex. A key has more chance in it than any list of guesses, so no salt is needed. */
  digest(key: string): string
}
